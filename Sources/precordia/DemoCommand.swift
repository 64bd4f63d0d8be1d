// `precordia demo`: a simulated patient through rhythms that change, with the alarms of a bedside, live on the terminal.
// It needs no data, device or network, and ends by itself. The session is the monitor's own, with the simulator as its device.

import ArgumentParser
import Glibc
import PrecordiaAlarm
import PrecordiaBoards
import PrecordiaHost
import PrecordiaLive
import PrecordiaSignal
import PrecordiaView

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch a simulated patient: atrial fibrillation, a loose electrode, ventricular tachycardia, and normal rhythm between.",
        discussion: "On a terminal a live view, otherwise plain lines. Alarms sound where there is a sound card. Ctrl-C ends it.")

    @Option(help: ArgumentHelp("Length.", valueName: "seconds"))
    var seconds = 92.0

    @Option(help: ArgumentHelp("max, or so many times real time.", valueName: "max|N"))
    var speed = Speed.times(1)

    @Option(help: ArgumentHelp("Samples a second, 100 to 2000.", valueName: "hertz"))
    var rate = 500

    @Option(help: ArgumentHelp("Another number is another patient.", valueName: "number"))
    var seed: UInt64 = 1

    @Flag(help: "Plain lines, on a terminal too.")
    var plain = false

    @Flag(inversion: .prefixedNo, help: "Sound the alarms.")
    var sound = true

    @Option(help: ArgumentHelp("The sound card, by ALSA's name.", valueName: "name"))
    var soundCard = AlarmConfiguration().device

    @OptionGroup var page: PageOptions
    @OptionGroup var model: ModelOptions

    func validate() throws {
        guard seconds > 0, seconds <= 86_400 else { throw ValidationError("--seconds takes more than 0 and at most 86400.") }
        guard StreamFormat.rates.contains(rate) else { throw ValidationError("--rate takes 100 to 2000, not \(rate).") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let model = try model.load()
        let terminal = Machine.environment("TERM") ?? "dumb"
        let isScreen = !plain && isatty(1) == 1 && terminal != "dumb"
        var settings = try LiveSettings.demo(model: model, rate: rate, seed: seed, seconds: seconds, speed: speed)
        settings.output = isScreen ? .view : .table
        settings.silence = sound ? "no sound card" : "--no-sound"
        if sound {
            var card = AlarmConfiguration()
            card.device = soundCard
            if let problem = AlarmSounder.problem(of: card) {
                settings.note = "simulated, no patient, and silent: no sound card; Ctrl-C ends"
                if !isScreen { StandardError.say("without sound: the sound card \(soundCard) \(problem.words)") }
            } else {
                settings.sound = card
            }
        }
        settings.companions = [page.companion()].compactMap { $0 }
        let failed = try LiveSession.run(settings, model: model, style: Style.fitting(descriptor: 1)) { StandardError.say($0) }
        if failed { throw ExitCode(1) }
    }
}
