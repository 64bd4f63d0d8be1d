// What `precordia simulate --transport` can be told: the line, the pace, the beginning, and what shall go wrong.
// Apart from the exam's own options, which a record takes too.

import ArgumentParser
import PrecordiaBoards
import PrecordiaHost
import PrecordiaLink

struct DeviceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Act as a device: on stdout; on a new pseudo-terminal or a serial line; as a TCP server (port 0, or none: a free one). The line's name is printed.",
            valueName: "stdout|serial[:PATH[,BAUD]]|tcp[:[HOST:]PORT]"))
    var transport: DeviceTransport?

    @Option(help: ArgumentHelp("Plain blocks, or cobs. A serial line has cobs if not given, the others plain.", valueName: "plain|cobs"))
    var framing: DeviceFraming?

    @Option(help: ArgumentHelp("max, or so many times real time; max on stdout if not given, 1 on the others.", valueName: "max|N"))
    var speed: Speed?

    @Option(help: ArgumentHelp("The recorded exam to play instead of a simulated one.", valueName: "record"))
    var record: String?

    @Flag(help: "Stream without waiting for a start command; on stdout it always does.")
    var autostart = false

    @Option(help: ArgumentHelp("Sequence that the first session begins at.", valueName: "number"))
    var sequence: UInt32 = 0

    @Option(help: ArgumentHelp("Ticks that the device's clock begins at, a million a second.", valueName: "number"))
    var ticks: UInt64 = 0

    @Option(help: ArgumentHelp("Every so many-th data block is not sent.", valueName: "N"))
    var drop = 0

    @Option(help: ArgumentHelp("In every so many-th data block one bit is wrong.", valueName: "N"))
    var corrupt = 0

    @Option(help: ArgumentHelp("The line takes nothing from AT for so long, seconds; may be given again.", valueName: "AT:SECONDS"))
    var stall: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The device's clock is so much fast, parts in a million; needs real time.", valueName: "PPM"))
    var drift = 0.0

    @Option(
        help: ArgumentHelp(
            "The line is taken away at AT and comes back after so long, or never; the session goes on. May be given again.",
            valueName: "AT[:SECONDS]"))
    var unplugAt: [String] = []

    @Option(help: ArgumentHelp("The device is reset: a new session. May be given again.", valueName: "SECONDS"))
    var restartAt: [String] = []

    /// Whether a host can talk to it.
    var isHeard: Bool { transport.map { $0 != .stdout } ?? false }

    var settings: DeviceSettings {
        var settings = DeviceSettings()
        var standard = DeviceFraming.plain
        if case .serial = transport { standard = .cobs }
        settings.framing = (framing ?? standard).link
        settings.speed = speed ?? (isHeard ? .times(1) : .max)
        settings.startsByItself = autostart
        settings.sequence = sequence
        settings.ticks = ticks
        settings.faults.drop = drop
        settings.faults.corrupt = corrupt
        settings.faults.driftPPM = drift
        settings.faults.stalls = stall.compactMap { DeviceFaults.Spell($0) }
        settings.faults.unplugs = unplugAt.compactMap { DeviceFaults.Spell($0, orEndless: true) }
        settings.faults.restarts = restartAt.compactMap { DeviceFaults.seconds($0) }
        return settings
    }

    func validate() throws {
        guard transport != nil || self.isPlain else { throw ValidationError("A device's options need --transport.") }
        guard drop >= 0, corrupt >= 0 else { throw ValidationError("--drop and --corrupt take 1 or more, or 0 for none.") }
        guard abs(drift) <= 100_000 else { throw ValidationError("--drift takes -100000 to 100000, not \(drift).") }
        for text in stall where DeviceFaults.Spell(text) == nil {
            throw ValidationError("--stall takes AT:SECONDS such as 10:2.5, not \(text).")
        }
        for text in unplugAt where DeviceFaults.Spell(text, orEndless: true) == nil {
            throw ValidationError("--unplug-at takes AT or AT:SECONDS such as 10:2.5, not \(text).")
        }
        for text in restartAt where DeviceFaults.seconds(text) == nil {
            throw ValidationError("--restart-at takes seconds such as 10, not \(text).")
        }
        guard drift == 0 || settings.speed != .max else { throw ValidationError("--drift needs real time: --speed 1.") }
    }

    /// Whether nothing was asked of a device.
    private var isPlain: Bool {
        framing == nil && speed == nil && record == nil && !autostart && sequence == 0 && ticks == 0 && drop == 0 && corrupt == 0
            && drift == 0
            && stall.isEmpty && unplugAt.isEmpty && restartAt.isEmpty
    }
}

extension DeviceTransport: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
