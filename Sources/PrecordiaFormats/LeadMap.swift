// Which signals of a record are its leads, and which counts, rate and derivations follow from that.
// Apart from the record type, because every refusal a clinician may see about leads, units and rates is decided here.

import PrecordiaSignal

/// The leads of a record among its signals.
struct LeadMap: Sendable {
    /// By lead, the signal's number in the record; -1 if the lead is derived or absent.
    var signal = InlineArray<12, Int>(repeating: -1)
    var leads: LeadSet = []
    /// Leads that are neither in the record nor computed from others.
    var absent: LeadSet = []
    /// Leads whose gain no header states, in any segment.
    var uncalibrated: LeadSet = []
    var others: [String] = []
    var notes: [String] = []
    var samplesPerFrame = 1
    var rate = 0
    var format = StreamFormat(rate: 0)

    /// - Throws: `duplicateLead`, `missingLead`, `unknownUnit`, `unsupportedRate` or `absurdValue`.
    init(signals record: WFDBSignals, anyLeads: Bool) throws(RecordError) {
        try findLeads(record, anyLeads: anyLeads)
        try checkRate(record)
        let computable = leads.contains(.I) && leads.contains(.II) ? LeadSet.derived.subtracting(leads) : []
        absent = LeadSet.all.subtracting(leads).subtracting(computable)
        format = StreamFormat(rate: rate, derived: computable)
        for lead in Lead.allCases where leads.contains(lead) { try calibrate(lead, record) }
        noteOddities(record)
    }

    private func label(_ record: WFDBSignals, _ index: Int) -> String {
        record.signals[index].name.isEmpty ? "signal \(index + 1)" : record.signals[index].name
    }

    private mutating func findLeads(_ record: WFDBSignals, anyLeads: Bool) throws(RecordError) {
        var modified = false
        for (index, candidate) in record.signals.enumerated() {
            guard let lead = Lead(spelling: candidate.name) else {
                others.append(label(record, index))
                continue
            }
            let place = Int(lead.rawValue)
            guard signal[place] < 0 else {
                throw RecordError(
                    .duplicateLead, file: record.header.path, place: "lead \(lead.name)",
                    problem:
                        "signals \(signal[place] + 1) ('\(record.signals[signal[place]].name)') and \(index + 1) ('\(candidate.name)') both are this lead",
                    remedy: "each lead may be in a record once")
            }
            signal[place] = index
            leads.insert(LeadSet(lead))
            modified = modified || Lead.isModified(candidate.name)
        }
        if modified { notes.append("limb leads are marked as modified (ML...): electrodes on the trunk shift axis and Q waves") }
        let absent = LeadSet.independent.subtracting(leads)
        guard absent.isEmpty || (anyLeads && !leads.isEmpty) else {
            let names = Lead.allCases.filter { absent.contains($0) }.map(\.name).joined(separator: ", ")
            let has = record.signals.indices.prefix(24).map { label(record, $0) }.joined(separator: ", ")
            throw RecordError(
                .missingLead, file: record.header.path, place: absent.count == 1 ? "lead \(names)" : "leads \(names)",
                problem: "not in the record, which has \(has.isEmpty ? "no signal" : has)",
                remedy: anyLeads
                    ? "one of the twelve leads is needed, by a usual name"
                    : "I, II and V1 to V6 are needed; III, aVR, aVL and aVF can be computed")
        }
    }

    private mutating func checkRate(_ record: WFDBSignals) throws(RecordError) {
        let present = Lead.allCases.filter { leads.contains($0) }
        samplesPerFrame = record.signals[signal[Int(present[0].rawValue)]].samplesPerFrame
        for lead in present {
            let own = record.signals[signal[Int(lead.rawValue)]].samplesPerFrame
            guard own == samplesPerFrame else {
                throw RecordError(
                    .unsupportedRate, file: record.header.path, place: "lead \(lead.name)",
                    problem: "\(own) samples a frame, lead \(present[0].name) has \(samplesPerFrame)",
                    remedy: "all leads must have the same rate")
            }
        }
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
            let scale = try LeadMap.microvoltsPerCount(source, lead, header.path)
            guard let finest = best else {
                best = (scale, source.baseline)
                continue
            }
            differ = differ || finest.microvolts != scale || finest.baseline != source.baseline
            if abs(scale) < abs(finest.microvolts) { best = (scale, source.baseline) }
        }
        if best == nil {
            let layout = record.signals[signal[place]]
            best = (try LeadMap.microvoltsPerCount(layout, lead, record.header.path), layout.baseline)
        }
        guard let chosen = best else { return }
        format.microvoltsPerCount[place] = chosen.microvolts
        format.baseline[place] = chosen.baseline
        if differ { notes.append("lead \(lead.name) changes its gain or baseline between segments; all are converted to the finest one") }
        if chosen.microvolts < 0 { notes.append("lead \(lead.name) has a negative gain") }
        if abs(chosen.microvolts) > 1000 || abs(chosen.microvolts) < 0.0001 {
            notes.append("lead \(lead.name) has \(chosen.microvolts) microvolts a count, which no electrocardiograph has")
        }
    }

    /// Microvolts that one count of `signal` stands for.
    static func microvoltsPerCount(_ signal: WFDBHeader.Signal, _ lead: Lead, _ path: String) throws(RecordError) -> Double {
        guard let unit = Voltage.microvolts(per: signal.unit) else {
            throw RecordError(
                .unknownUnit, file: path, place: "lead \(lead.name)", problem: "'\(signal.unit)' is no voltage",
                remedy: "mV, uV, V or nV is right")
        }
        let scale = unit / signal.gain
        guard StreamFormat.scales.contains(scale.magnitude) else {
            throw RecordError(
                .absurdValue, file: path, place: "lead \(lead.name), gain",
                problem: "\(signal.gain) counts a \(signal.unit) are \(scale) microvolts a count",
                remedy:
                    "\(StreamFormat.scales.lowerBound) to \(StreamFormat.scales.upperBound) microvolts a count are right, a gain such as 1000/mV"
            )
        }
        return scale
    }

    private mutating func noteOddities(_ record: WFDBSignals) {
        if !others.isEmpty { notes.append("signals that are not leads are ignored: \(others.prefix(24).joined(separator: ", "))") }
        let derived = format.derived
        if !derived.isEmpty {
            let names = Lead.allCases.filter { derived.contains($0) }.map(\.name).joined(separator: ", ")
            notes.append("\(names) \(derived.count == 1 ? "is" : "are") computed from I and II")
        }
    }
}
