// `precordia report`: an exam, or the ECG around an alert, on paper. What is on it is found here; precordia-sheet draws it.

import ArgumentParser
import Glibc
import PrecordiaExams
import PrecordiaFindings
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal

extension SheetSettings.Paper: ExpressibleByArgument {}
extension SheetSettings.Layout: ExpressibleByArgument {}

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Draw a recorded exam, or the ECG around an alert, on ECG paper: PDF, SVG or PNG.",
        discussion: """
            Everything on the sheet is about its ten seconds: of a longer record the last ten, or those from --at on. docs/report.md says what \
            stands where. Not a medical device: a physician confirms what it says.
            """)

    @Argument(help: ArgumentHelp("The record.", valueName: "record"))
    var record: String?

    @Option(help: ArgumentHelp("The ECG around an alert: a log's folder and the entry's number, such as log:17.", valueName: "log:event"))
    var from: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("FILE.pdf (two pages), FILE.svg or FILE.png (one page), or FILE.json (what would be drawn).", valueName: "file"))
    var output: String

    @Flag(help: "Write over a file that is there.")
    var replace = false

    @OptionGroup(title: "The patient, where the record does not say it")
    var patient: PatientOptions

    @OptionGroup(title: "The sheet")
    var sheet: SheetOptions

    @Option(help: ArgumentHelp("An earlier exam of the same patient: what changed since then.", valueName: "record"))
    var compare: String?

    @Option(help: ArgumentHelp("The second of the record with which the sheet begins.", valueName: "seconds"))
    var at: Double?

    @Option(help: ArgumentHelp("QTc by fridericia, bazett, framingham or hodges.", valueName: "name"))
    var formula = "fridericia"

    @OptionGroup var leads: LeadOptions

    @OptionGroup var model: ModelOptions

    func validate() throws {
        guard (record == nil) != (from == nil) else { throw ValidationError("Give a record, or --from LOG:EVENT.") }
        guard MeasureText.formula(named: formula) != nil else {
            throw ValidationError("--formula \(formula) is none: fridericia, bazett, framingham or hodges.")
        }
        guard ["pdf", "svg", "png", "json"].contains(ending) else {
            throw ValidationError("-o \(output): a name that ends with .pdf, .svg, .png or .json says what is written.")
        }
    }

    /// What the output's name ends with.
    private var ending: String { output.split(separator: ".", omittingEmptySubsequences: false).last.map { $0.lowercased() } ?? "" }

    func run() throws {
        Interrupt.catchSignals()
        // Before anything is computed: who has chosen a wrong name shall not wait.
        if !replace { try refuseFile() }
        let model = try model.load()
        var request = ExamFinder.Request()
        request.naming = try leads.naming()
        request.words = patient.words
        request.isAnonymous = patient.anonymous && compare == nil
        request.at = at
        request.filter = sheet.filter
        request.formula = MeasureText.formula(named: formula)!
        let converted = ConvertedRecords()
        defer { converted.remove() }
        var findings = try find(ExamFinder(model: model, request: request), converted)
        findings.sheet = sheet.settings(form: SheetSettings.Form(rawValue: ending) ?? .pdf)
        if let compare { try add(compare, to: &findings, model, request, converted) }
        if patient.anonymous { findings.removeIdentity() }
        try SheetDrawing.write(findings, to: output, replaces: replace, asValues: ending == "json")
    }

    private func refuseFile() throws {
        var status = stat()
        guard stat(output, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        throw RuntimeError.cannotWrite(file: output, reason: "a file of this name is there; choose another name, or --replace")
    }

    private func find(_ finder: ExamFinder, _ converted: ConvertedRecords) throws(RuntimeError) -> Findings {
        if let from { return try finder.findings(from: LogSnippet(from)) }
        let record = record ?? ""
        return try finder.findings(opened: try Self.opened(record, converted), name: record)
    }

    /// Where a record lies that may be of another format.
    private static func opened(_ record: String, _ converted: ConvertedRecords) throws(RuntimeError) -> String {
        let entries = converted.convert([RecordList.Entry(path: record)])
        guard entries.count == 1, let entry = entries.first else {
            throw .badRecord(file: record, problem: "\(entries.count) recordings are in it; precordia-convert takes them apart")
        }
        if let failure = entry.failure { throw RuntimeError(failure) }
        return entry.opened
    }

    private func add(
        _ name: String, to findings: inout Findings, _ model: LoadedModel, _ request: ExamFinder.Request, _ converted: ConvertedRecords
    ) throws(RuntimeError) {
        var other = request
        other.at = nil
        other.naming = LeadNaming()
        other.words = PatientWords()
        let before = try ExamFinder(model: model, request: other).findings(opened: try Self.opened(name, converted), name: name)
        findings.comparison = try ComparisonFinding(findings, before: before, named: name)
    }
}

