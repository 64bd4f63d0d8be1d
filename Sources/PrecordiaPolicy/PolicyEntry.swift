// The values of a policy's text, each with its place, and the errors that name it.
// Apart from what the values mean: here is only how they are fetched and refused.

import CPrecordiaTOML
import PrecordiaHost

/// A value of a policy's text.
struct PolicyEntry {
    enum Value {
        case text(String)
        case whole(Int)
        case number(Double)
        case boolean(Bool)
        case table
        /// A list of so many.
        case array(Int)
        case other
    }

    var path: [String]
    var value: Value
    var line: Int
    var column: Int

    /// Reads a TOML text; `file` is its name for errors.
    static func read(_ text: String, file: String) throws(RuntimeError) -> [PolicyEntry] {
        let toml = text.utf8Bytes { bytes in
            bytes.baseAddress.flatMap { precordia_toml_read($0.assumingMemoryBound(to: CChar.self), bytes.count) }
        }
        guard let toml else { throw .badPolicy(file: file, line: 1, column: 1, problem: "there is not enough memory to read it") }
        defer { precordia_toml_free(toml) }
        var line: UInt32 = 0, column: UInt32 = 0
        if let problem = precordia_toml_problem(toml, &line, &column) {
            throw .badPolicy(file: file, line: Int(line), column: Int(column), problem: "is no TOML: " + String(cString: problem))
        }
        return (0..<precordia_toml_count(toml)).map { PolicyEntry(precordia_toml_at(toml, $0).pointee) }.filter { !$0.path.isEmpty }
    }

    private init(_ entry: precordia_toml_entry) {
        var place = entry.path!
        path = (0..<entry.keys).map { _ in
            let key = String(cString: place)
            place += key.utf8.count + 1
            return key
        }
        line = Int(entry.line)
        column = Int(entry.column)
        switch Int(entry.kind) {
        case PRECORDIA_TOML_TEXT: value = .text(String(cString: entry.text))
        case PRECORDIA_TOML_INTEGER: value = .whole(Int(entry.integer))
        case PRECORDIA_TOML_NUMBER: value = .number(entry.number)
        case PRECORDIA_TOML_BOOLEAN: value = .boolean(entry.number != 0)
        case PRECORDIA_TOML_TABLE: value = .table
        case PRECORDIA_TOML_ARRAY: value = .array(Int(entry.integer))
        default: value = .other
        }
    }

    /// What stands there, for an error.
    var shown: String {
        switch value {
        case .text(let text): "\"\(text)\""
        case .whole(let number): "\(number)"
        case .number(let number): "\(number)"
        case .boolean(let boolean): "\(boolean)"
        case .table: "a table"
        case .array(let count): "a list of \(count)"
        case .other: "a date or time"
        }
    }

    func error(_ file: String, _ problem: String) -> RuntimeError {
        .badPolicy(file: file, line: line, column: column, problem: problem)
    }

    /// The error of a value that is none of what would be right.
    func refused(_ file: String, _ right: String) -> RuntimeError {
        error(file, "\(path.joined(separator: ".")) = \(shown): not possible; \(right) would be right")
    }

    func text(_ file: String, _ right: String) throws(RuntimeError) -> String {
        guard case .text(let text) = value else { throw refused(file, right) }
        return text
    }

    func boolean(_ file: String) throws(RuntimeError) -> Bool {
        guard case .boolean(let boolean) = value else { throw refused(file, "true or false") }
        return boolean
    }

    /// A number of a range.
    func number(_ file: String, _ range: ClosedRange<Double>, _ right: String) throws(RuntimeError) -> Double {
        let number: Double
        switch value {
        case .whole(let whole): number = Double(whole)
        case .number(let given): number = given
        default: throw refused(file, right)
        }
        guard range.contains(number) else { throw refused(file, right) }
        return number
    }

    /// A whole number of a range.
    func whole(_ file: String, _ range: ClosedRange<Int>, _ unit: String = "") throws(RuntimeError) -> Int {
        let right = "a whole number from \(range.lowerBound) to \(range.upperBound)\(unit)"
        guard case .whole(let number) = value, range.contains(number) else { throw refused(file, right) }
        return number
    }

    func priority(_ file: String) throws(RuntimeError) -> UInt8 {
        let names = ["none", "information", "low", "medium", "high"]
        guard let index = names.firstIndex(of: try text(file, "one of none, information, low, medium, high")) else {
            throw refused(file, "one of none, information, low, medium, high")
        }
        return UInt8(index)
    }
}
