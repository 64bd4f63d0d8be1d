// Checks before an engine is made, and the rules it takes from the model.

import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaSignal

extension Engine {
    /// Checks stream and options against the model.
    ///
    /// - Returns: the hop in samples of the model's rate.
    static func check(model: ModelView, stream: StreamFormat, options: EngineOptions) throws(EngineError) -> Int {
        guard StreamFormat.rates.contains(stream.rate), stream.rate >= model.rate else { throw .rate }
        guard stream.derived.subtracting(.derived).isEmpty else { throw .derivedLeads }
        for lead in 0..<12 {
            let scale = stream.microvoltsPerCount[lead]
            guard scale.isFinite, scale != 0 else { throw .scale }
        }
        guard model.filterSectionCount <= FilterCascade.maximumSections else { throw .filters }
        let hop = options.hop == 0 ? model.hop : options.hop
        guard hop > 0, hop <= model.hop, hop % model.samplesPerColumn == 0 else { throw .hop }
        return hop
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

    /// Gives the policy a label's rule: threshold and priority of the label, persistence of the model.
    static func set(_ label: Int, of model: ModelView, in policy: inout AlertPolicy) throws(EngineError) {
        let entry = model.label(label)
        guard entry.priority != .none, let priority = AlertPriority(rawValue: entry.priority.rawValue) else { return }
        let rule = AlertRule(
            threshold: entry.threshold, release: model.alertHysteresis, required: UInt8(clamping: model.alertPersistenceHops),
            hops: UInt8(clamping: model.alertPersistenceSpan), holdOff: UInt16(clamping: model.alertHoldOff), lapse: 30,
            priority: priority)
        guard rule.problem == nil else { throw .alertRule }
        policy.set(rule, for: Condition.count + label)
    }
}
