// A policy: for each condition and statement when it is an alert, how urgent it is, and what is done about it.
// Read from TOML and checked against a model, whose own rules hold where the policy says nothing.

import CPrecordiaModel
package import PrecordiaAlerts
package import PrecordiaCompanion
import PrecordiaEngine
import PrecordiaFormats
package import PrecordiaHost
import PrecordiaNetwork
package import PrecordiaSession

/// A policy for one model.
package struct AlarmPolicy: Sendable {
    /// A condition of the engine or a statement of the model.
    package struct Rule: Sendable {
        /// Its place in the engine's policy: the conditions, then the model's statements.
        package var place: Int
        /// Its name in policies and events, and in words.
        package var name: String
        package var words: String
        /// When it is an alert, for hops of the model's own length.
        package var alert: AlertRule
        /// What is done about it.
        package var alarm = AlarmRule()
        /// Whether the policy says anything about it.
        package var isStated = false
    }

    package var name: String
    package var settings = AlarmSettings()
    /// Seconds from the start of a session in which a device has to stream before `device-lost` rises and is heard.
    package var grace = AlarmPolicy.usualGrace
    /// The same where nobody has said it.
    package static let usualGrace = 10
    /// How a session under this policy keeps its log, where it keeps one.
    package var log = LogRules()
    /// One for each place.
    package var rules: [Rule]

    /// Names of the policies that ship with the program.
    package static let shipped = ["bedside", "clinic", "replay"]

    /// The policy of the model itself: its own thresholds and the engine's limits, nothing latching or held back.
    package init(model: LoadedModel) {
        name = "model"
        let parameters = PolicyParameters()
        rules = (0..<Condition.count).map { place in
            guard let condition = Condition(rawValue: place) else {
                return Rule(place: place, name: "", words: "", alert: .silent)
            }
            var rule = Rule(
                place: place, name: "\(condition.name)", words: EventWords.condition(AlertCode(condition).rawValue, model.vocabulary).words,
                alert: parameters.rule(for: condition))
            rule.alarm.isTechnical = condition.isTechnical
            return rule
        }
        for label in 0..<model.view.statementCount {
            let statement = model.vocabulary.statements[label]
            rules.append(
                Rule(
                    place: Condition.count + label, name: statement.code, words: statement.words,
                    alert: Engine.statementRule(label, of: model.view, lapse: parameters.labelLapse)))
        }
    }

    /// A policy that ships with the program, or one in a file.
    ///
    /// - Throws: ``RuntimeError/cannotRead(file:reason:)``, or ``RuntimeError/badPolicy(file:line:column:problem:)`` at the first value that is wrong.
    package static func load(_ name: String, model: LoadedModel) throws(RuntimeError) -> AlarmPolicy {
        if let text = shippedText(name) { return try read(text, file: name, model: model) }
        let bytes: [UInt8]
        do throws(RecordError) { bytes = try fileBytes(path: name, limit: 1 << 20) } catch {
            guard error.code == .notFound else { throw RuntimeError(error) }
            throw .cannotRead(
                file: name, reason: "there is no such file, and no policy of that name but \(shipped.joined(separator: ", "))")
        }
        return try read(String(decoding: bytes, as: UTF8.self), file: name, model: model)
    }

    /// The text of a policy that ships with the program; nil for other names.
    static func shippedText(_ name: String) -> String? {
        guard let index = shipped.firstIndex(of: name) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: precordia_policy(Int32(index)), count: precordia_policy_bytes(Int32(index)))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The rules that differ from the model's own, as an engine takes them.
    package var engineRules: [(place: Int, rule: AlertRule)] { rules.filter(\.isStated).map { ($0.place, $0.alert) } }

    /// The words of a change: of an alarm its own, of the board what was done.
    ///
    /// - Parameters:
    ///   - pauseLeft: milliseconds until the pause ends; the settings' whole pause if not given.
    ///   - electrodes: those that it is about, bits of `ElectrodeSet`.
    package func words(_ change: AlarmChange, pauseLeft: Int64? = nil, electrodes: UInt16 = 0) -> String {
        switch change.kind {
        case .audioPaused: "sound paused for \(((pauseLeft ?? settings.pause) + 500) / 1000) s"
        case .audioResumed: "sound on again"
        case .switchedOff: "alarms off"
        case .switchedOn: "alarms on"
        case .reminded: "alarms are off"
        case .offAsked: "once more within \(settings.confirmation / 1000) s switches alarms off"
        default:
            change.condition < 0
                ? "" : rules[Int(change.condition)].words + (electrodes == 0 ? "" : ": " + EventWords.electrodeList(electrodes))
        }
    }

    /// What a person who sees the alerts themselves must be told besides; nil for nothing.
    package func told(_ change: AlarmChange, pauseLeft: Int64? = nil, electrodes: UInt16 = 0) -> String? {
        let words = words(change, pauseLeft: pauseLeft, electrodes: electrodes)
        return switch change.kind {
        case .raised, .cleared: nil
        case .latched, .acknowledged, .escalated, .inhibited, .released: "\(PolicyBoard.name(change.kind)): \(words)"
        case .soundedAgain: "sounds again, it is still there: \(words)"
        case .tooSoon: "not acknowledged, shown for less than \(settings.shownFor / 1000) s: \(words)"
        case .audioPaused, .audioResumed, .switchedOff, .switchedOn, .reminded, .offAsked: words
        }
    }

    /// The place of a name; nil if there is none.
    package func place(of name: String) -> Int? { rules.first { $0.name == name }?.place }
}

