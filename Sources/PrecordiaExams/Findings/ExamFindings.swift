// Everything that is said of one exam, gathered for a sheet: measured, judged and told by the very code of the other commands.

import PrecordiaBeats
package import PrecordiaFindings
package import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaMeasure
import PrecordiaQuality
package import PrecordiaSession
import PrecordiaSignal

/// Finds what a sheet shows.
///
/// - Memory: two engines, one after the other, and the stretch's samples. Cost: some 40 ms for ten seconds.
package struct ExamFinder {
    /// What a person asked for.
    package struct Request {
        package var naming = LeadNaming()
        package var words = PatientWords()
        package var isAnonymous = false
        /// The second of the record with which the sheet begins; nil for its last ten.
        package var at: Double?
        package var filter = SheetFilter([])
        package var formula = QTFormula.fridericia

        package init() {}
    }

    private let model: LoadedModel
    private var request: Request

    package init(model: LoadedModel, request: Request) {
        self.model = model
        self.request = request
    }

    /// Findings of the ECG around an alert of a log: ten seconds with the alert in their middle, unless another second was asked for.
    package func findings(from snippet: LogSnippet) throws(RuntimeError) -> Findings {
        let record = try SignalSource.open(snippet.path, request.naming)
        let found = snippet.alarm(in: record)
        var finder = self
        let half = Double(ExamStretch.seconds) / 2
        finder.request.at = request.at ?? max(0, min((found?.second ?? 2 * half) - half, record.duration - 2 * half))
        finder.request.isAnonymous = false
        var findings = try finder.findings(opened: snippet.path, name: "log \(snippet.folder), entry \(snippet.entry)")
        findings.alarm = found?.alarm
        findings.exam.time = findings.exam.time.map { $0 + " UTC" }
        findings.exam.mark = found.map { $0.second - (finder.request.at ?? 0) }.flatMap { $0 >= 0 ? $0 : nil }
        if request.isAnonymous { findings.removeIdentity() }
        return findings
    }

    /// Findings of the record that lies at `opened` and is called `name`; the sheet's settings are the usual ones.
    package func findings(opened: String, name: String) throws(RuntimeError) -> Findings {
        let stretch = try ExamStretch(record: opened, naming: request.naming, at: request.at)
        let whole = stretch.whole
        let header = PatientHeader(whole.comments)
        var findings = Findings()
        findings.patient = try header.joined(with: request.words)
        let windows = try RecordQuality.windows(record: stretch.path, naming: stretch.naming)
        let report = windows.last?.report ?? QualityReport()
        findings.quality = QualityFinding(report)
        let record = try SignalSource.open(stretch.path, stretch.naming)
        findings.traces = try ExamTraces.traces(record, of: whole, report: report, filter: request.filter)
        findings.exam = facts(stretch, device: request.words.device ?? header.device, name)
        try judge(&findings, stretch)
        if request.isAnonymous { findings.removeIdentity() }
        return findings
    }

    private func facts(_ stretch: ExamStretch, device: String?, _ name: String) -> ExamFacts {
        var facts = ExamFacts()
        let whole = stretch.whole
        facts.time = stretch.time
        facts.source = name
        facts.device = device
        facts.rate = whole.rate
        facts.stretch = stretch.words
        facts.filter = request.filter.words(rate: whole.rate)
        facts.program = "Precordia \(ProgramVersion.text), model \(Text.printable(model.identity.name))"
        let seconds = Double(stretch.count) / Double(whole.rate)
        if whole.comments.contains(where: { $0.hasPrefix("simulated by Precordia") }) {
            facts.notes.append("Simulated: there is no patient")
        }
        if seconds < 9.95 { facts.notes.append("Only \(Text.fixed(seconds, decimals: 1)) s were recorded") }
        if whole.isRateAssumed { facts.notes.append("The sampling rate is not stated: 250 Hz are assumed, times may be wrong") }
        facts.notes += whole.warnings
        return facts
    }

    private func judge(_ findings: inout Findings, _ stretch: ExamStretch) throws(RuntimeError) {
        var source = SignalSource(stretch.whole, name: findings.exam.source ?? "")
        let rules = try RuleFindings(&source, model: model, from: UInt64(stretch.first), to: UInt64(stretch.first + stretch.count))
        let listing = try MeasureListing(record: stretch.path, naming: stretch.naming, marking: false)
        findings.statements = rules.statements
        guard !rules.withholds else {
            // As a live session does: no statement and no value may contradict the alarm.
            findings.noAnswer = EventWords.withheld
            findings.values = MeasureValues.withheld
            return
        }
        let result = try ExamClassifier(model: model, naming: stretch.naming).classify(record: stretch.path)
        findings.noAnswer = result.noAnswer
        if result.noAnswer == nil { findings.statements += network(result) }
        let patient = PatientFacts(findings.patient)
        let criteria = ClassCriteria(listing, patient: patient)
        findings.statements += ClassCriteria.codes.filter { criteria.isMet($0) == true }.map {
            StatementFinding(words(ofClass: $0), code: $0, .criterion)
        }
        if result.noAnswer == nil { findings.statements += machine(result) }
        findings.values = MeasureValues.values(listing, formula: request.formula)
        findings.median = MedianFinding(listing)
        if listing.misfit.kind != .none {
            findings.exam.notes.append("\(EventWords.misfit(listing.misfit)): no voltage, axis or ST is to be trusted")
        }
    }

    /// The model's own statements that reach their thresholds, the most probable first.
    private func network(_ result: ExamResult) -> [StatementFinding] {
        let labels = model.vocabulary.statements
        let order = Vocabulary.top(labels.count, of: result.probabilities[..<labels.count].map { Float($0) })
        return order.filter { result.probabilities[$0] >= labels[$0].shownFrom }.map {
            StatementFinding(labels[$0].words, code: labels[$0].code, .network, probability: result.probabilities[$0])
        }
    }

    /// Classes that were learned from another machine's labels, where one of these reaches its threshold.
    private func machine(_ result: ExamResult) -> [StatementFinding] {
        let vocabulary = model.vocabulary
        let found = vocabulary.classes.indices.filter { index in
            let entry = vocabulary.classes[index]
            return entry.evidence == 2 && entry.sources.contains { result.probabilities[$0] >= vocabulary.labels[$0].shownFrom }
        }
        return found.map { index in
            StatementFinding(
                vocabulary.classes[index].words, code: vocabulary.classes[index].code, .machine,
                probability: result.classProbabilities[index])
        }
    }

    private func words(ofClass code: String) -> String { model.vocabulary.classes.first { $0.code == code }?.words ?? code }
}

