// Whether alarms can be heard now, by what, and if not, why: shown for as long as it lasts.
// Apart from what alarms do, because this only ever asks.

import PrecordiaAlarm

/// What is known of how alarms reach an ear. The raw value's name stands in the line `session`.
enum AlarmHearing: UInt8 {
    /// There is no policy: nothing is an alarm, and nothing sounds.
    case none = 0
    /// The sound card plays.
    case heard = 1
    /// There is no sound, and the fallback's program has shown that it works.
    case byProgram = 2
    /// Nothing is known to sound.
    case unheard = 3

    var name: StaticString {
        switch self {
        case .none: "none"
        case .heard: "heard"
        case .byProgram: "byProgram"
        case .unheard: "unheard"
        }
    }

    /// Words of a session without a policy.
    static let withoutPolicy = "NOTHING SOUNDS: no policy"
}

extension LiveAlarms {
    /// How alarms are heard now. Any thread.
    var hearing: AlarmHearing {
        guard let sounder, isStarted else { return .unheard }
        if sounder.status == .ready { return .heard }
        return sounder.status == .failed && sounder.fallbackRun?.kind == FallbackProblem.Kind.none ? .byProgram : .unheard
    }

    /// Whether something is known to sound. Any thread.
    var speaks: Bool { hearing == .heard || hearing == .byProgram }

    /// A number that is another whenever ``hearingWords`` may be: asking for it allocates nothing.
    var hearingKey: UInt64 {
        guard let sounder else { return 1 }
        let problem = sounder.problem.map { UInt64($0.stage.rawValue) << 16 | UInt64(UInt16(truncatingIfNeeded: $0.code)) } ?? 0
        let run = sounder.fallbackRun.map { UInt64($0.kind.rawValue) << 16 | UInt64(UInt16(truncatingIfNeeded: $0.code)) } ?? 0
        return (isStarted ? 2 : 3) | UInt64(sounder.status.rawValue) << 2 | problem << 8 | run << 36
    }

    /// What a person must see of it as long as it lasts; empty while all is well, or is not known yet.
    var hearingWords: String {
        guard let sounder else { return "NO SOUND: \(silence)" }
        let fallback = sounder.fallbackRun.map(\.words) ?? ""
        let speaker = program.isEmpty ? "" : program + (fallback.isEmpty ? "" : " " + fallback)
        if !isStarted { return "NO SOUND: \(problem)" }
        switch sounder.status {
        case .starting: return fallback.isEmpty ? "" : "if the sound fails: " + speaker
        case .ready: return fallback.isEmpty ? "" : "heard, but if the sound fails: " + speaker
        case .failed:
            let reason = "NO SOUND: \(problem)"
            if program.isEmpty { return reason }
            if hearing == .byProgram { return "\(reason); \(program) speaks" }
            return "\(reason); \(fallback.isEmpty ? program + " not heard of yet" : speaker)"
        }
    }
}
