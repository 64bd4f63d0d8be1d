// What a sheet says of an exam: the values of the other commands, the right patient, and no lethal rhythm without a word.

import Foundation
import PrecordiaExams
import PrecordiaFindings
import PrecordiaFormats
import PrecordiaHost
import PrecordiaMeasure
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

private func finder(_ change: (inout ExamFinder.Request) -> Void = { _ in }) throws -> ExamFinder {
    var request = ExamFinder.Request()
    change(&request)
    return ExamFinder(model: try .shipped(), request: request)
}

private func find(_ path: String, _ change: (inout ExamFinder.Request) -> Void = { _ in }) throws -> Findings {
    try finder(change).findings(opened: path, name: path)
}

@Suite("Findings of a recorded exam")
struct ExamFindingsTests {
    @Test("Values and statements are those of measure and classify")
    func sameAsElsewhere() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("exam", seconds: 10)
        let findings = try find(path)
        let listing = try MeasureListing(record: path, marking: false)
        #expect(findings.values.first { $0.name == "PR" }?.value == listing.measurement.pr.map(Double.init))
        #expect(findings.values.first { $0.name == "QT" }?.error == listing.measurement.uncertainty.qt.map(Double.init))
        let model = try LoadedModel.shipped()
        let result = try ExamClassifier(model: model).classify(record: path)
        for statement in findings.statements where statement.status == .network {
            let place = try #require(model.vocabulary.statements.firstIndex { $0.code == statement.code })
            #expect(statement.probability == result.probabilities[place])
            #expect(result.probabilities[place] >= model.vocabulary.statements[place].shownFrom)
        }
        #expect(findings.statements.contains { $0.code == "SR" && $0.status == .network })
        #expect(findings.traces.allSatisfy { $0.state == .recorded && $0.microvolts.count == 5000 })
        #expect(findings.quality.verdict == .good)
        #expect(findings.median?.beats == listing.measurement.measuredBeats)
        #expect(try Findings(findings.line).traces == findings.traces)
    }

    @Test(
        "A lethal rhythm is named by the rules, and the network says nothing beside it",
        arguments: [Rhythm.ventricularFibrillation, .asystole, .ventricularTachycardia])
    func lethal(_ rhythm: Rhythm) throws {
        let folder = try TemporaryFolder()
        for seed in 1...3 {
            let findings = try find(try folder.record("exam\(seed)", seconds: 10, seed: UInt64(seed), rhythm: rhythm))
            #expect(findings.statements.contains { $0.status == .rule && $0.priority == 4 })
            #expect(!findings.statements.contains { $0.status == .network && $0.code == "NORM" })
            #expect(findings.noAnswer != nil || !findings.statements.isEmpty)
        }
    }

    @Test("Of a longer record the last ten seconds are shown, or those that were asked for, and everything is about them")
    func stretch() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("long", seconds: 60, rate: 250)
        let last = try find(path)
        #expect(last.exam.stretch == "Seconds 50.0 to 60.0 of 60.0")
        #expect(last.traces[0].microvolts.count == 2500)
        let early = try find(path) { $0.at = 20 }
        #expect(early.exam.stretch == "Seconds 20.0 to 30.0 of 60.0")
        #expect(early.traces[0].microvolts != last.traces[0].microvolts)
        #expect(early.statements.contains { $0.code == "SR" })
        #expect(throws: RuntimeError.self) { try find(path) { $0.at = 60 } }
        #expect(throws: RuntimeError.self) { try find(path) { $0.at = -1 } }
        // Nothing of the cut is left behind.
        let rest = try FileManager.default.contentsOfDirectory(atPath: FileManager.default.temporaryDirectory.path)
        #expect(!rest.contains { $0.hasPrefix("precordia-") && $0.count == 16 && $0.contains("exam") })
    }

    @Test("A short exam says how short it is")
    func short() throws {
        let folder = try TemporaryFolder()
        let findings = try find(try folder.record("short", seconds: 4))
        #expect(findings.exam.notes.contains("Only 4.0 s were recorded"))
    }

    @Test("A lead that is not there, and one that the header cannot scale, are not drawn")
    func leads() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("exam", seconds: 10)
        var request = LeadNaming()
        request = try LeadNaming("II,V1")
        let findings = try find(path) { $0.naming = request }
        #expect(findings.traces[1].state == .recorded)
        #expect(findings.traces[6].state == .recorded)
        #expect([0, 2, 3, 7, 11].allSatisfy { findings.traces[$0].state == .absent && findings.traces[$0].microvolts.isEmpty })
    }

    @Test("A filter acts on the drawing alone and is named")
    func filter() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("exam", seconds: 10)
        let plain = try find(path)
        let filtered = try find(path) { $0.filter = SheetFilter([.highPass0_5, .lowPass40]) }
        #expect(plain.exam.filter == "none, as recorded")
        #expect(filtered.exam.filter == "high-pass 0.5 Hz, low-pass 40 Hz")
        #expect(filtered.values == plain.values)
        #expect(filtered.traces[1].microvolts != plain.traces[1].microvolts)
        // At 100 Hz there is no low-pass of 150 Hz: it is not named either.
        let slow = try find(try folder.record("slow", seconds: 10, rate: 100)) { $0.filter = SheetFilter([.lowPass150]) }
        #expect(slow.exam.filter == "none, as recorded")
    }
}

