// The thread that owns the device: takes bytes from the transport and puts them into the ring, with the time at which they came.
// It decodes nothing and waits for nobody, so that neither a slow engine nor a stalled reader ever reaches the device.

import CPrecordiaTransport
import Glibc
package import PrecordiaHost
package import PrecordiaLink
import Synchronization

/// What acquisition puts into its ring.
package enum AcquisitionNews: UInt32 {
    /// Bytes as the transport gave them.
    case bytes
    /// A connection is there; the framing as one byte, then words.
    case opened
    /// The connection has gone; words.
    case lost
    /// A try to connect failed and is made again; words, once for each.
    case absent
    /// The source has an end, and this is it.
    case ended
    /// The source cannot be used; words.
    case failed
    /// Something a person should know, such as a right that is missing; words.
    case note
    /// The transport's counters, each second and at the end.
    case counters
    /// Of a capture with times: the host's clock then, microseconds since 1970, UTC.
    case clock
    /// The last chunk: the thread has closed the transport.
    case closed
}

/// Owns a transport and the thread that reads it.
///
/// - Thread: its own; ``stop()`` and ``send(_:)`` from one other. Memory: the transport's, and a scratch for commands.
/// - When the ring is full: chunks of bytes are refused and counted, unless the source is one that waits (a file, standard input).
package final class Acquisition: @unchecked Sendable {
    private let transport: OpaquePointer
    private let ring: ChunkRing
    private let commands = ChunkRing(capacity: 1 << 14)
    private let realTime: RealTime
    private let stops = Atomic<Bool>(false)
    /// Whether the source can be made to wait, so that nothing need be refused.
    package let isPatient: Bool
    /// The times of a stored stream; nil where it has none.
    private let player: CapturePlayer?
    /// The time that it has come to, for everything behind it; nil without.
    private var played: Int64?
    /// Whether the source is a stored stream that has its times.
    package var isTimed: Bool { player != nil }

    /// Milliseconds between two looks at commands and at ``stop()``.
    private static let interval: Int32 = 20

    /// Opens a source; `reopen` for devices that come and go.
    package init(source: String, framing: LinkFraming?, reopen: Bool, realTime: RealTime, into ring: ChunkRing) throws(RuntimeError) {
        var options = precordia_transport_options(framing: framing.map { Int32($0.rawValue) } ?? -1, reopen: reopen)
        var problem = [CChar](repeating: 0, count: 512)
        guard let transport = precordia_transport_open(source, &options, &problem, problem.count) else {
            throw .badSource(source: source, problem: problem.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
        }
        self.transport = transport
        self.ring = ring
        self.realTime = realTime
        isPatient = !precordia_transport_takes_commands(transport)
        player = isPatient ? CapturePlayer(source: source) : nil
    }

    /// Starts the thread; false if the system has none left, and the source is closed.
    package func start() -> Bool {
        let started = Workers.start { self.run() }
        if !started { precordia_transport_close(transport) }
        return started
    }

    /// Closes a source whose thread was never started: of a session that is played by hand.
    package func abandon() { precordia_transport_close(transport) }

    /// Asks the thread to close the source and end. The last chunk in the ring says that it has.
    func stop() { stops.store(true, ordering: .releasing) }

    /// Hands a command block to the device, soon; false if too many wait.
    func send(_ block: UnsafeRawBufferPointer) -> Bool { commands.push(0, time: 0, block) }

    private func run() {
        for words in realTime.applyToThread("acquisition", below: 0) { tell(.note, Monotonic.now(), Array(words.utf8)) }
        var reading = precordia_transport_reading()
        var counted: Int64 = 0
        var goesOn = true
        if let player { goesOn = play(player) }
        while goesOn && !stops.load(ordering: .acquiring) {
            precordia_transport_wait(transport, Self.interval, &reading)
            goesOn = take(reading)
            sendCommands()
            let now = Monotonic.now()
            if now - counted >= 1_000_000_000 {
                counted = now
                tellCounters(now)
            }
        }
        if goesOn { sayLast(&reading) }
        sendCommands(evenIfBusy: true)
        precordia_transport_end(transport)
        tellCounters(Monotonic.now())
        precordia_transport_close(transport)
        tell(.closed, Monotonic.now(), [])
    }

    /// Gives a capture's bytes their times, as far as it has them; whether anything of it is left.
    private func play(_ player: CapturePlayer) -> Bool {
        var reading = precordia_transport_reading()
        // Bytes of a reading that belong to the next entry.
        var rest: [UInt8] = []
        while !stops.load(ordering: .acquiring), let (time, entry) = player.next() {
            played = time
            switch entry {
            case .clock(let utc): withUnsafeBytes(of: utc) { tell(.clock, time, Array($0)) }
            case .opened(let framing, let words): tell(.opened, time, [framing] + Array(words.utf8))
            case .lost(let words): tell(.lost, time, Array(words.utf8))
            case .absent(let words): tell(.absent, time, Array(words.utf8))
            case .bytes(let count):
                while rest.count < count, !stops.load(ordering: .acquiring) {
                    precordia_transport_wait(transport, Self.interval, &reading)
                    let news = Int(reading.news)
                    if news == PRECORDIA_TRANSPORT_BYTES { rest += UnsafeRawBufferPointer(start: reading.bytes, count: reading.count) }
                    guard news == PRECORDIA_TRANSPORT_ENDED || news == PRECORDIA_TRANSPORT_FAILED else { continue }
                    put(rest, time)
                    return take(reading)
                }
                put(Array(rest.prefix(count)), time)
                rest.removeFirst(min(count, rest.count))
            }
        }
        put(rest, played ?? 0)
        return true
    }

    private func put(_ bytes: [UInt8], _ time: Int64) {
        for start in stride(from: 0, to: bytes.count, by: 1 << 16) {
            bytes[start..<min(bytes.count, start + 1 << 16)].withUnsafeBytes { piece in
                while !ring.push(AcquisitionNews.bytes.rawValue, time: time, piece, counts: false), !stops.load(ordering: .acquiring) {
                    usleep(200)
                }
            }
        }
    }

    /// Lets the last commands arrive, such as the stop that lets the device rest: closing the source takes back what is under way.
    private func sayLast(_ reading: inout precordia_transport_reading) {
        let deadline = Monotonic.now() + 1_000_000_000
        repeat {
            sendCommands()
            precordia_transport_wait(transport, Self.interval, &reading)
        } while take(reading) && (precordia_transport_is_sending(transport) || !commands.isEmpty) && Monotonic.now() < deadline
    }

    /// Puts one piece of news into the ring; false when the source has come to its end.
    private func take(_ reading: precordia_transport_reading) -> Bool {
        switch Int(reading.news) {
        case PRECORDIA_TRANSPORT_BYTES:
            let bytes = UnsafeRawBufferPointer(start: reading.bytes, count: reading.count)
            while !ring.push(AcquisitionNews.bytes.rawValue, time: played ?? reading.monotonic, bytes, counts: !isPatient) {
                guard isPatient, !stops.load(ordering: .acquiring) else { break }
                usleep(200)
            }
            return true
        case PRECORDIA_TRANSPORT_OPENED:
            tell(.opened, reading.monotonic, [UInt8(truncatingIfNeeded: reading.framing)] + Self.utf8(reading.words))
            return true
        case PRECORDIA_TRANSPORT_LOST:
            tell(.lost, reading.monotonic, Self.utf8(reading.words))
            return true
        case PRECORDIA_TRANSPORT_REFUSED:
            tell(.absent, reading.monotonic, Self.utf8(reading.words))
            return true
        case PRECORDIA_TRANSPORT_ENDED:
            tell(.ended, reading.monotonic, [])
            return false
        case PRECORDIA_TRANSPORT_FAILED:
            tell(.failed, reading.monotonic, Self.utf8(reading.words))
            return false
        default:
            return true
        }
    }

    /// Hands commands over, one after the other has gone; `evenIfBusy` at the end, so that those that cannot go are counted.
    private func sendCommands(evenIfBusy: Bool = false) {
        while evenIfBusy || !precordia_transport_is_sending(transport), let command = commands.next() {
            _ = precordia_transport_send(transport, command.bytes.baseAddress, command.bytes.count)
            commands.release()
        }
    }

    private func tellCounters(_ time: Int64) {
        let counters = precordia_transport_counters_of(transport)
        withUnsafeBytes(of: counters) { _ = ring.push(AcquisitionNews.counters.rawValue, time: played ?? time, $0, isUrgent: true) }
    }

    /// News must arrive: they use the ring's reserve, and where even that is full they wait, because acquisition without news is blind anyway.
    private func tell(_ news: AcquisitionNews, _ time: Int64, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            while !ring.push(news.rawValue, time: played ?? time, bytes, isUrgent: true, counts: false) { usleep(1000) }
        }
    }

    private static func utf8(_ words: UnsafePointer<CChar>) -> [UInt8] { Array(String(cString: words).utf8) }
}
