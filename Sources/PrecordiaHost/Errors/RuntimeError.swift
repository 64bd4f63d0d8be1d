// Everything that can go wrong around the engine, in words for the person at the cart.
// One flat list, so that a program can tell the cases apart by name and a person by text.

/// An error of a session: what was wrong, where, its value, and what would be right.
package enum RuntimeError: Error, Equatable {
    /// A file cannot be opened or read; `reason` is the system's.
    case cannotRead(file: String, reason: String)
    /// A file cannot be created or written; `reason` is the system's.
    case cannotWrite(file: String, reason: String)
    /// A recorded exam that does not hold together; `problem` names place, value and what would be right.
    case badRecord(file: String, problem: String)
    /// A model file that the engine refuses.
    case badModel(file: String, problem: String)
    /// A table of labels that does not hold together, or fits nothing; `problem` names line, value and what would be right.
    case badTable(file: String, problem: String)
    /// An engine cannot be made for a stream: its rate, hop or filters.
    case badStream(file: String, problem: String)
    /// A setting of the command, such as a rhythm's name.
    case badSetting(name: String, value: String, allowed: String)
    /// A device or its line cannot be used; `problem` says why and what would be right.
    case badSource(source: String, problem: String)
    /// A policy that is no TOML, or says what cannot be; `problem` names value and what would be right.
    case badPolicy(file: String, line: Int, column: Int, problem: String)
    /// A person or the system ended the program before this file was done.
    case interrupted(file: String)
    /// Whoever read the output has gone; nothing more is to be said.
    case outputClosed
    /// A device was watched, and nothing could be shown, for this reason, nor heard.
    case unattended(reason: String)

    /// A stable name of the case.
    package var name: String {
        switch self {
        case .cannotRead: "cannotRead"
        case .cannotWrite: "cannotWrite"
        case .badRecord: "badRecord"
        case .badModel: "badModel"
        case .badTable: "badTable"
        case .badStream: "badStream"
        case .badSetting: "badSetting"
        case .badSource: "badSource"
        case .badPolicy: "badPolicy"
        case .interrupted: "interrupted"
        case .outputClosed: "outputClosed"
        case .unattended: "unattended"
        }
    }
}

extension RuntimeError: CustomStringConvertible {
    /// One line without a full stop: "file: what, value; what would be right".
    package var description: String {
        switch self {
        case .cannotRead(let file, let reason): "\(file): cannot be read, \(reason)"
        case .cannotWrite(let file, let reason): "\(file): cannot be written, \(reason)"
        case .badRecord(let file, let problem), .badModel(let file, let problem), .badTable(let file, let problem),
            .badStream(let file, let problem):
            "\(file): \(problem)"
        case .badPolicy(let file, let line, let column, let problem): "\(file):\(line):\(column): \(problem)"
        case .badSource(let source, let problem): "\(source): \(problem)"
        case .badSetting(let name, let value, let allowed): "\(name) \(value): not possible; \(allowed)"
        case .interrupted(let file): "\(file): interrupted before its end"
        case .outputClosed: "standard output: closed by its reader"
        case .unattended(let reason): "\(reason); nothing is seen and nothing is known to be heard: nobody watches, the session has ended"
        }
    }
}
