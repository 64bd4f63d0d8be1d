// Which signals of a record are its leads, and which counts, rate and derivations follow from that.
// Apart from the record type, because everything a clinician may be told about leads, units and rates is decided here.

import PrecordiaSignal

/// The leads of a record among its signals.
///
/// A signal that is no lead, or a lead that cannot be read, never refuses the record: it is left out and told, as long as one lead remains.
struct LeadMap: Sendable {
    /// By lead, the signal's number in the record; -1 if the lead is derived or absent.
    var signal = InlineArray<12, Int>(repeating: -1)
    var leads: LeadSet = []
    /// Leads whose gain no header states, in any segment.
    var uncalibrated: LeadSet = []
    /// Leads that the record has and that cannot be read.
    var lost: LeadSet = []
    var others: [String] = []
    var notes: [String] = []
    /// Those of them that a person has to know: what is left out, and what is heard without knowing where it is from.
    var warnings: [String] = []
    var samplesPerFrame = 1
    var rate = 0
    var format = StreamFormat(rate: 0)

    private let record: WFDBSignals
    private let labels: [String]
    /// Why signals were left out, the first of them.
    private var firstFault: RecordError?
    private var modified = false
    /// What is to be said of one lead, or of several alike.
    private var alike: [(one: String, many: String, leads: [String])] = []

    /// - Parameters:
    ///   - faults: signals that cannot be read, by number, beside those of which the record knows it.
    ///   - naming: what a person says about the signals.
    /// - Throws: `missingLead` if no lead remains, or one that was named is not there; what is wrong with the first of them if that is why;
    ///   `unsupportedRate`.
    init(signals record: WFDBSignals, naming: LeadNaming = LeadNaming(), faults: [Int: RecordError] = [:]) throws(RecordError) {
        self.record = record
        labels = record.signals.indices.map { record.signals[$0].name.isEmpty ? "signal \($0 + 1)" : record.signals[$0].name }
        let said = try resolve(naming)
        var candidates = named(said)
        let faults = faults.merging(record.faults) { first, _ in first }
        leaveOutDamaged(&candidates, faults)
        leaveOutRepeated(&candidates)
        leaveOutOtherRates(&candidates)
        for candidate in candidates { take(candidate.signal, candidate.lead) }
        placeUnplaced(said, faults)
        if let only = naming.only { hear(only) }
        guard !leads.isEmpty else { throw nothing(naming) }
        try checkRate()
        let known = leads.subtracting(format.unplaced)
        let computable = known.contains(.I) && known.contains(.II) ? LeadSet.derived.subtracting(leads) : []
        let unplaced = format.unplaced
        format = StreamFormat(rate: rate, derived: naming.only.map { computable.intersection($0) } ?? computable)
        format.absent = LeadSet.all.subtracting(leads).subtracting(format.derived)
        format.unplaced = unplaced
        for lead in Lead.allCases where leads.contains(lead) { try calibrate(lead, record) }
        noteOddities()
    }

    /// What was said of each signal; an entry that fits none is an error, because a slip of the pen must not change what is heard.
    private func resolve(_ naming: LeadNaming) throws(RecordError) -> [Int: Lead?] {
        let (said, unknown) = naming.resolved(record.signals.map(\.name))
        guard let unknown else { return said }
        throw RecordError(
            .missingLead, file: record.header.path, place: "--leads",
            problem: "no signal is called '\(unknown)', or not so many; the record has \(list(Array(record.signals.indices)))",
            remedy: "a signal's name or number, as in 1=II, is right")
    }

    /// A signal that says which lead it is.
    private struct Candidate {
        var signal: Int
        var lead: Lead
    }

    private mutating func named(_ said: [Int: Lead?]) -> [Candidate] {
        let chosen = Set(said.values.compactMap { $0 })
        var candidates: [Candidate] = []
        for index in record.signals.indices {
            if let told = said[index] {
                if let told { candidates.append(Candidate(signal: index, lead: told)) }
            } else if let lead = Lead(spelling: record.signals[index].name), !chosen.contains(lead) {
                candidates.append(Candidate(signal: index, lead: lead))
            }
        }
        return candidates
    }

    /// Takes out what cannot be read: another unit than a voltage, a gain that cannot be, a file that is damaged.
    private mutating func leaveOutDamaged(_ candidates: inout [Candidate], _ faults: [Int: RecordError]) {
        candidates.removeAll { candidate in
            guard let fault = faults[candidate.signal] ?? unreadable(candidate.signal, candidate.lead.name) else { return false }
            leaveOut(candidate.lead, fault)
            return true
        }
    }

    private mutating func warn(_ text: String) {
        notes.append(text)
        warnings.append(text)
    }

    private mutating func leaveOut(_ lead: Lead, _ fault: RecordError) {
        firstFault = firstFault ?? fault
        lost.insert(LeadSet(lead))
        warn("lead \(lead.name) is left out: \(fault.problem)")
    }

