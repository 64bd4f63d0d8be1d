// A device at the other end of a TCP connection, for tests: does what a script says, one connection after the other.

public import Dispatch
import Glibc
import PrecordiaHost
import Synchronization

/// Listens on a port of its own and serves one connection at a time on a thread of its own.
public final class FakeCart: @unchecked Sendable {
    /// What happens in one connection, in order.
    public enum Act: Sendable {
        case send([UInt8])
        /// Waits until so many bytes have come from the host.
        case hear(Int)
        /// Reads until the host closes: a line closed with bytes unread is reset, and what was sent is lost.
        case hearOut
        /// Waits for the test.
        case wait(DispatchSemaphore)
        /// Sends one after the other, ten a second, until the test says that it is enough.
        case trickle([[UInt8]], DispatchSemaphore)
        /// Tells the test.
        case tell(DispatchSemaphore)
        /// Ends the connection with a reset instead of an end.
        case reset
    }

    public let port: Int
    private let listener: Int32
    private let heardBytes = Mutex<[UInt8]>([])

    public var source: String { "tcp:127.0.0.1:\(port)" }
    /// Everything that hosts have said.
    public var heard: [UInt8] { heardBytes.withLock { $0 } }

    public init(_ connections: [[Act]], port wanted: Int = 0) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(wanted).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) == 0 && getsockname(listener, $0, &size) == 0 }
        }
        precondition(bound && listen(listener, 4) == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        // A cart without connections is a place where none is any more.
        guard !connections.isEmpty else {
            close(listener)
            return
        }
        let isServed = Workers.start { [self] in
            for connection in connections { serve(connection) }
            close(listener)
        }
        precondition(isServed, "The system has no thread left.")
    }

    /// Whether the host said so many bytes.
    private func hear(_ count: Int, _ line: Int32) -> Bool {
        var room = [UInt8](repeating: 0, count: 4096)
        var heard = 0
        while heard < count {
            let got = recv(line, &room, min(room.count, count - heard), 0)
            guard got > 0 else { return false }
            heard += got
            heardBytes.withLock { $0 += room[..<got] }
        }
        return true
    }

    /// Whether the host took all bytes.
    private func put(_ bytes: [UInt8], _ line: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { send(line, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    private func serve(_ acts: [Act]) {
        let line = accept(listener, nil, nil)
        defer { close(line) }
        var isGone = false
        for act in acts {
            // A host that has gone is still told of to the test, which may be waiting.
            if isGone, case .tell(let semaphore) = act { semaphore.signal() }
            if isGone { continue }
            switch act {
            case .send(let bytes): isGone = !put(bytes, line)
            case .trickle(let pieces, let enough):
                for bytes in pieces where !isGone {
                    isGone = !put(bytes, line)
                    if enough.wait(timeout: .now() + 0.1) == .success { break }
                }
            case .hear(let count): isGone = !hear(count, line)
            case .hearOut: isGone = !hear(.max, line)
            case .wait(let semaphore): semaphore.wait()
            case .tell(let semaphore): semaphore.signal()
            case .reset:
                var now = linger(l_onoff: 1, l_linger: 0)
                setsockopt(line, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
            }
        }
    }
}
