// `precordia simulate`: a made-up exam as a WFDB record, or a device that plays one.
// For demonstrations and tests; the record's header says that no patient is behind it.

import ArgumentParser
import Glibc
import PrecordiaBoards
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Write a simulated exam, or act as a device. It is never clinical evidence.",
        discussion: """
            Rhythms: \(Rhythm.allCases.map { "\($0)" }.joined(separator: ", ")).
            Programmes: demo (normal, atrial fibrillation, an electrode off, normal), tour (all rhythms, 12 s each).
            Noise: \(NoiseSetting.help). Amplitudes are microvolts, electrodes RA, LA, LL, RL, V1 to V6.
            With --transport the exam, or that of --record, comes as a device would send it: firmware-protocol/SPEC.md. What went wrong on request is
            counted and told on standard error at the end, as one line of JSON.
            """)

    @Option(help: ArgumentHelp("A rhythm or programme of the list below.", valueName: "name"))
    var rhythm = "normal"

    @Option(help: ArgumentHelp("Samples a second, 100 to 2000.", valueName: "hertz"))
    var rate = 500

    @Option(help: ArgumentHelp("Length; 10, or the programme's own, if not given.", valueName: "seconds"))
    var seconds: Double?

    @Option(help: ArgumentHelp("Another number is another exam; the same number the same bytes.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Beats a minute, 20 to 300; the rhythm's own if not given.", valueName: "rate"))
    var bpm: Double?

    @Option(help: ArgumentHelp("Disturbances, such as resting or wander=200,mains=50,off=V2.", valueName: "list"))
    var noise: String?

    @Option(name: [.customShort("o"), .long], help: ArgumentHelp("The record to write, with or without .hea.", valueName: "record"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Only these leads, as a cable of three or five leads has them: II or I,II,V5. Of --record: as in replay.", valueName: "leads"))
    var leads: String?

    @OptionGroup(title: "As a device")
    var device: DeviceOptions

    func validate() throws {
        guard StreamFormat.rates.contains(rate) else { throw ValidationError("--rate takes 100 to 2000, not \(rate).") }
        if let seconds, !(seconds > 0 && seconds <= 604_800) { throw ValidationError("--seconds takes more than 0 and at most 604800.") }
        if let bpm, !(20...300).contains(bpm) { throw ValidationError("--bpm takes 20 to 300, not \(bpm).") }
        guard (output == nil) != (device.transport == nil) else {
            throw ValidationError("Give --output for a record, or --transport to act as a device.")
        }
        guard Scenario(named: rhythm) == nil || (bpm == nil && noise == nil) else {
            throw ValidationError("--rhythm \(rhythm) sets its own noise and rates; leave out --noise and --bpm.")
        }
    }

    /// The leads of a simulated exam.
    private func heard() throws(RuntimeError) -> LeadSet {
        guard leads != nil else { return .all }
        let naming = try LeadOptions(leads: leads).naming()
        guard let only = naming.only, !naming.namesSignals else {
            throw .badSetting(name: "--leads", value: leads ?? "", allowed: "a simulated patient has the twelve leads: II, or I,II,V5")
        }
        return only
    }

    func run() throws {
        Interrupt.catchSignals()
        if let output { try write(output) } else if let transport = device.transport { try send(to: transport) }
    }

    private var length: Double {
        if let seconds { return seconds }
        // A device that a host talks to is there until somebody ends it.
        return Scenario(named: rhythm).map { Double($0.seconds) } ?? (device.isHeard ? 604_800 : 10)
    }
    private var frames: Int { max(1, Int((length * Double(rate)).rounded())) }

    /// Acts as a device. Of a record only the leads are known, of a simulated patient the electrodes too.
    private func send(to transport: DeviceTransport) throws(RuntimeError) {
        var source =
            if let record = device.record { try SignalSource(record: record, naming: LeadOptions(leads: leads).naming()) } else {
                SignalSource(simulator: try makeSimulator(), frames: UInt64(frames), name: rhythm, leads: try heard())
            }
        var settings = device.settings
        settings.session = UInt32(truncatingIfNeeded: seed)
        settings.sensed = device.record == nil ? .needed(by: source.description.leads) : .empty
        let standard = ByteOutput.standard(eager: true)
        let simulated = SimulatedDevice(settings, at: transport) { (words) throws(RuntimeError) in try standard.line(words) }
        defer { if device.isHeard || !settings.faults.isEmpty { tell(simulated.ledger) } }
        try simulated.play(&source)
    }

    private func tell(_ ledger: DeviceLedger) { _ = ledger.line.withUnsafeBytes { Glibc.write(2, $0.baseAddress!, $0.count) } }

    private func write(_ output: String) throws {
        var simulator = try makeSimulator()
        let comment = "simulated by Precordia \(ProgramVersion.text), no patient: \(rhythm), seed \(seed)"
        let files: String
        var format = Simulator.format(rate: rate)
        let leads = try heard()
        format.absent = LeadSet.all.subtracting(leads)
        do throws(RecordError) {
            let writer = try WFDBWriter(path: output, format: format, resolution: 15, comments: [comment])
            var frame = Frame(index: 0)
            for _ in 0..<frames where !Interrupt.isRequested {
                simulator.next(into: &frame)
                try writer.append(frame)
            }
            if Interrupt.isRequested { return }
            try writer.finish()
            files = "\(writer.headerPath) and \(writer.signalPath)"
        } catch {
            throw RuntimeError(error)
        }
        let standard = ByteOutput.standard()
        try standard.line(
            "\(Text.printable(files)): \(Text.fixed(length, decimals: 1)) s at \(rate) Hz, \(Text.counted(leads.count, "lead")), \(rhythm), seed \(seed)"
        )
        try standard.flush()
    }

    private func makeSimulator() throws(RuntimeError) -> Simulator {
        try Simulator.named(
            rhythm, rate: rate, seed: seed, heartRate: bpm, noise: try noise.map(NoiseSetting.parse) ?? .none, option: "--rhythm")
    }
}