    private func unreadable(_ index: Int, _ name: String) -> RecordError? {
        for segment in record.segments {
            guard let header = segment.header, segment.columns[index] >= 0 else { continue }
            do throws(RecordError) { _ = try LeadMap.microvoltsPerCount(header.signals[segment.columns[index]], name, header.path) } catch {
                return error
            }
        }
        do throws(RecordError) { _ = try LeadMap.microvoltsPerCount(record.signals[index], name, record.header.path) } catch {
            return error
        }
        return nil
    }

    /// Of several signals for one lead the first is heard.
    private mutating func leaveOutRepeated(_ candidates: inout [Candidate]) {
        var kept: [Candidate] = []
        for candidate in candidates {
            guard let first = kept.first(where: { $0.lead == candidate.lead }) else {
                kept.append(candidate)
                continue
            }
            let both = "signals \(first.signal + 1) ('\(labels[first.signal])') and \(candidate.signal + 1) ('\(labels[candidate.signal])')"
            warn("\(both) both are lead \(candidate.lead.name); the first is heard")
        }
        candidates = kept
    }

    /// All leads have one rate: that of most of them, of the first ones if there are as many of another.
    private mutating func leaveOutOtherRates(_ candidates: inout [Candidate]) {
        func count(_ rate: Int, _ all: [Candidate]) -> Int { all.count { record.signals[$0.signal].samplesPerFrame == rate } }
        var usual = candidates.first.map { record.signals[$0.signal].samplesPerFrame } ?? 1
        for candidate in candidates {
            let own = record.signals[candidate.signal].samplesPerFrame
            if count(own, candidates) > count(usual, candidates) { usual = own }
        }
        samplesPerFrame = usual
        candidates.removeAll { candidate in
            let own = record.signals[candidate.signal].samplesPerFrame
            guard own != usual else { return false }
            leaveOut(
                candidate.lead,
                RecordError(
                    .unsupportedRate, file: record.header.path, place: "lead \(candidate.lead.name)",
                    problem: "it has \(own) samples a frame, the other leads \(usual)", remedy: "all leads must have the same rate"))
            return true
        }
    }

    private mutating func take(_ index: Int, _ lead: Lead) {
        signal[Int(lead.rawValue)] = index
        leads.insert(LeadSet(lead))
        modified = modified || Lead.isModified(record.signals[index].name)
    }

    /// Gives free places to what is an electrocardiogram without saying of where: such signals beside fewer than all measured leads, and where
    /// nothing says that it is one, every voltage that does not say that it is something else.
    private mutating func placeUnplaced(_ said: [Int: Lead?], _ faults: [Int: RecordError]) {
        guard !LeadSet.independent.subtracting(leads).isEmpty else { return }
        let nameless = record.signals.indices.filter { said[$0] == nil && Lead(spelling: record.signals[$0].name) == nil }
        var found = nameless.filter { UnplacedSignals.isECG(record.signals[$0].name) }
        if found.isEmpty, leads.isEmpty, lost.isEmpty { found = nameless.filter { !UnplacedSignals.isOther(record.signals[$0].name) } }
        found.removeAll { index in
            guard let fault = faults[index] ?? unreadable(index, labels[index]) else { return false }
            firstFault = firstFault ?? fault
            warn("signal \(index + 1) ('\(labels[index])') is left out: \(fault.problem)")
            return true
        }
        if leads.isEmpty, let first = found.first { samplesPerFrame = record.signals[first].samplesPerFrame }
        var heard: [String] = []
        for index in found where record.signals[index].samplesPerFrame == samplesPerFrame {
            guard let place = UnplacedSignals.places.first(where: { !leads.contains($0) && !lost.contains($0) }) else { break }
            take(index, place)
            format.unplaced.insert(LeadSet(place))
            heard.append("'\(labels[index])' (signal \(index + 1)) as \(place.name)")
        }
        guard !heard.isEmpty else { return }
        let isOne = heard.count == 1
        warn(
            "\(heard.joined(separator: ", ")): heard in a free place, because \(isOne ? "its name says" : "their names say") no lead; the classifier "
                + "does not hear \(isOne ? "it" : "them"). --leads \(found[0] + 1)=II says that signal \(found[0] + 1) is lead II")
    }

    private mutating func hear(_ only: LeadSet) {
        for lead in Lead.allCases where leads.contains(lead) && !only.contains(lead) { signal[Int(lead.rawValue)] = -1 }
        leads = leads.intersection(only)
        format.unplaced = format.unplaced.intersection(only)
    }

    private func list(_ signals: [Int]) -> String {
        signals.isEmpty ? "no signal" : signals.prefix(24).map { labels[$0] }.joined(separator: ", ")
    }

    /// Why there is nothing to hear.
    private func nothing(_ naming: LeadNaming) -> RecordError {
        if let firstFault { return firstFault }
        let names = naming.only.map { only in Lead.allCases.filter { only.contains($0) }.map(\.name).joined(separator: ", ") }
        return RecordError(
            .missingLead, file: record.header.path, place: names.map { "leads \($0)" } ?? "leads",
            problem:
                "\(names == nil ? "no signal is an electrocardiogram" : "not in the record, which has") \(names == nil ? "among " : "")\(list(Array(record.signals.indices)))",
            remedy: "--leads NAME=II, or --leads 1=II, says that a signal is lead II")
    }