/// Who it is about.
struct PatientOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The patient's name.", valueName: "text"))
    var name: String?

    @Option(help: ArgumentHelp("The patient's number.", valueName: "text"))
    var id: String?

    @Option(help: ArgumentHelp("Such as 1952-02-03.", valueName: "date"))
    var birthDate: String?

    @Option(help: ArgumentHelp("In years; for limits of ST too.", valueName: "years"))
    var age: Int?

    @Option(help: ArgumentHelp("female or male; for limits of ST and QTc too.", valueName: "sex"))
    var sex: String?

    @Option(help: ArgumentHelp("The device that recorded.", valueName: "text"))
    var device: String?

    @Flag(help: "Leave out name, number, dates, and names of files and devices; age and sex stay.")
    var anonymous = false

    func validate() throws {
        if let age, !(0...130).contains(age) { throw ValidationError("--age takes 0 to 130 years, not \(age).") }
        if let sex, !["female", "male", "f", "m"].contains(sex.lowercased()) {
            throw ValidationError("--sex takes female or male, not \(sex).")
        }
    }

    var words: PatientWords {
        var words = PatientWords()
        (words.name, words.id, words.birthDate) = (name, id, birthDate)
        (words.age, words.sex, words.device) = (age.map { "\($0)" }, sex, device)
        return words
    }
}

/// How it looks.
struct SheetOptions: ParsableArguments {
    @Option(help: "3x4 with a rhythm strip, 6x2 or 12x1; 6x2 at 50 mm/s and 3x4 otherwise if not given.")
    var layout: SheetSettings.Layout?

    @Option(help: "a4 or letter, both lying.")
    var paper = SheetSettings.Paper.a4

    @Option(help: ArgumentHelp("25 or 50; at 50 the middle five seconds are drawn.", valueName: "mm/s"))
    var speed = 25

    @Option(help: ArgumentHelp("5, 10 or 20; less where leads would be cut or meet, and the sheet says so.", valueName: "mm/mV"))
    var gain = 10

    @Option(help: ArgumentHelp("The lead of the rhythm strip.", valueName: "lead"))
    var rhythm = "II"

    @Option(help: ArgumentHelp("Of a png, 40 to 600.", valueName: "dots per inch"))
    var dots = 150

    @Option(help: ArgumentHelp("Of svg and png: 1 the leads, 2 the median beat, sizes and comparison.", valueName: "page"))
    var page = 1

    @Option(help: ArgumentHelp("Take slow waves out of the drawing, below 0.05 or 0.5; 0.5 bends ST.", valueName: "hertz"))
    var highPass: Double?

    @Option(help: ArgumentHelp("Take fast waves out of the drawing, above 40, 100 or 150.", valueName: "hertz"))
    var lowPass: Int?

    @Option(help: ArgumentHelp("Take mains hum out of the drawing, 50 or 60.", valueName: "hertz"))
    var notch: Int?

    func validate() throws {
        guard [25, 50].contains(speed) else { throw ValidationError("--speed takes 25 or 50, not \(speed).") }
        guard [5, 10, 20].contains(gain) else { throw ValidationError("--gain takes 5, 10 or 20, not \(gain).") }
        guard (40...600).contains(dots) else { throw ValidationError("--dots takes 40 to 600, not \(dots).") }
        guard [1, 2].contains(page) else { throw ValidationError("--page takes 1 or 2, not \(page).") }
        guard Lead.allCases.contains(where: { $0.name == rhythm }) else {
            throw ValidationError("--rhythm takes a lead: \(Lead.allCases.map(\.name).joined(separator: ", ")).")
        }
        if let highPass, ![0.05, 0.5].contains(highPass) { throw ValidationError("--high-pass takes 0.05 or 0.5, not \(highPass).") }
        if let lowPass, ![40, 100, 150].contains(lowPass) { throw ValidationError("--low-pass takes 40, 100 or 150, not \(lowPass).") }
        if let notch, ![50, 60].contains(notch) { throw ValidationError("--notch takes 50 or 60, not \(notch).") }
    }

    var filter: SheetFilter {
        var filters: [StandardFilter] = []
        if let highPass { filters.append(highPass == 0.05 ? .highPass0_05 : .highPass0_5) }
        if let notch { filters.append(notch == 50 ? .notch50 : .notch60) }
        if let lowPass { filters.append(lowPass == 40 ? .lowPass40 : lowPass == 100 ? .lowPass100 : .lowPass150) }
        return SheetFilter(filters)
    }

    func settings(form: SheetSettings.Form) -> SheetSettings {
        var settings = SheetSettings()
        settings.form = form
        settings.paper = paper
        settings.layout = layout ?? (speed == 50 ? .sixByTwo : .threeByFour)
        (settings.speed, settings.gain, settings.rhythm) = (Double(speed), Double(gain), rhythm)
        (settings.dots, settings.page) = (dots, page)
        return settings
    }
}
