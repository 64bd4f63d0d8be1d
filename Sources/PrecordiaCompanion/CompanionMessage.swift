// What a session says to a companion program, such as the one that keeps its log, and what that answers: fixed layouts in a pipe.
// Both programs are built from it, and a version in every message keeps an old one from misreading a new one.

package import PrecordiaSignal

/// A message from a session to its recorder.
package struct CompanionMessage {
    /// What a message is.
    package enum Kind: UInt16, Sendable {
        /// The first of a connection: a ``Hello``.
        case hello = 1
        /// A line of JSON, with its line feed; ``CompanionMessage/number`` is its own, one more for each, lost ones included.
        case line = 2
        /// A stream begins: ``CompanionMessage/pack(_:into:)``'s bytes of its format.
        case stream = 3
        /// Frames, ``frameBytes`` each.
        case frames = 4
        /// The session ends as it should.
        case goodbye = 5
        /// A line that is not kept but explains those that are: an answer of the classifier, a heart rate.
        case context = 6
        /// The answer to a command, whose id ``CompanionMessage/number`` is: ``CompanionCommand/reply(_:_:)``.
        case reply = 7
        /// A line of the board: everything that is true now, for a program that was started anew or has missed something. The first one and the last one are
        /// empty; between them stand lines as docs/events.md has them, without times. Whoever has got the last one forgets what it knew before the first.
        case board = 8
        /// A sign of life of the engine's thread, each second: a ``Pulse``.
        case pulse = 9
        /// Frames to draw, after the display filters: ``CompanionMessage/pack(drawn:from:into:)``'s bytes.
        case drawn = 10
    }

    /// Who speaks, and which lines it will send again.
    package struct Hello: Equatable, Sendable {
        /// Random; the same after the recorder was started anew within a session.
        package var feed: UInt64
        /// Numbers of the first and the last line that are sent again; 1 and 0 where none is.
        package var first: UInt64
        package var last: UInt64

        package init(feed: UInt64, first: UInt64, last: UInt64) {
            self.feed = feed
            self.first = first
            self.last = last
        }

        /// Bytes that it takes: three numbers of 64 bits, little-endian.
        package static var byteCount: Int { 24 }

        package var packed: [UInt8] { [feed, first, last].flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } } }

        /// Reads what ``packed`` gave; nil if there is more or less of it.
        package init?(_ bytes: UnsafeRawBufferPointer) {
            guard bytes.count == Self.byteCount else { return nil }
            func number(_ place: Int) -> UInt64 { UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) }
            self.init(feed: number(0), first: number(8), last: number(16))
        }
    }

    /// What the companion has missed of this session so far. It is answered, so that one that hangs is found.
    package struct Pulse: Equatable, Sendable {
        package var linesMissed: UInt64
        package var framesMissed: UInt64

        package init(linesMissed: UInt64, framesMissed: UInt64) {
            self.linesMissed = linesMissed
            self.framesMissed = framesMissed
        }

        /// Bytes that it takes: two numbers of 64 bits, little-endian.
        package static var byteCount: Int { 16 }

        package var packed: [UInt8] {
            [linesMissed, framesMissed].flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
        }

        /// Reads what ``packed`` gave; nil if there is more or less of it.
        package init?(_ bytes: UnsafeRawBufferPointer) {
            guard bytes.count == Self.byteCount else { return nil }
            linesMissed = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
            framesMissed = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    package var kind: Kind
    /// The stream that a line or frames belong to; the first of a session is 1, 0 stands for none.
    package var stream: UInt32
    /// Of a line, its number in the session, from 1.
    package var number: UInt64
    /// Payload bytes behind the header.
    package var count: Int

    package static let version: UInt16 = 1
    package static let headerBytes = 32
    /// The longest payload, so that a damaged length is noticed.
    package static let longest = 1 << 20
    package static let frameBytes = 64
    package static let formatBytes = 152
    private static let magic: UInt32 = 0x474F_4C50

    package init(_ kind: Kind, stream: UInt32 = 0, number: UInt64 = 0, count: Int) {
        self.kind = kind
        self.stream = stream
        self.number = number
        self.count = count
    }

    /// Reads a header; nil if these are not the bytes of one of this version.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerBytes, bytes.loadUnaligned(as: UInt32.self) == Self.magic,
            bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self) == Self.version,
            let kind = Kind(rawValue: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
        else { return nil }
        self.kind = kind
        count = Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        stream = bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
        number = bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        guard count <= Self.longest else { return nil }
    }

    /// The header's bytes.
    package var header: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.headerBytes)
        bytes.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: Self.magic, as: UInt32.self)
            bytes.storeBytes(of: kind.rawValue, toByteOffset: 4, as: UInt16.self)
            bytes.storeBytes(of: Self.version, toByteOffset: 6, as: UInt16.self)
            bytes.storeBytes(of: UInt32(count), toByteOffset: 8, as: UInt32.self)
            bytes.storeBytes(of: stream, toByteOffset: 12, as: UInt32.self)
            bytes.storeBytes(of: number, toByteOffset: 16, as: UInt64.self)
        }
        return bytes
    }
}

