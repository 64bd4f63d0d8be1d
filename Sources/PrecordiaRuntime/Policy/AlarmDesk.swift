// A policy's board with the memory that it lives in, fed with the engine's events.
// Between events, which name conditions as the engine does, and the board, which counts places.

import PrecordiaAlerts
import PrecordiaEngine

/// The alarms of one session.
///
/// - Thread: one at a time. Memory: 12 KiB, allocated at init.
public final class AlarmDesk {
    public let policy: AlarmPolicy
    public var board: AlarmBoard
    private let memory: UnsafeMutableRawBufferPointer

    public init(_ policy: AlarmPolicy) {
        self.policy = policy
        memory = .allocate(byteCount: AlarmBoard.requiredBytes(conditions: policy.rules.count), alignment: 16)
        board = AlarmBoard(conditions: policy.rules.count, settings: policy.settings, memory: memory)
        for rule in policy.rules { board.set(rule.alarm, for: rule.place) }
    }

    deinit { memory.deallocate() }

    /// Takes an event of the engine or of the session; `time` is the board's, milliseconds.
    public func take(_ event: Event, at time: Int64) {
        guard event.kind == .alertRaised || event.kind == .alertCleared, let place = Self.place(of: event.code), place < board.count else {
            return
        }
        if event.kind == .alertRaised {
            board.raise(place, priority: AlertPriority(rawValue: event.priority) ?? .none, at: time)
        } else {
            board.clear(place, at: time)
        }
    }

    /// The place of an event's code.
    static func place(of code: UInt16) -> Int? {
        code & 0x8000 == 0 ? Condition.count + Int(code) : Condition(rawValue: Int(code & 0x7FFF))?.rawValue
    }

    /// The stable name of a change, as lines have it.
    public static func name(_ kind: AlarmChange.Kind) -> StaticString {
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
        }
    }
}
