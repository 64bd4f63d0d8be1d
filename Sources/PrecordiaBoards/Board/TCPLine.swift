// A device on the network: a TCP server with one client at a time.
// Apart from the other lines, because here the host comes and goes, and the device stays.

import Glibc
import PrecordiaHost

/// The device's end of a TCP connection.
final class TCPLine: DeviceLine {
    private let host: String
    private var port: Int
    /// Called with the host's words for the line whenever it is opened.
    private let announce: (String) throws(RuntimeError) -> Void
    private var listener: Int32 = -1
    private var client: Int32 = -1
    var takesCommands: Bool { true }

    /// A server at an IPv4 address; port 0 takes a free one and keeps it.
    init(host: String, port: Int, announce: @escaping (String) throws(RuntimeError) -> Void) {
        self.host = host
        self.port = port
        self.announce = announce
    }

    deinit { close() }

    func open() throws(RuntimeError) {
        guard listener < 0 else { return }
        let name = "tcp:\(host):\(port)"
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw .badSetting(name: "--transport", value: name, allowed: "an IPv4 address of this machine, such as 127.0.0.1 or 0.0.0.0")
        }
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutableBytes(of: &address) { bytes in
            let generic = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return bind(listener, generic, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, generic, &size) == 0
        }
        guard bound else {
            let reason = String(cString: strerror(errno))
            close()
            throw .cannotWrite(file: name, reason: reason)
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        try announce("tcp:\(host):\(port)")
    }

    func close() {
        if listener >= 0 { _ = Glibc.close(listener) }
        listener = -1
        leave()
    }

    /// The system resets a connection that is closed with bytes unread, and what was sent last is lost: so it is read until the host has closed.
    package func finish() {
        if client >= 0 { shutdown(client, Int32(SHUT_WR)) }
        let deadline = Monotonic.now() + 1_000_000_000
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { unread in
            while client >= 0, Monotonic.now() < deadline, !Interrupt.isRequested {
                if receive(into: unread) == 0, client >= 0 { wait(for: client, POLLIN, until: deadline) }
            }
        }
        close()
    }

    private func leave() {
        if client >= 0 { _ = Glibc.close(client) }
        client = -1
    }

    var isUp: Bool {
        if client < 0, listener >= 0 {
            client = accept(listener, nil, nil)
            var yes: Int32 = 1
            if client >= 0 {
                _ = fcntl(client, F_SETFL, O_NONBLOCK)
                setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            }
        }
        return client >= 0
    }

    func send(_ bytes: UnsafeRawBufferPointer) throws(RuntimeError) -> Int {
        guard isUp else { return 0 }
        let sent = Glibc.send(client, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if sent < 0, errno != EAGAIN, errno != EINTR { leave() }
        return max(0, sent)
    }

    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int {
        guard isUp else { return 0 }
        let count = recv(client, bytes.baseAddress, bytes.count, 0)
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) { leave() }
        return max(0, count)
    }

    func wait(until deadline: Int64, forRoom: Bool) {
        guard isUp else { return wait(for: listener, POLLIN, until: deadline) }
        wait(for: client, forRoom ? POLLIN | POLLOUT : POLLIN, until: deadline)
    }
}
