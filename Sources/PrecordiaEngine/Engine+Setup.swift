// Checks before an engine is made, and the rules it takes from the model.

public import PrecordiaAlerts
public import PrecordiaNetwork
import PrecordiaMeasure
import PrecordiaSignal

extension Engine {
    /// Checks stream and options against the model.
    ///
    /// - Returns: the hop in samples of the model's rate.
    static func check(model: ModelView, stream: StreamFormat, options: EngineOptions) throws(EngineError) -> Int {
        guard StreamFormat.rates.contains(stream.rate), stream.rate >= model.rate else { throw .rate }
        guard stream.derived.subtracting(.derived).isEmpty else { throw .derivedLeads }
        guard !stream.leads.isEmpty else { throw .leads }
        for lead in 0..<12 {
            guard StreamFormat.scales.contains(stream.microvoltsPerCount[lead].magnitude) else { throw .scale }
        }
        guard model.filterSectionCount <= FilterCascade.maximumSections else { throw .filters }
        for label in 0..<model.statementCount where alerts(label, of: model) {
            guard statementRule(label, of: model, lapse: options.policy.labelLapse).problem == nil else { throw .alertRule }
        }
        let hop = options.hop == 0 ? model.hop : options.hop
        guard hop > 0, hop <= model.hop, hop % model.hopUnit == 0 else { throw .hop }
        return hop
    }

    static func network(
        _ model: ModelView, hop: Int, memory: UnsafeMutableRawBufferPointer
    ) throws(EngineError) -> Network {
        do { return try Network(model: model, maximumHop: hop, memory: memory) } catch { throw .model }
    }

    private static var headBytes: Int { (MemoryLayout<MeasureMonitor>.size + 63) & ~63 }

    /// The memory of measuring: its state, then what that keeps; none where nothing is measured.
    static func measuringBytes(_ stream: StreamFormat, _ options: EngineOptions) -> Int {
        options.measureSeconds > 0 && !options.verdictOnly ? headBytes + MeasureMonitor.requiredBytes(rate: stream.rate) : 0
    }

    static func measuring(
        _ stream: StreamFormat, _ options: EngineOptions, modelRate: Int, memory: UnsafeMutableRawBufferPointer
    ) -> EngineMeasuring {
        guard measuringBytes(stream, options) > 0 else { return EngineMeasuring(monitor: nil, period: 0) }
        let monitor = memory.baseAddress!.bindMemory(to: MeasureMonitor.self, capacity: 1)
        let rest = UnsafeMutableRawBufferPointer(start: memory.baseAddress! + headBytes, count: memory.count - headBytes)
        monitor.initialize(to: MeasureMonitor(rate: stream.rate, memory: rest))
        return EngineMeasuring(monitor: monitor, period: options.measureSeconds * modelRate)
    }

    static func addDisplay(
        _ options: EngineOptions, rate: Int, to cascade: inout FilterCascade
    ) -> (StandardFilter?, StandardFilter?, StandardFilter?) {
        func added(_ filter: StandardFilter?) -> StandardFilter? {
            guard let filter, cascade.append(filter, rate: rate) else { return nil }
            return filter
        }
        return (added(options.displayHighPass), added(options.displayNotch), added(options.displayLowPass))
    }

    /// Whether a label has a priority, and so an alert.
    static func alerts(_ label: Int, of model: ModelView) -> Bool { model.label(label).priority != AlertPriority.none.rawValue }

    /// A statement's rule for hops of the model's own length: its alarm threshold and priority, the model's persistence.
    public static func statementRule(_ label: Int, of model: ModelView, lapse: UInt16) -> AlertRule {
        let entry = model.label(label)
        return AlertRule(
            threshold: entry.alarmThreshold, release: model.alertHysteresis, required: UInt8(clamping: model.alertPersistenceHops),
            hops: UInt8(clamping: model.alertPersistenceSpan), holdOff: UInt16(clamping: model.alertHoldOff), lapse: lapse,
            priority: AlertPriority(rawValue: entry.priority) ?? .none)
    }

    /// Gives a condition or statement another rule and forgets its past; for hops of the model's own length. Before the first frame.
    ///
    /// - Parameter place: a condition's raw value, or ``Condition/count`` and a statement's index. Traps on another, and on a rule with a problem.
    public mutating func setRule(_ rule: AlertRule, for place: Int) { policy.set(rule.stretched(by: model.hop / hop), for: place) }
}
