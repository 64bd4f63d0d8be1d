// A policy's board with the memory that it lives in, fed with the engine's events.
// Between events, which name conditions as the engine does, and the board, which counts places.

package import PrecordiaAlerts
package import PrecordiaEngine

/// The alarms of one session.
///
/// - Thread: one at a time. Memory: 12 KiB, allocated at init.
package final class PolicyBoard {
    package let policy: AlarmPolicy
    package var board: AlarmBoard
    private let memory: UnsafeMutableRawBufferPointer
    /// The electrodes that the alarm of electrodes off was last raised for.
    private var electrodes: UInt16 = 0

    package init(_ policy: AlarmPolicy) {
        self.policy = policy
        memory = .allocate(byteCount: AlarmBoard.requiredBytes(conditions: policy.rules.count), alignment: 16)
        board = AlarmBoard(conditions: policy.rules.count, settings: policy.settings, memory: memory)
        for rule in policy.rules { board.set(rule.alarm, for: rule.place) }
    }

    deinit { memory.deallocate() }

    /// Takes an event of the engine or of the session; `time` is the board's, milliseconds.
    package func take(_ event: Event, at time: Int64) {
        guard event.kind == .alertRaised || event.kind == .alertCleared, let place = Self.place(of: event.code), place < board.count else {
            return
        }
        if event.kind == .alertRaised {
            // Another electrode is another alarm, though one is off already and was acknowledged.
            let isMore = board.alarm(place).isActive && event.electrodes & ~electrodes != 0
            if event.electrodes != 0 { electrodes = event.electrodes }
            board.raise(place, priority: AlertPriority(rawValue: event.priority) ?? .none, isMore: isMore, at: time)
        } else {
            board.clear(place, at: time)
        }
    }

    /// The electrodes that a change is about, bits of `ElectrodeSet`; 0 for none.
    package func electrodes(of change: AlarmChange) -> UInt16 { Int(change.condition) == Condition.electrodeOff.rawValue ? electrodes : 0 }

    /// The place of an event's code.
    package static func place(of code: UInt16) -> Int? {
        AlertCode(rawValue: code).place
    }

    /// The stable name of a change, as lines have it.
    package static func name(_ kind: AlarmChange.Kind) -> StaticString {
        switch kind {
        case .raised: "raised"
        case .cleared: "cleared"
        case .latched: "latched"
        case .acknowledged: "acknowledged"
        case .escalated: "escalated"
        case .inhibited: "inhibited"
        case .released: "released"
        case .audioPaused: "audioPaused"
        case .audioResumed: "audioResumed"
        case .switchedOff: "switchedOff"
        case .switchedOn: "switchedOn"
        case .reminded: "reminded"
        case .offAsked: "offAsked"
        case .soundedAgain: "soundedAgain"
        case .tooSoon: "tooSoon"
        }
    }
}