extension AlarmPolicy {
    /// Reads a text.
    static func read(_ text: String, file: String, model: LoadedModel) throws(RuntimeError) -> AlarmPolicy {
        var policy = AlarmPolicy(model: model)
        policy.name = file
        var inhibitions: [(place: Int, name: PolicyEntry)] = []
        for entry in try PolicyEntry.read(text, file: file) {
            switch entry.path[0] {
            case "name" where entry.path.count == 1: policy.name = try entry.text(file, "a text")
            case "sound": try policy.takeSound(entry, file)
            case "log": try policy.log.take(entry, file)
            case "alarm":
                if let inhibition = try policy.takeAlarm(entry, file) { inhibitions.append(inhibition) }
            default: throw entry.error(file, "\(entry.path[0]): not known; name, [sound], [log] and [alarm.NAME] would be right")
            }
        }
        for (place, entry) in inhibitions {
            let name = try entry.text(file, "the name of an alarm")
            guard let other = policy.place(of: name), other != place else {
                throw entry.refused(file, "the name of another condition or statement")
            }
            policy.rules[place].alarm.inhibit(other)
        }
        return policy
    }

    private mutating func takeSound(_ entry: PolicyEntry, _ file: String) throws(RuntimeError) {
        guard entry.path.count > 1 else { return }
        switch entry.path[1] {
        case "pause": settings.pause = Int64(try entry.whole(file, 1...3600, " seconds")) * 1000
        case "reminder": settings.reminder = Int64(try entry.whole(file, 0...3600, " seconds, 0 for none")) * 1000
        case "pause-breaker": settings.pauseBreaker = AlertPriority(rawValue: try entry.priority(file))!
        case "sound-again": settings.soundAgain = Int64(try entry.whole(file, 0...3600, " seconds, 0 for never")) * 1000
        default:
            let known = "pause, pause-breaker, reminder or sound-again"
            throw entry.error(file, "sound.\(entry.path[1]): not known; \(known) would be right")
        }
    }

    /// Takes a value of an alarm; one of its list of inhibitions is given back, because it may name what comes later.
    private mutating func takeAlarm(_ entry: PolicyEntry, _ file: String) throws(RuntimeError) -> (place: Int, name: PolicyEntry)? {
        guard entry.path.count > 1 else { return nil }
        guard let place = place(of: entry.path[1]) else {
            let conditions = rules.prefix(Condition.count).map(\.name).filter { !$0.isEmpty }.joined(separator: ", ")
            throw entry.error(
                file,
                "alarm.\(entry.path[1]): neither a condition nor a statement of the model; conditions are \(conditions); "
                    + "`precordia inspect MODEL` lists the statements")
        }
        rules[place].isStated = true
        guard entry.path.count > 2 else {
            // A statement that is named is one to be told, though the model does not.
            if rules[place].alert.priority == .none { rules[place].alert.priority = .low }
            return nil
        }
        let isProbability = place >= Condition.count
        switch entry.path[2] {
        case "kind":
            let kind = try entry.text(file, "physiological or technical")
            guard ["physiological", "technical"].contains(kind) else { throw entry.refused(file, "physiological or technical") }
            rules[place].alarm.isTechnical = kind == "technical"
        case "priority":
            rules[place].alert.priority = AlertPriority(rawValue: try entry.priority(file))!
            rules[place].alert.escalatedPriority = rules[place].alert.priority
            rules[place].alert.escalation = 0
        case "threshold":
            rules[place].alert.threshold = Float(
                try isProbability
                    ? entry.number(file, 1e-6...1, "a probability above 0 and at most 1")
                    : entry.number(file, 1e-3...1e4, "a number above 0"))
        case "release": rules[place].alert.release = Float(try entry.number(file, 0.01...1, "a number above 0 and at most 1"))
        case "persistence": try takePersistence(entry, place, file)
        case "hold-off": rules[place].alert.holdOff = UInt16(try entry.whole(file, 0...3600, " seconds"))
        case "grace" where place == Condition.deviceLost.rawValue:
            grace = try entry.whole(file, 1...600, " seconds")
        case "lapse": rules[place].alert.lapse = UInt16(try entry.whole(file, 0...3600, " seconds, 0 for never"))
        case "latching": rules[place].alarm.isLatching = try entry.boolean(file)
        case "onset-only": rules[place].alarm.isOnsetOnly = try entry.boolean(file)
        case "escalate-after": rules[place].alarm.escalation = Int64(try entry.whole(file, 0...3600, " seconds, 0 for never")) * 1000
        case "inhibits":
            if entry.path.count == 4 { return (place, entry) }
            guard case .array = entry.value else { throw entry.refused(file, "a list of names") }
        default:
            let known = "kind, priority, threshold, release, persistence, hold-off, lapse, latching, onset-only, escalate-after or inhibits"
            throw entry.error(file, "\(entry.path.joined(separator: ".")): not known; \(known) would be right")
        }
        return nil
    }

    private mutating func takePersistence(_ entry: PolicyEntry, _ place: Int, _ file: String) throws(RuntimeError) {
        let right = "[m, n], m of n answers, with m from 1 to n and n up to 32,"
        guard entry.path.count == 4 else {
            guard case .array(2) = entry.value else { throw entry.refused(file, right) }
            return
        }
        guard let index = Int(entry.path[3]), case .whole(let number) = entry.value, (1...32).contains(number) else {
            throw entry.refused(file, right)
        }
        if index == 0 {
            rules[place].alert.required = UInt8(number)
            rules[place].alert.hops = max(rules[place].alert.hops, UInt8(number))
        } else {
            guard number >= Int(rules[place].alert.required) else { throw entry.refused(file, right) }
            rules[place].alert.hops = UInt8(number)
        }
    }
}
