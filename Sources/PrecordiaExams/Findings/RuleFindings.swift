// What the engine's rules say of a stretch: its alerts, found as a live session finds them.
// Apart from the classifier, whose engine raises none.

import PrecordiaAlerts
import PrecordiaEngine
package import PrecordiaFindings
package import PrecordiaHost
import PrecordiaQuality
package import PrecordiaSession
import PrecordiaSignal

/// Alerts of the seconds of a sheet.
package struct RuleFindings: Sendable {
    /// Each condition that rose, the most urgent first.
    package private(set) var statements: [StatementFinding] = []
    /// Whether a lethal rhythm was alarmed, beside which the network says nothing.
    package private(set) var withholds = false

    /// Seconds that are heard before those of the sheet, if the record has them: rules learn a heart's usual beats.
    package static var before: Int { 30 }

    /// - Parameters:
    ///   - source: the record from its beginning.
    ///   - from: the sheet's first frame; alerts that stood then or rose later count.
    ///   - to: the frame behind its last.
    package init(_ source: inout SignalSource, model: LoadedModel, from: UInt64, to: UInt64) throws(RuntimeError) {
        let host = try EngineHost(model: model, stream: source.format, options: EngineOptions(), name: source.description.name)
        let rate = UInt64(source.format.rate)
        let begin = from > UInt64(Self.before) * rate ? from - UInt64(Self.before) * rate : 0
        var frame = Frame(index: 0)
        var standing: [UInt16: Event] = [:]
        var found: [UInt16: Event] = [:]
        while try source.next(into: &frame), frame.index < to {
            if Interrupt.isRequested { throw .interrupted(file: source.description.name) }
            guard frame.index >= begin else { continue }
            var shifted = frame
            shifted.index -= begin
            host.engine.push(shifted)
            while let event = host.engine.poll() {
                note(event, at: event.sample + begin, from, &standing, &found)
            }
        }
        // Those that still stand at the beginning of the sheet are of it too.
        for (code, event) in standing { found[code] = found[code] ?? event }
        statements = found.values.sorted { ($1.priority, $0.code) < ($0.priority, $1.code) }.compactMap { Self.statement($0, model) }
    }

    private mutating func note(
        _ event: Event, at sample: UInt64, _ from: UInt64, _ standing: inout [UInt16: Event], _ found: inout [UInt16: Event]
    ) {
        switch event.kind {
        case .alertRaised where event.alert.isCondition:
            standing[event.code] = event
            if sample >= from { found[event.code] = event }
        case .alertCleared where event.alert.isCondition:
            if sample >= from, let raised = standing[event.code] { found[event.code] = found[event.code] ?? raised }
            standing[event.code] = nil
        case .unknown where sample >= from:
            if QualityReasons(rawValue: event.reasons).contains(.rhythmAlarmed) { withholds = true }
        default: break
        }
    }

    /// An alert in words; nil for what a sheet says elsewhere.
    private static func statement(_ event: Event, _ model: LoadedModel) -> StatementFinding? {
        guard event.alert.condition != .artefact else { return nil }
        let condition = EventWords.condition(event.code, model.vocabulary)
        return StatementFinding(
            condition.words + EventWords.evidence(event, model.vocabulary), code: condition.code, .rule, priority: Int(event.priority))
    }
}