@Suite("Whose exam it is")
struct PatientHeaderTests {
    @Test("Headers of converters and of PhysioNet are read")
    func comments() {
        let header = PatientHeader([
            "<age>: 74  <sex>: F", "Age: 74", "Sex: F", "patient: 17", "birth date: 1952-02-03", "name: Ana Sá", "device: GE MAC",
            "Rx: Unknown",
            "no colon", ": empty", "Age: 80",
        ])
        #expect(header.patient.age == "74")
        #expect(header.patient.sex == "female")
        #expect(header.patient.id == "17")
        #expect(header.patient.birthDate == "1952-02-03")
        #expect(header.patient.name == "Ana Sá")
        #expect(header.device == "GE MAC")
        #expect(PatientHeader(["Age: Unknown", "Sex: nan"]).patient == PatientFindings())
    }

    @Test("What a person says fills what is not there, and where both differ the sheet is refused")
    func joined() throws {
        var words = PatientWords()
        (words.name, words.sex) = ("Ana", "F")
        #expect(try PatientHeader([]).joined(with: words).name == "Ana")
        #expect(try PatientHeader(["Sex: female", "name: ana"]).joined(with: words).name == "Ana")
        #expect(
            throws: RuntimeError.badSetting(
                name: "--name", value: "Ana",
                allowed: "the record says 'Eva'; leave --name out, or see whether it is the right record")
        ) { try PatientHeader(["name: Eva"]).joined(with: words) }
        #expect(throws: RuntimeError.self) { try PatientHeader(["Sex: M"]).joined(with: words) }
    }

    @Test("Without identity nothing tells who it is: no name, number, date, file or device")
    func anonymous() throws {
        let folder = try TemporaryFolder()
        let path = try folder.record("SECRET1", seconds: 10)
        var words = PatientWords()
        (words.name, words.id, words.birthDate, words.age) = ("SECRET2", "SECRET3", "SECRET4", "93")
        (words.device, words.sex) = ("SECRET5", "male")
        let findings = try find(path) { request in
            request.words = words
            request.isAnonymous = true
        }
        let line = text(findings.line)
        #expect(!line.contains("SECRET"))
        #expect(!line.contains(folder.path))
        #expect(findings.patient.age == "90 or more")
        #expect(findings.patient.sex == "male")
    }

    @Test("The clock goes on over midnight, months and leap years")
    func clock() {
        let start = WFDBHeader.StartTime(
            date: .init(year: 2024, month: 2, day: 28), hour: 23, minute: 59, second: 55, millisecond: 500)
        #expect(start.later(bySeconds: 10).description == "2024-02-29 00:00:05")
        #expect(start.later(bySeconds: 86_410).description == "2024-03-01 00:00:05")
        #expect(WFDBHeader.StartTime(hour: 1).later(bySeconds: 0).description == "01:00:00")
        let eve = WFDBHeader.StartTime(date: .init(year: 2025, month: 12, day: 31), hour: 23, minute: 59, second: 59)
        #expect(eve.later(bySeconds: 1).description == "2026-01-01 00:00:00")
    }
}

@Suite("An exam against an earlier one")
struct ComparisonTests {
    private func exam(_ qt: Double, error: Double?, _ words: [String], name: String? = nil) -> Findings {
        var findings = Findings()
        findings.patient.name = name
        findings.exam.time = "2025-01-01 00:00:00"
        findings.values = [MeasuredValue("QT", "ms", qt, error: error), MeasuredValue("T axis", "°", qt < 400 ? 179 : -179, error: 1)]
        findings.statements = words.map { StatementFinding($0, code: $0, .network) }
        return findings
    }