    private mutating func checkRate() throws(RecordError) {
        let exact = record.header.frequency * Double(samplesPerFrame)
        let whole = exact.rounded()
        guard whole >= Double(StreamFormat.rates.lowerBound), whole <= Double(StreamFormat.rates.upperBound),
            abs(exact - whole) <= whole * 1e-5
        else {
            throw RecordError(
                .unsupportedRate, file: record.header.path, place: "sampling frequency", problem: "\(exact) Hz",
                remedy: "a whole number of hertz from \(StreamFormat.rates.lowerBound) to \(StreamFormat.rates.upperBound) is right")
        }
        rate = Int(whole)
    }

    /// Takes the finest resolution that the lead has in any segment, so that converting the others loses nothing that matters.
    private mutating func calibrate(_ lead: Lead, _ record: WFDBSignals) throws(RecordError) {
        let place = Int(lead.rawValue)
        var best: (microvolts: Double, baseline: Int32)?
        var differ = false
        for segment in record.segments {
            guard let header = segment.header, segment.columns[signal[place]] >= 0 else { continue }
            let source = header.signals[segment.columns[signal[place]]]
            if !source.isCalibrated { uncalibrated.insert(LeadSet(lead)) }
            let scale = try LeadMap.microvoltsPerCount(source, lead.name, header.path)
            guard let finest = best else {
                best = (scale, source.baseline)
                continue
            }
            differ = differ || finest.microvolts != scale || finest.baseline != source.baseline
            if abs(scale) < abs(finest.microvolts) { best = (scale, source.baseline) }
        }
        if best == nil {
            let layout = record.signals[signal[place]]
            best = (try LeadMap.microvoltsPerCount(layout, lead.name, record.header.path), layout.baseline)
        }
        guard let chosen = best else { return }
        format.microvoltsPerCount[place] = chosen.microvolts
        format.baseline[place] = chosen.baseline
        let between = "gain or baseline between segments; all are converted to the finest one"
        if differ { note(lead, "changes its \(between)", "change their \(between)") }
        if chosen.microvolts < 0 { note(lead, "has a negative gain", "have a negative gain") }
        if abs(chosen.microvolts) > 1000 || abs(chosen.microvolts) < 0.0001 {
            let odd = "\(chosen.microvolts) microvolts a count, which no electrocardiograph has"
            note(lead, "has \(odd)", "have \(odd)")
        }
    }

    /// One note for all leads of which the same is to be said.
    private mutating func note(_ lead: Lead, _ one: String, _ many: String) {
        if let place = alike.firstIndex(where: { $0.one == one }) {
            alike[place].leads.append(lead.name)
        } else {
            alike.append((one, many, [lead.name]))
        }
    }

    /// Microvolts that one count of `signal` stands for.
    static func microvoltsPerCount(_ signal: WFDBHeader.Signal, _ lead: String, _ path: String) throws(RecordError) -> Double {
        guard let unit = Voltage.microvolts(per: signal.unit) else {
            throw RecordError(
                .unknownUnit, file: path, place: "lead \(lead)", problem: "'\(signal.unit)' is no voltage",
                remedy: "mV, uV, V or nV is right")
        }
        let scale = unit / signal.gain
        guard StreamFormat.scales.contains(scale.magnitude) else {
            throw RecordError(
                .absurdValue, file: path, place: "lead \(lead), gain",
                problem: "\(signal.gain) counts a \(signal.unit) are \(scale) microvolts a count",
                remedy:
                    "\(StreamFormat.scales.lowerBound) to \(StreamFormat.scales.upperBound) microvolts a count are right, a gain such as 1000/mV"
            )
        }
        return scale
    }

    private mutating func noteOddities() {
        for note in alike {
            let names = note.leads.joined(separator: ", ")
            notes.append(note.leads.count == 1 ? "lead \(names) \(note.one)" : "leads \(names) \(note.many)")
        }
        for index in record.signals.indices
        where !(0..<12).contains(where: { signal[$0] == index }) && Lead(spelling: record.signals[index].name) == nil {
            others.append(labels[index])
        }
        if modified { notes.insert("leads are marked as modified (ML..., mod.): electrodes on the trunk shift axis and Q waves", at: 0) }
        if !others.isEmpty { notes.append("signals that are not leads are ignored: \(others.prefix(24).joined(separator: ", "))") }
        let derived = format.derived
        if !derived.isEmpty {
            let names = Lead.allCases.filter { derived.contains($0) }.map(\.name).joined(separator: ", ")
            notes.append("\(names) \(derived.count == 1 ? "is" : "are") computed from I and II")
        }
        let absent = format.absent.subtracting(lost)
        if !absent.isEmpty {
            notes.append("not in the record: \(Lead.allCases.filter { absent.contains($0) }.map(\.name).joined(separator: ", "))")
        }
    }
}
