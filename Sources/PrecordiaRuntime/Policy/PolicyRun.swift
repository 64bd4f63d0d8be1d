// What a policy would have done: recorded exams through the engine with its rules, and nobody at the bed.

import PrecordiaAlerts
import PrecordiaEngine

/// Plays records under a policy.
public final class PolicyRun {
    /// What was counted over all records.
    public struct Totals: Equatable {
        public var seconds = 0.0
        /// Alarms that began and were shown, by priority.
        public var raised: [UInt8: Int] = [:]
        public var inhibited = 0
        /// Seconds in which something would have sounded.
        public var sounding = 0.0
    }

    private let model: LoadedModel
    private let policy: AlarmPolicy
    public private(set) var totals = Totals()

    public init(_ policy: AlarmPolicy, model: LoadedModel) {
        self.policy = policy
        self.model = model
    }

    /// Plays a stream to its end; `tell` is called for each change with its sample and words.
    public func play(
        _ source: inout SignalSource, tell: (UInt64, AlarmChange, String) throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        let rate = UInt64(source.format.rate)
        let desk = AlarmDesk(policy)
        let host = try EngineHost(
            model: model, stream: source.format, options: EngineOptions(), rules: policy.engineRules, name: source.description.name)
        let step = max(1, rate / 10)
        let result = try Session.run(
            &source, through: host, speed: .max,
            onFrame: { index, _, _ throws(RuntimeError) in
                guard index % step == 0 else { return }
                desk.board.tick(at: Int64(index * 1000 / rate))
                if desk.board.sound.priority != .none { totals.sounding += Double(step) / Double(rate) }
                try drain(desk, at: index, tell)
            },
            onEvent: { event, _ throws(RuntimeError) in
                desk.take(event, at: Int64(event.sample * 1000 / rate))
                try drain(desk, at: event.sample, tell)
            })
        totals.seconds += Double(result.samples) / Double(rate)
    }

    private func drain(_ desk: AlarmDesk, at sample: UInt64, _ tell: (UInt64, AlarmChange, String) throws(RuntimeError) -> Void)
        throws(RuntimeError)
    {
        while let change = desk.board.poll() {
            if change.kind == .raised || change.kind == .released { totals.raised[change.priority.rawValue, default: 0] += 1 }
            if change.kind == .inhibited { totals.inhibited += 1 }
            try tell(sample, change, desk.words(change))
        }
    }
}