extension PatientFacts {
    /// Age and sex of a patient, where they are known.
    init(_ patient: PatientFindings) {
        self.init()
        if let age = patient.age.flatMap({ UInt8($0) }), age <= 120 { self.age = age }
        sex = patient.sex == "female" ? .female : patient.sex == "male" ? .male : .unknown
    }
}

extension QualityFinding {
    /// A report in words, fault by fault.
    init(_ report: QualityReport) {
        self.init()
        switch report.verdict {
        case .good: verdict = .good
        case .degraded: verdict = .degraded
        // Leads that a cable does not have are no fault of the signal.
        case .unknown: verdict = report.isSpoilt || report.samples == 0 ? .unknown : report.bad.isEmpty ? .good : .degraded
        }
        let sets = [
            ("not recorded", report.absent), ("electrode off", report.off), ("flat", report.flat), ("at its limit", report.clipped),
            ("samples missing", report.gap), ("noise", report.noisy), ("out of range", report.outOfRange), ("mains hum", report.mains),
            ("baseline wander", report.wander), ("muscle noise", report.muscle), ("spikes", report.spikes),
        ]
        faults = sets.filter { !$0.1.isEmpty }.map { "\($0.0): \(EventWords.leadList($0.1.rawValue))" }
        if report.swap != .none { faults.append("electrodes at each other's places: \(EventWords.swap(report.swap))") }
        if report.misfit.kind != .none { faults.append(EventWords.misfit(report.misfit)) }
        if faults.isEmpty, verdict == .unknown { faults.append("too short") }
    }
}

extension Findings {
    /// Takes away what tells who it is: name, numbers, dates, and names of files and devices, which may hold any of them.
    package mutating func removeIdentity() {
        patient = patient.anonymous
        exam.time = nil
        exam.source = nil
        exam.device = nil
        exam.notes.removeAll { !$0.hasPrefix("Only ") && !$0.hasPrefix("The sampling rate") && !$0.hasPrefix("Simulated") }
        alarm?.time = nil
        if comparison != nil { comparison?.other = "the earlier exam" }
    }
}
