// Everything that a live session is told before it starts.

package import PrecordiaAlarm
package import PrecordiaCompanion
package import PrecordiaDevice
package import PrecordiaEngine
package import PrecordiaHost
package import PrecordiaLink
package import PrecordiaPolicy
import PrecordiaSession

/// What a live session writes.
package enum LiveFormat: Equatable, Sendable {
    /// One JSON object a line, with so many statements in each answer, or all.
    case lines(top: Int?)
    /// A table for a person.
    case table
    /// A screen.
    case view

    /// Statements in each answer of lines, nil for all: what a log has too.
    package var top: Int? { if case .lines(let top) = self { top } else { 5 } }
}

/// Lines of JSON into a file, beside whatever else a session shows.
package struct LinesFile: Equatable, Sendable {
    package var path: String
    /// Statements in each answer, nil for all.
    package var top: Int?

    package init(path: String, top: Int?) {
        self.path = path
        self.top = top
    }
}

/// Source, engine, output and priorities of a live session.
package struct LiveSettings: Sendable {
    /// As `precordia_transport.h` has it: "usb", "serial:/dev/ttyACM0", "tcp:cart:7411", a file's path.
    package var source: String
    /// Framing of the bytes; nil for the source's own.
    package var framing: LinkFraming?
    /// The name in every line; the source if not given.
    package var name: String
    /// Stands under the title of a screen until there is something else to say.
    package var note = "waiting for the device"
    package var options: EngineOptions
    package var output: LiveFormat
    /// Lines into a file too; nil for none.
    package var lines: LinesFile?
    package var realTime: RealTime
    /// The rate to ask the device for, hertz; nil for the device's own.
    package var rate: Int?
    /// Whether a device that is not there, or was lost, is waited for.
    package var reopens = true
    /// Whether the session ends with the first stream whose announced end was reached.
    package var endsWithStream = false
    /// What is done about alerts; nil where nobody is there to be told, and nothing sounds.
    package var policy: AlarmPolicy?
    /// The sound card and its fallback; nil for no sound.
    package var sound: AlarmConfiguration?
    /// Why there is no sound, where there is none, as a screen shows it.
    package var silence = "no sound was asked for"
    /// The file that keeps what was acknowledged, latched, paused or switched off; nil to forget it at the end.
    package var alarmState: String?
    /// The bed or patient that this state belongs to; nil if nobody says.
    package var bed: String?
    /// The log of alerts, kept by a program beside this one; nil for none.
    package var log: LogSettings?
    /// Further programs beside the session, which are told what it knows and through which people may ask for something.
    package var companions: [CompanionProgram] = []
    /// Ends the session after so many seconds of signal.
    package var seconds: Double?
    /// Whether the source's samples come as fast as they were taken, so that another rate by the host's clock is a fault; not of a simulation that is played
    /// at another speed.
    package var keepsTime = true

    package init(
        source: String, framing: LinkFraming? = nil, options: EngineOptions = EngineOptions(), output: LiveFormat = .table,
        realTime: RealTime = RealTime()
    ) {
        self.source = source
        self.framing = framing
        name = source
        self.options = options
        self.output = output
        self.realTime = realTime
    }
}

extension LiveSettings {
    /// What the outlet that writes ``lines`` is called.
    package static let fileOutlet = "lines"

    /// Programs beside a session, the log's among them.
    package static let mostCompanions = 6

    /// Whether a companion may be called that: so that each outlet's name is its own, and fit to be shown.
    package static func isCompanionName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
        return isPlain && (1...16).contains(name.utf8.count) && !["output", LogSettings.name, fileOutlet].contains(name)
    }

    /// Names of the outlets of a session on these settings, in their order.
    package var outletNames: [String] {
        ["output"] + (log == nil ? [] : [LogSettings.name]) + companions.map(\.name) + (lines == nil ? [] : [Self.fileOutlet])
    }

    /// How the device behind this source is to be followed.
    package func following(_ source: Acquisition) -> HostSettings {
        var following = HostSettings()
        following.framing = framing ?? .plain
        following.hasTimes = !source.isPatient || source.isTimed
        following.takesCommands = !source.isPatient
        following.keepsTime = keepsTime
        following.rate = rate.map { UInt32($0) }
        following.number = UInt32(truncatingIfNeeded: Monotonic.now())
        following.grace = Int64(policy?.grace ?? AlarmPolicy.usualGrace) * 1_000_000_000
        following.watchesBehindEnd = policy != nil && !endsWithStream
        following.endsWithStream = endsWithStream
        following.limit = seconds
        return following
    }
}

extension LogSettings {
    /// A log as a policy wants it, which says what an alert hangs on by the session's own model: a file, or nil for the shipped one.
    package init(folder: String, rules: LogRules? = nil, explaining model: String?) {
        self.init(folder: folder, options: (rules?.options ?? []) + (model.map { ["--model", $0] } ?? []))
    }
}
