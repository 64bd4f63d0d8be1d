// The way back: what a companion program answers, and what a person asks for through it. Fixed layouts in a pipe, read and written in this one file.
// Whoever sends them may be wrong or hostile: nothing here trusts a length, and what is no message is passed over.

/// What a person asks for, by name.
package struct CompanionCommand: Equatable, Sendable {
    /// What is asked for.
    package enum Kind: UInt16, Sendable {
        /// I have seen them: all alarms, or the one that the argument names.
        case acknowledge = 1
        /// The sound pauses (`begin`) or goes on (`end`).
        case pause = 2
        /// Alarms are switched off (`begin`) or on (`end`).
        case off = 3
        /// Limits of an alert.
        case limits = 4
        /// Another patient comes, this one goes, an exam is taken.
        case admit = 5
        case discharge = 6
        case exam = 7
        /// Not a person's: the program has begun, and is to be told everything from the beginning. For one that somebody else starts.
        case begin = 8
        /// The program's own words for whoever sits at the session, its one argument: what hinders it. No reply.
        case say = 9
        /// Somebody begins to look at the patient, or has stopped (`begin`, `end`): for the log alone.
        case look = 10
        /// Where the program shows the session: a URL for a person to open, its one argument. No reply.
        case open = 11

        package var name: String {
            switch self {
            case .acknowledge: "acknowledge"
            case .pause: "pause"
            case .off: "off"
            case .limits: "limits"
            case .admit: "admit"
            case .discharge: "discharge"
            case .exam: "exam"
            case .begin: "begin"
            case .say: "say"
            case .look: "look"
            case .open: "open"
            }
        }
    }

    /// What became of a command.
    package enum Result: UInt16, Sendable {
        case done = 0
        /// The session does not know the command.
        case unknown = 1
        /// It cannot be done now, or by this session.
        case notPossible = 2
        /// An argument is not possible, or nobody is named.
        case wrong = 3
        /// Too many commands wait.
        case busy = 4

        /// The stable name, as lines have it.
        package var name: StaticString {
            switch self {
            case .done: "done"
            case .unknown: "unknown"
            case .notPossible: "notPossible"
            case .wrong: "wrong"
            case .busy: "busy"
            }
        }
    }

    /// The sender's number; the answer has it.
    package var id: UInt64
    /// A ``Kind``'s number; others are answered too.
    package var number: UInt16
    /// Who asks, as the log shall have it.
    package var who: String
    package var arguments: [String]

    package init(id: UInt64, _ kind: Kind, who: String, _ arguments: [String] = []) {
        self.id = id
        number = kind.rawValue
        self.who = who
        self.arguments = arguments
    }

    package var kind: Kind? { Kind(rawValue: number) }

    /// The command with its arguments, for a person.
    package var words: String { ([kind?.name ?? "command \(number)"] + arguments).joined(separator: " ") }

    package static let headerBytes = 24
    /// The longest texts of a command together, in bytes.
    package static let longest = 4096
    static let magic: UInt32 = 0x4D43_4C50

    /// The command's bytes in a pipe; texts are cut where they pass 65535 bytes.
    package var packed: [UInt8] {
        var texts: [UInt8] = []
        for text in [who] + arguments {
            let bytes = Array(text.utf8.prefix(65535))
            withUnsafeBytes(of: UInt16(bytes.count).littleEndian) { texts += $0 }
            texts += bytes
        }
        var bytes = [UInt8](repeating: 0, count: Self.headerBytes)
        bytes.withUnsafeMutableBytes { room in
            room.storeBytes(of: Self.magic.littleEndian, as: UInt32.self)
            room.storeBytes(of: UInt32(texts.count).littleEndian, toByteOffset: 4, as: UInt32.self)
            room.storeBytes(of: id.littleEndian, toByteOffset: 8, as: UInt64.self)
            room.storeBytes(of: number.littleEndian, toByteOffset: 16, as: UInt16.self)
            room.storeBytes(of: UInt16(arguments.count).littleEndian, toByteOffset: 18, as: UInt16.self)
        }
        return bytes + texts
    }

    /// Reads what ``packed`` gave; nil if these are not exactly the bytes of a command.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerBytes, UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) == Self.magic,
            Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))) == bytes.count - Self.headerBytes,
            bytes.count - Self.headerBytes <= Self.longest
        else { return nil }
        id = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        number = UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt16.self))
        let count = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 18, as: UInt16.self)))
        var texts: [String] = []
        var start = Self.headerBytes
        while texts.count <= count {
            guard bytes.count - start >= 2 else { return nil }
            let length = Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: UInt16.self)))
            guard bytes.count - start - 2 >= length else { return nil }
            texts.append(String(decoding: bytes[(start + 2)..<(start + 2 + length)], as: UTF8.self))
            start += 2 + length
        }
        guard start == bytes.count else { return nil }
        who = texts[0]
        arguments = Array(texts.dropFirst())
    }

    /// The payload of a message ``CompanionMessage/Kind/reply``, whose number is the command's.
    package static func reply(_ result: Result, _ words: String) -> [UInt8] {
        withUnsafeBytes(of: result.rawValue.littleEndian) { Array($0) } + Array(words.utf8)
    }
}

/// Takes the bytes of the way back apart.
package struct CompanionInput {
    package enum Item: Equatable {
        case answer(CompanionAnswer)
        case command(CompanionCommand)
    }

    private var bytes: [UInt8] = []
    private var start = 0
    /// Bytes that were no message.
    package private(set) var skipped: UInt64 = 0

    package init() {}

    package mutating func append(_ more: ArraySlice<UInt8>) {
        bytes.removeSubrange(..<start)
        start = 0
        bytes += more
    }

    /// The next message; nil until more bytes come.
    package mutating func next() -> Item? {
        while bytes.count - start >= 4 {
            let count = length()
            guard let count else {
                start += 1
                skipped += 1
                continue
            }
            guard bytes.count - start >= count else { return nil }
            let item = bytes.withUnsafeBytes { Self.item(UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
            guard let item else {
                start += 1
                skipped += 1
                continue
            }
            start += count
            return item
        }
        return nil
    }

    /// The length of the message that begins here, or of its header where that is not whole; nil where none begins.
    private func length() -> Int? {
        bytes.withUnsafeBytes { bytes in
            let here = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let magic = UInt32(littleEndian: here.loadUnaligned(as: UInt32.self))
            if magic == CompanionAnswer.magic { return CompanionAnswer.byteCount }
            guard magic == CompanionCommand.magic else { return nil }
            guard here.count >= CompanionCommand.headerBytes else { return CompanionCommand.headerBytes }
            let count = Int(UInt32(littleEndian: here.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            return count <= CompanionCommand.longest ? CompanionCommand.headerBytes + count : nil
        }
    }

    private static func item(_ bytes: UnsafeRawBufferPointer) -> Item? {
        if let answer = CompanionAnswer(bytes) { return .answer(answer) }
        return CompanionCommand(bytes).map { .command($0) }
    }
}
