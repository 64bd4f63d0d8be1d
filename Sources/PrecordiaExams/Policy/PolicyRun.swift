// What a policy would have done: recorded exams through the engine with its rules, and nobody at the bed.

package import PrecordiaAlerts
import PrecordiaEngine
package import PrecordiaHost
package import PrecordiaPolicy
package import PrecordiaSession
import PrecordiaSignal

/// Plays records under a policy.
package final class PolicyRun {
    /// What was counted over all records.
    package struct Totals: Equatable {
        package var seconds = 0.0
        /// Alarms that were heard, by the priority with which they were: each beginning once, and once more where it became more urgent. What a more
        /// urgent one drowned, and what makes no sound, is not among them.
        package var sounded: [UInt8: Int] = [:]
        /// Beginnings that were shown and never heard: of information priority, or under a more urgent one to their end.
        package var unheard = 0
        package var inhibited = 0
        /// Seconds in which something would have sounded.
        package var sounding = 0.0
    }

    private let model: LoadedModel
    private let policy: AlarmPolicy
    package private(set) var totals = Totals()
    /// The places of alarms whose newest beginning was not heard yet.
    private var waiting: Set<Int> = []

    package init(_ policy: AlarmPolicy, model: LoadedModel) {
        self.policy = policy
        self.model = model
    }

    /// Plays a stream to its end; `tell` is called for each change with its sample and words.
    package func play(
        _ source: inout SignalSource, tell: (UInt64, AlarmChange, String) throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        let rate = UInt64(source.format.rate)
        let policyBoard = PolicyBoard(policy)
        var options = EngineOptions()
        options.measureSeconds = MeasuringSettings.usualSeconds
        let host = try EngineHost(
            model: model, stream: source.format, options: options, rules: policy.engineRules, name: source.description.name)
        let step = max(1, rate / 10)
        let result = try Session.run(
            &source, through: host, speed: .max,
            onFrame: { index, _, _ throws(RuntimeError) in
                guard index % step == 0 else { return }
                policyBoard.board.tick(at: Int64(index * 1000 / rate))
                if policyBoard.board.sound.priority.isAbove(.information) { totals.sounding += Double(step) / Double(rate) }
                try drain(policyBoard, at: index, tell)
                hear(policyBoard)
            },
            onEvent: { event, _ throws(RuntimeError) in
                policyBoard.take(event, at: Int64(event.sample * 1000 / rate))
                try drain(policyBoard, at: event.sample, tell)
            })
        totals.seconds += Double(result.samples) / Double(rate)
        totals.unheard += waiting.count
        waiting = []
    }

    private func drain(_ policyBoard: PolicyBoard, at sample: UInt64, _ tell: (UInt64, AlarmChange, String) throws(RuntimeError) -> Void)
        throws(RuntimeError)
    {
        while let change = policyBoard.board.poll() {
            if change.kind == .inhibited { totals.inhibited += 1 }
            if [.raised, .released, .escalated].contains(change.kind) { waiting.insert(Int(change.condition)) }
            try tell(sample, change, policy.words(change, electrodes: policyBoard.electrodes(of: change)))
        }
    }

    /// Of what waits to be heard, what sounds now: ten times a second, because what begins and ends between is no sound.
    private func hear(_ policyBoard: PolicyBoard) {
        let loudest = policyBoard.board.sound.priority
        for place in waiting {
            let alarm = policyBoard.board.alarm(place)
            let isAudible = alarm.isActive && !alarm.isInhibited && !alarm.isAcknowledged
            if isAudible, alarm.priority == loudest, loudest.isAbove(.information) {
                totals.sounded[loudest.rawValue, default: 0] += 1
                waiting.remove(place)
            } else if !isAudible {
                totals.unheard += 1
                waiting.remove(place)
            }
        }
    }
}
