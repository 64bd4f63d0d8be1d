// A serial line, or a pseudo-terminal that looks like one to the host.
// Apart from the other lines, because terminals have a discipline to be switched off and hang up in their own way.

import Glibc
import PrecordiaHost

/// The device's end of a serial line.
final class SerialLine: DeviceLine {
    private let path: String?
    private let baud: Int
    /// Called with the host's words for the line whenever it is opened.
    private let announce: (String) throws(RuntimeError) -> Void
    private var descriptor: Int32 = -1
    var takesCommands: Bool { true }

    /// A line at `path`, or a new pseudo-terminal.
    init(path: String?, baud: Int, announce: @escaping (String) throws(RuntimeError) -> Void) {
        self.path = path
        self.baud = baud
        self.announce = announce
    }

    deinit { close() }

    /// The speeds that a line can have, with their names for the system.
    static func speed(_ baud: Int) -> speed_t? {
        switch baud {
        case 9600: speed_t(B9600)
        case 19200: speed_t(B19200)
        case 38400: speed_t(B38400)
        case 57600: speed_t(B57600)
        case 115_200: speed_t(B115200)
        case 230_400: speed_t(B230400)
        case 460_800: speed_t(B460800)
        case 921_600: speed_t(B921600)
        case 1_000_000: speed_t(B1000000)
        case 2_000_000: speed_t(B2000000)
        case 3_000_000: speed_t(B3000000)
        default: nil
        }
    }

    func open() throws(RuntimeError) {
        guard descriptor < 0 else { return }
        let name = path ?? "a pseudo-terminal"
        let opened = Glibc.open(path ?? "/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
        guard opened >= 0 else { throw .cannotWrite(file: name, reason: String(cString: strerror(errno))) }
        descriptor = opened
        var settings = termios()
        guard tcgetattr(opened, &settings) == 0 else {
            close()
            throw .cannotWrite(file: name, reason: "no serial line; one such as /dev/ttyUSB0 would be right")
        }
        cfmakeraw(&settings)
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        if let speed = Self.speed(baud) { cfsetspeed(&settings, speed) }
        tcsetattr(opened, TCSANOW, &settings)
        try announce("serial:" + (path.map { "\($0),\(baud)" } ?? Self.hostsEnd(of: opened)))
    }

    /// Unlocks a pseudo-terminal and names the end that a host opens. By the kernel's own requests TIOCSPTLCK and TIOCGPTN, because
    /// `unlockpt` and `ptsname` are hidden from Swift.
    private static func hostsEnd(of descriptor: Int32) -> String {
        var lock: Int32 = 0
        var number: UInt32 = 0
        _ = ioctl(descriptor, 0x4004_5431, &lock)
        _ = ioctl(descriptor, 0x8004_5430, &number)
        return "/dev/pts/\(number)"
    }

    func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    /// A pseudo-terminal forgets what was not read when this end closes.
    package func finish() {
        guard path == nil, descriptor >= 0, isUp else { return }
        let other = Glibc.open(Self.hostsEnd(of: descriptor), O_RDONLY | O_NOCTTY | O_NONBLOCK)
        defer { if other >= 0 { _ = Glibc.close(other) } }
        let deadline = Monotonic.now() + 1_000_000_000
        var unread: Int32 = 0
        while ioctl(other, UInt(FIONREAD), &unread) == 0, unread > 0, Monotonic.now() < deadline {
            Monotonic.sleep(until: Monotonic.now() + 5_000_000)
        }
    }

    /// A pseudo-terminal is hung up while no host has it open; of a wire nobody knows.
    var isUp: Bool {
        guard descriptor >= 0 else { return false }
        var waiting = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&waiting, 1, 0) == 0 || Int32(waiting.revents) & POLLHUP == 0
    }

    func send(_ bytes: UnsafeRawBufferPointer) throws(RuntimeError) -> Int {
        guard isUp else { return 0 }
        return max(0, write(descriptor, bytes.baseAddress, bytes.count))
    }

    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int {
        descriptor < 0 ? 0 : max(0, read(descriptor, bytes.baseAddress, bytes.count))
    }

    func wait(until deadline: Int64, forRoom: Bool) {
        guard isUp else {
            // Nothing wakes this when a host opens the terminal.
            wait(for: -1, 0, until: min(deadline, Monotonic.now() + 20_000_000))
            return
        }
        wait(for: descriptor, forRoom ? POLLIN | POLLOUT : POLLIN, until: deadline)
    }
}
