// A policy in words, for whoever has to sign it: each alarm in a sentence or two.

import PrecordiaAlerts
import PrecordiaHost
import PrecordiaReport
package import PrecordiaSession

/// Explains a policy.
package struct PolicyText {
    private let policy: AlarmPolicy
    private let model: LoadedModel

    package init(_ policy: AlarmPolicy, model: LoadedModel) {
        self.policy = policy
        self.model = model
    }

    /// The lines, most urgent alarms first.
    package var lines: [String] {
        let told = policy.rules.filter { $0.alert.priority != .none }
        let stated = told.filter(\.isStated).count
        var lines = [
            "policy \(policy.name) for model \(model.identity.name) version \(model.identity.version): "
                + "\(Text.counted(told.count, "alarm")), \(stated) by the policy, \(told.count - stated) as the model has them"
        ]
        let pause = policy.settings.pause / 1000
        let breaker =
            policy.settings.pauseBreaker == .none
            ? "nothing" : "a new alarm of \(EventNames.priority(policy.settings.pauseBreaker.rawValue)) priority or above"
        let reminder = policy.settings.reminder == 0 ? "without a reminder" : "with a reminder each \(policy.settings.reminder / 1000) s"
        lines.append("sound: paused for \(pause) s at most, \(breaker) ends a pause; alarms can be switched off, \(reminder)")
        let again = policy.settings.soundAgain / 1000
        let seen = "acknowledged once it has been shown for \(policy.settings.shownFor / 1000) s"
        lines.append(
            again > 0
                ? "an alarm can be \(seen); one of high priority that lasts sounds again \(again) s later"
                : "an alarm can be \(seen); it stays silent as long as it lasts")
        lines.append("what holds back an alarm that would be heard is heard in its place after \(policy.settings.standIn / 1000) s")
        if policy.rules[Condition.deviceLost.rawValue].alert.priority != .none {
            lines.append("device: lost, and heard to be, where nothing streams within \(policy.grace) s of the start")
        }
        lines.append(policy.log.words)
        for kind in [false, true] {
            for priority in [AlertPriority.high, .medium, .low, .information] {
                let rules = told.filter { $0.alert.priority == priority && $0.alarm.isTechnical == kind }
                guard !rules.isEmpty else { continue }
                lines.append("")
                lines.append("\(kind ? "equipment" : "patient"), \(EventNames.priority(priority.rawValue)) priority:")
                lines += rules.map { "  " + sentence($0) }
            }
        }
        let silent = policy.rules.filter { $0.alert.priority == .none }
        let conditions = silent.filter { $0.place < Condition.count && !$0.name.isEmpty }.map { "\($0.name) (\($0.words))" }
        lines.append("")
        if !conditions.isEmpty { lines.append("switched off, neither sounding nor shown: " + conditions.joined(separator: ", ")) }
        let statements = Text.counted(silent.count { $0.place >= Condition.count }, "statement")
        lines.append("never an alarm: \(statements), which are shown when they reach their own threshold")
        return lines
    }

    private func sentence(_ rule: AlarmPolicy.Rule) -> String {
        let alert = rule.alert
        var parts = [
            "\(rule.name), \(rule.words): when it is \(level(rule)) in \(alert.required) of \(Text.counted(Int(alert.hops), "answer"))"
        ]
        parts.append(
            "over after \(alert.hops) in a row \(alert.side == .above ? "below" : "at or above") \(Text.fixed(Double(end(alert)), decimals: 3))"
        )
        if alert.holdOff > 0 { parts.append("not again for \(alert.holdOff) s") }
        if alert.lapse > 0 { parts.append("lapses after \(alert.lapse) s without an answer") }
        if alert.escalation > 0 {
            parts.append("\(EventNames.priority(alert.escalatedPriority.rawValue)) priority after \(alert.escalation) s")
        }
        if rule.alarm.isOnsetOnly { parts.append("sounds when it begins, for \(rule.alarm.onsetDuration / 1000) s") }
        if rule.alarm.isLatching { parts.append("stays until it is acknowledged") }
        if rule.alarm.escalation > 0 { parts.append("one priority up if nobody acknowledges it for \(rule.alarm.escalation / 1000) s") }
        let held = policy.rules.filter { rule.alarm.inhibits($0.place) }.map(\.name)
        if !held.isEmpty { parts.append("holds back " + held.joined(separator: ", ")) }
        return parts.joined(separator: "; ") + (rule.isStated ? "" : " (model's own)")
    }

    private func level(_ rule: AlarmPolicy.Rule) -> String {
        "\(rule.alert.side == .above ? "at or above" : "below") \(Text.fixed(Double(rule.alert.threshold), decimals: 3))"
    }

    private func end(_ alert: AlertRule) -> Float {
        alert.side == .above ? alert.threshold * alert.release : alert.threshold / alert.release
    }
}