    @Test("A value has changed where the difference is more than both errors explain; nothing is said where they are not known")
    func changes() throws {
        func isChange(_ now: Findings, _ before: Findings) throws -> Bool? {
            try ComparisonFinding(now, before: before, named: "other").changes[0].isChange
        }
        #expect(try isChange(exam(440, error: 2, []), exam(400, error: 2, [])) == true)
        #expect(try isChange(exam(440, error: 20, []), exam(400, error: 20, [])) == false)
        // As much as measuring may be off is none, however even the beats are.
        #expect(try isChange(exam(420, error: 2, []), exam(400, error: 2, [])) == false)
        #expect(try isChange(exam(440, error: nil, []), exam(400, error: 2, [])) == nil)
        // 179 and -179 degrees are two apart.
        let angle = try ComparisonFinding(exam(390, error: 1, []), before: exam(410, error: 1, []), named: "other").changes[1]
        #expect(angle.isChange == false)
    }

    @Test("Statements are new, gone or as before")
    func statements() throws {
        let found = try ComparisonFinding(exam(400, error: 1, ["a", "b"]), before: exam(400, error: 1, ["b", "c"]), named: "other")
        #expect([found.new, found.gone, found.same] == [["a"], ["c"], ["b"]])
        #expect(found.other == "2025-01-01 00:00:00")
    }

    @Test("What one exam could not say is not gone in the other; of a rule its figures do not count")
    func unsaid() throws {
        var now = exam(400, error: 1, [])
        now.noAnswer = "no statement while this rhythm is alarmed"
        now.statements = [StatementFinding("pause in the heartbeat, 3.1 s", code: "pause", .rule, priority: 2)]
        var before = exam(400, error: 1, ["sinus rhythm"])
        before.statements.append(StatementFinding("pause in the heartbeat, 4.0 s", code: "pause", .rule, priority: 2))
        let found = try ComparisonFinding(now, before: before, named: "other")
        #expect([found.new, found.gone, found.same] == [[], [], ["pause in the heartbeat"]])
        #expect(found.notes == ["one of both has no statements of the network"])
    }

    @Test("An exam of another patient is refused")
    func otherPatient() {
        #expect(
            throws: RuntimeError.badSetting(
                name: "--compare", value: "other", allowed: "it is of another patient: name 'Ana' here and 'Eva' there")
        ) { try ComparisonFinding(exam(400, error: 1, [], name: "Ana"), before: exam(400, error: 1, [], name: "Eva"), named: "other") }
    }
}

@Suite("The ECG around an alert")
struct LogSnippetTests {
    @Test("An entry's snippet is found by its number, with what its header says of the alert")
    func found() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("snippets"), withIntermediateDirectories: true)
        let writer = try WFDBWriter(
            path: folder.file("snippets/s0001-e0000017"), format: Simulator.format(rate: 250),
            comments: [
                "Precordia alert, entry 17 of the log, sample 9000 of its stream",
                "alert {\"event\":\"alertRaised\",\"condition\":\"vf-suspected\",\"statement\":\"ventricular fibrillation or flutter suspected\",\"priority\":\"high\",\"utc\":\"2026-11-30T04:42:10.000000Z\"}",
            ], startTime: .init(date: .init(year: 2026, month: 11, day: 30), hour: 4, minute: 42, second: 0))
        var simulator = Simulator(rate: 250, seed: 1, rhythm: .ventricularFibrillation, noise: .resting)
        var frame = Frame(index: 0)
        for _ in 0..<5000 {
            simulator.next(into: &frame)
            try writer.append(frame)
        }
        try writer.finish()
        let findings = try finder().findings(from: LogSnippet(folder.path + ":17"))
        #expect(
            findings.alarm
                == AlarmFinding(words: "ventricular fibrillation or flutter suspected", priority: "high", time: "2026-11-30 04:42:10 UTC"))
        #expect(findings.exam.mark == 5)
        #expect(findings.exam.time == "2026-11-30 04:42:05 UTC")
        #expect(findings.exam.stretch == "Seconds 5.0 to 15.0 of 20.0")
        let nameless = try finder { $0.isAnonymous = true }.findings(from: LogSnippet(folder.path + ":17"))
        #expect(!text(nameless.line).contains("2026-11-30"))
        #expect(nameless.alarm != nil)
    }

    @Test("What is no entry, no log, or has no ECG is told")
    func refused() throws {
        let folder = try TemporaryFolder()
        for wrong in ["", "17", "log", "log:", "log:x", "log:-1", "log:0"] {
            #expect(throws: RuntimeError.self) { try LogSnippet(wrong) }
        }
        #expect(throws: RuntimeError.self) { try LogSnippet(folder.path + ":1") }
        try FileManager.default.createDirectory(atPath: folder.file("snippets"), withIntermediateDirectories: true)
        #expect(
            throws: RuntimeError.badRecord(
                file: folder.path,
                problem: "entry 1 has no ECG; precordia log --folder '\(folder.path)' shows which have: those that end with a path")
        ) { try LogSnippet(folder.path + ":1") }
    }
}
