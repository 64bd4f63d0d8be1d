// `precordia exam`: ten seconds on demand from a device, as a cart takes them: quality by electrode, files and a sheet in the patient's folder.

import ArgumentParser
import Glibc
import PrecordiaBoards
import PrecordiaCart
import PrecordiaExams
import PrecordiaFindings
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal

struct ExamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exam", abstract: "Take an exam of ten seconds from a device: record and sheet in the patient's folder.",
        discussion: """
            While an electrode is bad it says which, and takes the ten seconds again. The best take is kept whatever it is like. docs/report.md has the \
            rest. Not a medical device: a physician confirms what the sheet says.
            """)

    @Option(help: ArgumentHelp("Where patients' folders lie; it must be there.", valueName: "folder"))
    var folder: String

    @Option(help: ArgumentHelp("Where the stream comes from, as for monitor; a capture, file:PATH, too.", valueName: "source"))
    var source = "usb"

    @Option(help: ArgumentHelp("Samples a second to ask the device for.", valueName: "hertz"))
    var rate: Int?

    @Option(help: ArgumentHelp("Blocks as they are, or COBS packets; serial lines have cobs if not given.", valueName: "plain|cobs"))
    var framing: DeviceFraming?

    @Option(help: ArgumentHelp("Takes at most, while an electrode is bad; 1 to 10.", valueName: "count"))
    var tries = 3

    @Option(help: ArgumentHelp("Seconds to wait for the first sample.", valueName: "seconds"))
    var wait = 60

    @OptionGroup(title: "The patient")
    var patient: PatientOptions

    @OptionGroup(title: "The sheet")
    var sheet: SheetOptions

    @OptionGroup var model: ModelOptions

    func validate() throws {
        if let rate, !StreamFormat.rates.contains(rate) { throw ValidationError("--rate takes 100 to 2000, not \(rate).") }
        guard (1...10).contains(tries) else { throw ValidationError("--tries takes 1 to 10, not \(tries).") }
        guard (1...3600).contains(wait) else { throw ValidationError("--wait takes 1 to 3600 seconds, not \(wait).") }
    }

    func run() throws {
        Interrupt.catchSignals()
        let model = try model.load()
        let who = patient.anonymous ? PatientWords() : patient.words
        let place = try PatientFolder(in: folder, id: who.id, name: who.name)
        // Who is in a folder only by name may be somebody else of that name: nothing is compared then.
        let isKnown = who.id != nil || who.name != nil && who.birthDate != nil
        let earlier = isKnown ? try place.exams.last.map { try Self.checked($0, who) } : nil
        var source = source
        if let simulated = SimulatedSource.name(of: source) { source = try SimulatedSource.start(simulated, rate: rate ?? 500) }
        let session = try ExamSession(source: source, framing: framing?.link, rate: rate, tries: tries, tell: Self.tell)
        let taken = try session.run(patience: wait)
        Self.clear()
        guard let take = taken.take else {
            throw RuntimeError.badSource(source: source, problem: taken.problem ?? "not a second of signal came")
        }
        let path = place.next(take.time)
        let device = patient.anonymous ? nil : patient.device ?? taken.device
        do throws(RecordError) { try take.write(path, comments: comments(device)) } catch { throw RuntimeError(error) }
        try report(path, take, earlier, model)
        if let problem = taken.problem { StandardError.say(problem) }
        guard !take.isGood || taken.problem != nil else { return }
        if !take.faults.isEmpty { StandardError.say("kept with what is wrong: " + take.faults.joined(separator: "; ")) }
        throw ExitCode(1)
    }

    /// An earlier exam of the folder, which must not be of somebody else.
    private static func checked(_ path: String, _ who: PatientWords) throws(RuntimeError) -> String {
        let record: ECGRecord
        do throws(RecordError) { record = try ECGRecord(path: path) } catch { throw RuntimeError(error) }
        _ = try PatientHeader(record.comments.filter { !$0.lowercased().hasPrefix("age") }).joined(with: who)
        return path
    }

    /// The header's lines, as `report` reads them again.
    private func comments(_ device: String?) -> [String] {
        var lines: [(String, String?)] = [
            ("age", patient.age.map { "\($0)" }), ("sex", patient.sex), ("device", device),
            ("taken by", "Precordia \(ProgramVersion.text)"),
        ]
        if !patient.anonymous { lines += [("name", patient.name), ("patient", patient.id), ("birth date", patient.birthDate)] }
        return lines.compactMap { key, value in value.map { "\(key): \(Text.printable($0))" } }
    }

    /// Finds, draws and tells.
    private func report(_ path: String, _ take: ExamTake, _ earlier: String?, _ model: LoadedModel) throws {
        var request = ExamFinder.Request()
        request.filter = sheet.filter
        let finder = ExamFinder(model: model, request: request)
        var findings = try finder.findings(opened: path, name: path)
        findings.sheet = sheet.settings(form: .pdf)
        if let earlier, !patient.anonymous {
            let before = try finder.findings(opened: earlier, name: earlier)
            findings.comparison = try ComparisonFinding(findings, before: before, named: earlier)
        }
        if patient.anonymous { findings.removeIdentity() }
        let output = ByteOutput.standard()
        try output.line("\(Text.printable(path)).hea: " + (take.isGood ? "ten seconds, good" : "kept"))
        for statement in findings.statements.prefix(6) {
            try output.line("  \(statement.words) (\(statement.status.rawValue))")
        }
        if let noAnswer = findings.noAnswer { try output.line("  no statement of the network: \(noAnswer)") }
        try output.flush()
        try SheetDrawing.write(findings, to: path + ".pdf", replaces: false)
        try output.line("\(Text.printable(path)).pdf")
        try output.flush()
    }

    /// Tells whoever stands at the bed.
    private static func tell(_ news: ExamNews) {
        switch news {
        case .device(let words):
            clear()
            StandardError.say(words)
        case .again(let faults):
            clear()
            StandardError.say("take it again: " + faults.joined(separator: "; "))
        case .second(let left, let faults):
            guard isatty(2) == 1 else { return }
            let line = "\r\(left) s  " + (faults.isEmpty ? "good" : faults.joined(separator: "; ")) + "\u{1B}[K"
            _ = line.withCString { Glibc.write(2, $0, strlen($0)) }
        }
    }

    private static func clear() {
        if isatty(2) == 1 { _ = Glibc.write(2, "\r\u{1B}[K", 4) }
    }
}