extension CompanionMessage {
    /// Writes a frame's ``frameBytes`` bytes.
    package static func pack(_ frame: Frame, into bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: frame.index, as: UInt64.self)
        for lead in 0..<Lead.count { bytes.storeBytes(of: frame.counts[lead], toByteOffset: 8 + lead * 4, as: Int32.self) }
        bytes.storeBytes(of: frame.missing.rawValue, toByteOffset: 56, as: UInt16.self)
        bytes.storeBytes(of: frame.clipped.rawValue, toByteOffset: 58, as: UInt16.self)
        bytes.storeBytes(of: frame.off.rawValue, toByteOffset: 60, as: UInt16.self)
        bytes.storeBytes(of: 0, toByteOffset: 62, as: UInt16.self)
    }

    /// Reads what ``pack(_:into:)`` wrote.
    package static func frame(_ bytes: UnsafeRawPointer) -> Frame {
        var frame = Frame(index: bytes.loadUnaligned(as: UInt64.self))
        for lead in 0..<Lead.count { frame.counts[lead] = bytes.loadUnaligned(fromByteOffset: 8 + lead * 4, as: Int32.self) }
        frame.missing = LeadSet(rawValue: bytes.loadUnaligned(fromByteOffset: 56, as: UInt16.self))
        frame.clipped = LeadSet(rawValue: bytes.loadUnaligned(fromByteOffset: 58, as: UInt16.self))
        frame.off = ElectrodeSet(rawValue: bytes.loadUnaligned(fromByteOffset: 60, as: UInt16.self))
        return frame
    }

    /// Bytes of so many drawn frames: the first one's index, then twelve numbers of 16 bits a frame.
    package static func drawnBytes(_ frames: Int) -> Int { 8 + frames * 2 * Lead.count }

    /// What stands for a sample that is missing.
    package static let missing = Int16.min

    /// Writes frames to draw: whole microvolts, within 32767; ``missing`` where there is no value.
    ///
    /// - Parameter values: twelve for each frame, microvolts, NaN where there is none.
    package static func pack(drawn values: UnsafeBufferPointer<Float>, from first: UInt64, into bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: first.littleEndian, as: UInt64.self)
        for (place, value) in values.enumerated() {
            let whole = value.isNaN ? missing : Int16(max(-32767, min(32767, value)).rounded())
            bytes.storeBytes(of: whole.littleEndian, toByteOffset: 8 + 2 * place, as: Int16.self)
        }
    }

    /// Writes a format's ``formatBytes`` bytes.
    package static func pack(_ format: StreamFormat, into bytes: UnsafeMutableRawPointer) {
        bytes.storeBytes(of: UInt32(format.rate), as: UInt32.self)
        bytes.storeBytes(of: format.derived.rawValue, toByteOffset: 4, as: UInt16.self)
        bytes.storeBytes(of: format.absent.rawValue, toByteOffset: 6, as: UInt16.self)
        for lead in 0..<Lead.count {
            bytes.storeBytes(of: format.microvoltsPerCount[lead], toByteOffset: 8 + lead * 8, as: Double.self)
            bytes.storeBytes(of: format.baseline[lead], toByteOffset: 104 + lead * 4, as: Int32.self)
        }
    }

    /// Reads what ``pack(_:into:)`` wrote; nil if the rate cannot be.
    package static func format(_ bytes: UnsafeRawBufferPointer) -> StreamFormat? {
        guard bytes.count == formatBytes else { return nil }
        let rate = Int(bytes.loadUnaligned(as: UInt32.self))
        guard StreamFormat.rates.contains(rate) else { return nil }
        var format = StreamFormat(
            rate: rate, derived: LeadSet(rawValue: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self)))
        format.absent = LeadSet(rawValue: bytes.loadUnaligned(fromByteOffset: 6, as: UInt16.self))
        for lead in 0..<Lead.count {
            format.microvoltsPerCount[lead] = bytes.loadUnaligned(fromByteOffset: 8 + lead * 8, as: Double.self)
            format.baseline[lead] = bytes.loadUnaligned(fromByteOffset: 104 + lead * 4, as: Int32.self)
        }
        return format
    }
}

