// `precordia alarm-test`: hear each alarm sound on this machine, and what its sound card does.
// Also what the check of the sounds records them with.

import ArgumentParser
import PrecordiaAlarm
import PrecordiaAlerts
import PrecordiaHost

struct AlarmTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarm-test", abstract: "Play each alarm sound, and say how long after the order it is heard.",
        discussion: "Without a sound card it says why, tries the fallback, and ends with status 1. Ctrl-C ends it.")

    @Option(help: ArgumentHelp("The sound card, by ALSA's name.", valueName: "name"))
    var device = AlarmConfiguration().device

    @Option(help: ArgumentHelp("Only the sounds of one priority.", valueName: "high|medium|low"))
    var priority: SoundingPriority?

    @Option(help: ArgumentHelp("Only one melody.", valueName: "cardiovascular|general"))
    var melody: AlarmMelody?

    @Option(help: ArgumentHelp("Bursts of each sound.", valueName: "count"))
    var bursts = 1

    @Option(parsing: .unconditional, help: ArgumentHelp("Level, -30 to 0.", valueName: "decibels"))
    var volume = 0.0

    @Option(help: ArgumentHelp("Write the sounds to a WAV file instead, as fast as that goes.", valueName: "file"))
    var wav: String?

    @Option(help: ArgumentHelp("Run this program with the priority's name when there is no sound.", valueName: "program"))
    var command: String?

    @Option(help: ArgumentHelp("Ring this terminal when there is no sound.", valueName: "path"))
    var bell = AlarmConfiguration().bell ?? ""

    @Option(help: ArgumentHelp("Real-time priority of the sound thread, 1 to 99.", valueName: "priority"))
    var realtime: Int?

    @Flag(help: "List the names of sound cards.")
    var list = false

    func validate() throws {
        guard (1...1000).contains(bursts) else { throw ValidationError("--bursts takes 1 to 1000, not \(bursts).") }
        guard (AlarmConfiguration.quietest...0).contains(volume) else { throw ValidationError("--volume takes -30 to 0, not \(volume).") }
        if let realtime, !(1...99).contains(realtime) { throw ValidationError("--realtime takes 1 to 99, not \(realtime).") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let output = ByteOutput.standard(eager: true)
        if list {
            for device in ALSADevice.list() { try output.line("\(Text.printable(device.name))  \(Text.printable(device.words))") }
            return try output.flush()
        }
        var configuration = AlarmConfiguration()
        configuration.device = device
        configuration.volume = volume
        configuration.realTimePriority = realtime
        configuration.bell = bell.isEmpty ? nil : bell
        configuration.command = command.map { [$0] } ?? []
        let sounds = AlarmTable.sounds.filter { sound in
            (priority.map { sound.priority == $0.value } ?? true) && (melody.map { sound.melody == $0 } ?? true)
        }
        let trial = AlarmTrial(configuration, sounds: sounds, bursts: bursts, output: output)
        if let wav { try trial.record(to: wav) } else { try trial.play() }
    }
}

/// A priority that has a sound, as a person says it.
enum SoundingPriority: String, ExpressibleByArgument {
    case high, medium, low

    var value: AlertPriority {
        switch self {
        case .high: .high
        case .medium: .medium
        case .low: .low
        }
    }
}

extension AlarmMelody: ExpressibleByArgument {
    public init?(argument: String) {
        guard let melody = AlarmMelody.allCases.first(where: { $0.name == argument }) else { return nil }
        self = melody
    }

    public static var allValueStrings: [String] { allCases.map(\.name) }
    public var defaultValueDescription: String { name }
}
