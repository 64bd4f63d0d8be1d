// Measurements of a stream: when they are made, what may be said of them, and the alerts that rest on them.
// Apart from the hop, because an engine measures only where it is asked to.

import PrecordiaAlerts
import PrecordiaBeats
import PrecordiaMeasure
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaSignal

/// What an engine that measures keeps.
struct EngineMeasuring {
    /// In the engine's memory; nil in an engine that does not measure.
    let monitor: UnsafeMutablePointer<MeasureMonitor>?
    /// Samples of the model's rate between two measurements, and those since the last one.
    let period: Int
    var fill = 0
    /// The beats' index of the monitor's first sample.
    var offset: Int64 = 0
    /// The monitor's sample behind the last one in which nothing was heard.
    var heardFrom: Int64 = 0
    /// What was told last, and what ST and conduction came to in it.
    var values = MeasuredValues()
    var findings: STFindings?
    var baseline = STBaseline()
    var qtc: Float?
    var conduction: Float?

    init(monitor: UnsafeMutablePointer<MeasureMonitor>?, period: Int) {
        self.monitor = monitor
        self.period = period
    }

    /// Nothing is known any more.
    @_noAllocation @_noLocks
    mutating func forget() {
        findings = nil
        qtc = nil
        conduction = nil
        values = MeasuredValues()
    }
}

extension Engine {
    /// What was measured last, with its `measurement` event; nothing is known before, and of an engine that does not measure.
    public var measuredValues: MeasuredValues { @_noAllocation @_noLocks get { measuring.values } }

    /// Whether this engine measures.
    public var measures: Bool { @_noAllocation @_noLocks get { measuring.monitor != nil } }

    /// Hears the frame that beats have just heard.
    @_noAllocation @_noLocks
    mutating func hearMeasured(_ microvolts: UnsafePointer<Double>, usable: LeadSet, isJudged: Bool) {
        guard let monitor = measuring.monitor else { return }
        monitor.pointee.push(microvolts, usable: usable)
        if usable.isEmpty { measuring.heardFrom = monitor.pointee.position }
        guard isJudged else { return }
        var beat = beats.lastBeat
        beat.position &-= measuring.offset
        if beat.position >= 0 { monitor.pointee.add(beat) }
    }

    /// Passes over frames that never came, as the beats do.
    @_noAllocation @_noLocks
    mutating func missMeasured() {
        guard let monitor = measuring.monitor else { return }
        monitor.pointee.push(samples, usable: .empty)
        measuring.heardFrom = monitor.pointee.position
    }

    /// Begins anew behind a hole too long to bridge. The patient's own levels stay.
    @_noAllocation @_noLocks
    mutating func restartMeasured() {
        guard let monitor = measuring.monitor else { return }
        monitor.pointee.reset()
        measuring.offset = beats.position
        measuring.heardFrom = 0
        measuring.fill = 0
        measuring.forget()
    }

    /// A hop has passed: measures where it is time to, and weighs what is known of it.
    @_noAllocation @_noLocks
    mutating func measureHop(_ report: QualityReport) {
        guard let monitor = measuring.monitor else { return }
        if isLethalRhythmAlarmed { return withhold() }
        measuring.fill &+= hop
        let isWhole = monitor.pointee.position >= Int64(MeasureMonitor.seconds &* stream.rate)
        if isWhole, measuring.fill >= measuring.period {
            measuring.fill = 0
            measure(monitor, report)
        }
        weighMeasured()
    }

    private mutating func measure(_ monitor: UnsafeMutablePointer<MeasureMonitor>, _ report: QualityReport) {
        measuring.forget()
        monitor.pointee.measure(markingAll: false)
        let certain = certainLeads(report)
        let axes = report.swap == .none && report.misfit.kind == .none && stream.unplaced.intersection(.limb).isEmpty
        measuring.values = MeasuredValues(monitor.pointee.measurement, leads: certain, axes: axes)
        if heartRate == nil { measuring.values.heartRate = .nan }
        judge(monitor, certain)
        let rate = measuring.values.heartRate
        queue.push(Event(.measurement, sample: lastIndex, leads: measuring.values.leads, value: rate))
    }

    /// While a rhythm that kills is alarmed nothing that was measured holds, which is told at once, and none of its signal is measured afterwards.
    private mutating func withhold() {
        let isTold = measuring.values.isWithheld
        restartMeasured()
        measuring.values.isWithheld = true
        if !isTold { queue.push(Event(.measurement, sample: lastIndex, value: .nan)) }
        weighMeasured()
    }

    /// Leads whose place on the body is certain.
    private func certainLeads(_ report: QualityReport) -> LeadSet {
        let certain: LeadSet =
            switch report.misfit.kind {
            case .scaledEach, .unknown: .empty
            case .inverted, .exchanged, .scaled: .chest
            case .none: report.swap == .none ? .all : .chest
            }
        return certain.subtracting(stream.unplaced)
    }

    private mutating func judge(_ monitor: UnsafeMutablePointer<MeasureMonitor>, _ certain: LeadSet) {
        let found = STCriteria.judge(
            monitor.pointee.measurement, patient: patient, leads: certain, baseline: measuring.baseline)
        if found.isKnown { measuring.findings = found }
        measuring.baseline.add(monitor.pointee.measurement, leads: certain)
        measuring.qtc = monitor.pointee.limitedQTc()
        // A beat that fell into a hole was not dropped by the heart.
        let isUnbroken = measuring.heardFrom &+ Int64(MeasureMonitor.seconds &* stream.rate) <= monitor.pointee.position
        if isUnbroken { measuring.conduction = monitor.pointee.conductionDegree() }
    }

    /// Between two measurements the last one holds.
    mutating func weighMeasured() {
        let found = measuring.findings
        let up = found?.elevation ?? 0
        let down = found?.depression ?? 0
        weigh(Condition.stElevation.rawValue, value: up, known: found != nil, leads: found?.elevationLeads ?? .empty)
        weigh(Condition.stDepression.rawValue, value: down, known: found != nil, leads: found?.depressionLeads ?? .empty)
        weigh(Condition.longQTc.rawValue, value: measuring.qtc ?? 0, known: measuring.qtc != nil, leads: .empty)
        weigh(Condition.atrioventricularBlock.rawValue, value: measuring.conduction ?? 0, known: measuring.conduction != nil, leads: .empty)
    }
}