/// What hinders the log, from bad to worse.
package enum CompanionFault: UInt32, Comparable, Sendable {
    case none = 0
    /// No room for the ECG of alerts; the alerts themselves are stored.
    case snippets = 1
    /// Alerts cannot be stored; they wait, and when too many wait the newest are refused and counted.
    case entries = 2
    /// The program that keeps the log does not run, or has had nothing safe for 20 s.
    case recorder = 3

    package static func < (left: CompanionFault, right: CompanionFault) -> Bool { left.rawValue < right.rawValue }

    /// For a person; what would help comes after the semicolon.
    package var words: String {
        switch self {
        case .none: "the log is kept"
        case .snippets: "the ECG of alerts is not stored; free some space on the log's disk"
        case .entries: "alerts are not stored; free some space on the log's disk, or replace it"
        case .recorder: "nothing is stored; precordia-log does not run or hangs: it said why, or it does not lie beside precordia"
        }
    }
}

/// What the recorder answers, in whole records of ``byteCount`` bytes.
package struct CompanionAnswer: Equatable, Sendable {
    package var fault = CompanionFault.none
    /// The session's number of the last line that is stored, and of the last one that a loss of power would leave; 0 for none.
    package var stored: UInt64 = 0
    package var synced: UInt64 = 0
    /// Snippets stored, and those refused or failed.
    package var snippets: UInt64 = 0
    package var snippetsRefused: UInt64 = 0
    /// Bytes of the log's folder.
    package var bytes: UInt64 = 0

    package static let byteCount = 48
    static let magic: UInt32 = 0x4B41_4C50

    package init() {}

    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount, bytes.loadUnaligned(as: UInt32.self) == Self.magic,
            let fault = CompanionFault(rawValue: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        else { return nil }
        func number(_ place: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: 8 + place * 8, as: UInt64.self) }
        self.fault = fault
        (stored, synced, snippets, snippetsRefused, self.bytes) = (number(0), number(1), number(2), number(3), number(4))
    }

    package var packed: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        bytes.withUnsafeMutableBytes { room in
            room.storeBytes(of: Self.magic, as: UInt32.self)
            room.storeBytes(of: fault.rawValue, toByteOffset: 4, as: UInt32.self)
            for (place, value) in [stored, synced, snippets, snippetsRefused, self.bytes].enumerated() {
                room.storeBytes(of: value, toByteOffset: 8 + place * 8, as: UInt64.self)
            }
        }
        return bytes
    }
}
