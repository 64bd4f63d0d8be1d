import PrecordiaSignalSupport
import Testing

@testable import PrecordiaAlerts

private let label = Condition.count

/// A policy with one label that follows `rule`.
private func policy(_ rule: AlertRule) -> AlertPolicy {
    var policy = AlertPolicy(conditions: label + 1, memory: memory(AlertPolicy.requiredBytes(conditions: label + 1)))
    policy.set(rule, for: label)
    return policy
}

/// One letter a hop in: `#` at the threshold, `-` between the two levels, `.` below the release, `?` unknown.
/// One letter a hop out: `R` raised, `C` cleared, `L` lapsed, `E` escalated, `.` nothing.
private func run(_ policy: inout AlertPolicy, _ hops: String) -> String {
    String(
        hops.map { hop in
            let value: Float = hop == "#" ? 0.5 : hop == "-" ? 0.45 : 0.3
            switch policy.evaluate(label, value: hop == "?" ? 1 : value, known: hop != "?") {
            case .none: return "."
            case .raised: return "R"
            case .cleared: return "C"
            case .lapsed: return "L"
            case .escalated: return "E"
            }
        })
}

private func run(_ rule: AlertRule, _ hops: String) -> String {
    var policy = policy(rule)
    return run(&policy, hops)
}

private func rule(
    required: UInt8 = 3, hops: UInt8 = 5, holdOff: UInt16 = 0, lapse: UInt16 = 0, escalation: UInt16 = 0
) -> AlertRule {
    AlertRule(
        threshold: 0.5, release: 0.8, required: required, hops: hops, holdOff: holdOff, lapse: lapse, priority: .low,
        escalatedPriority: .medium, escalation: escalation)
}

@Suite("The alert policy")
struct AlertPolicyTests {
    @Test(
        "raises when the condition held in m of the last n hops",
        arguments: [
            ("##.....", "......."),
            ("###", "..R"),
            ("#.#.#", "....R"),
            ("#.#..#", "......"),
            ("#.#..##", "......R"),
            ("##-#", "...R"),
            ("-----", "....."),
        ])
    func persistence(hops: String, expected: String) { #expect(run(rule(), hops) == expected) }

    @Test(
        "clears when the condition was over in every one of the last n hops",
        arguments: [
            ("###.....", "..R....C"),
            ("###....-....", "..R........."),
            ("###....-.....", "..R.........C"),
            ("###....#.....", "..R.........C"),
            ("###-----", "..R....."),
        ])
    func hysteresis(hops: String, expected: String) { #expect(run(rule(), hops) == expected) }

    @Test("may rise again only after the hold-off, with the evidence gathered in it")
    func holdOff() {
        #expect(run(rule(required: 1, hops: 1, holdOff: 3), "#.#####") == "RC...R.")
        #expect(run(rule(required: 1, hops: 1, holdOff: 0), "#.#.") == "RCRC")
        #expect(run(rule(required: 1, hops: 1, holdOff: 3), "#.?????#") == "RC.....R")
        #expect(run(rule(required: 2, hops: 2, holdOff: 3), "##..####") == ".R.C...R")
    }

    @Test("takes an unknown hop for no evidence: the hops around it are neighbours")
    func unknown() {
        #expect(run(rule(), "#?#?#") == "....R")
        #expect(run(rule(), "##????????????") == "..............")
        #expect(run(rule(), "###..?..?.") == "..R......C")
        #expect(run(rule(), "###???????????") == "..R...........")
    }

    @Test("lets an active alert lapse after long unknown, and forgets old evidence")
    func lapse() {
        #expect(run(rule(lapse: 4), "###????") == "..R...L")
        #expect(run(rule(lapse: 4), "###???.????") == "..R.......L")
        #expect(run(rule(lapse: 4), "##????##") == "........")
        #expect(run(rule(lapse: 4), "##????###") == "........R")
        #expect(run(rule(holdOff: 9, lapse: 4), "###????###") == "..R...L..R")
    }

    @Test("escalates once, counted from the rise, unknown hops included")
    func escalation() {
        #expect(run(rule(required: 1, hops: 2, escalation: 3), "#######") == "R..E...")
        #expect(run(rule(required: 1, hops: 2, escalation: 3), "#?????") == "R..E..")
        #expect(run(rule(required: 1, hops: 2, escalation: 4), "#..#..##") == "R.CR.C" + "R.")
    }

    @Test("tells the priority of an active alert, and none otherwise")
    func priority() {
        var policy = policy(rule(required: 1, hops: 1, escalation: 2))
        #expect(policy.priority(of: label) == .none)
        #expect(run(&policy, "#") == "R")
        #expect(policy.priority(of: label) == .low)
        #expect(run(&policy, "##") == ".E")
        #expect(policy.priority(of: label) == .medium)
        #expect(run(&policy, ".") == "C")
        #expect(policy.priority(of: label) == .none)
    }

    @Test("knows conditions below a threshold, with the release above it")
    func below() {
        var policy = policy(AlertRule(threshold: 40, side: .below, release: 0.8, required: 2, hops: 2, priority: .medium))
        let changes = [39, 39, 45, 49.9, 50, 50, 40, 39.9, 30].map { policy.evaluate(label, value: Float($0), known: true) }
        #expect(changes == [.none, .raised, .none, .none, .none, .cleared, .none, .none, .raised])
    }

    @Test("takes not a number for unknown")
    func notANumber() {
        var policy = policy(rule(required: 1, hops: 1))
        #expect(policy.evaluate(label, value: .nan, known: true) == .none)
        #expect(run(&policy, "#") == "R")
        #expect(policy.evaluate(label, value: .nan, known: true) == .none)
        #expect(policy.priority(of: label) == .low)
    }

    @Test("looks at up to 32 hops")
    func longest() {
        let hops = String(repeating: "#", count: 31) + "#" + String(repeating: ".", count: 32)
        let expected = String(repeating: ".", count: 31) + "R" + String(repeating: ".", count: 31) + "C"
        #expect(run(rule(required: 32, hops: 32), hops) == expected)
    }

    @Test("keeps conditions apart, and a silent one never rises")
    func apart() {
        let count = label + 40
        var policy = AlertPolicy(conditions: count, memory: memory(AlertPolicy.requiredBytes(conditions: count)))
        for condition in stride(from: label, to: count, by: 2) { policy.set(rule(required: 1, hops: 1), for: condition) }
        for condition in label..<count {
            let expected: AlertChange = (condition - label) % 2 == 0 ? .raised : .none
            #expect(policy.evaluate(condition, value: 1, known: true) == expected)
        }
        policy.reset()
        for condition in 0..<count { #expect(policy.priority(of: condition) == .none) }
        #expect(policy.evaluate(label, value: 1, known: true) == .raised)
    }

    @Test("names what is wrong with a rule")
    func problems() {
        #expect(rule().problem == nil)
        #expect(AlertRule.silent.problem == nil)
        #expect(AlertRule(threshold: .nan, priority: .low).problem == .threshold)
        #expect(AlertRule(threshold: 0, priority: .low).problem == .threshold)
        #expect(AlertRule(threshold: 1, release: 0, priority: .low).problem == .release)
        #expect(AlertRule(threshold: 1, release: 1.1, priority: .low).problem == .release)
        #expect(AlertRule(threshold: 1, release: .nan, priority: .low).problem == .release)
        #expect(AlertRule(threshold: 1, hops: 0, priority: .low).problem == .hops)
        #expect(AlertRule(threshold: 1, hops: 33, priority: .low).problem == .hops)
        #expect(AlertRule(threshold: 1, required: 3, hops: 2, priority: .low).problem == .required)
        #expect(AlertRule(threshold: 1, required: 0, hops: 2, priority: .low).problem == .required)
        #expect(AlertRule(threshold: 1, priority: .low, escalation: 5).problem == .escalation)
    }
}

@Suite("The engine's own conditions")
struct ConditionTests {
    @Test("have stable names, numbers and priorities")
    func names() {
        let parameters = PolicyParameters()
        let expected: [(Int, String, AlertPriority)] = [
            (0, "asystole", .high), (1, "heart-rate-high", .medium), (2, "heart-rate-low", .medium),
            (3, "electrode-off", .low), (4, "signal-lost", .high), (5, "artefact", .information),
            (6, "device-lost", .high), (7, "pause", .medium), (8, "vf-suspected", .high), (9, "vt-suspected", .high),
            (10, "irregular-rhythm", .information), (11, "electrodes-swapped", .low), (12, "sound-failed", .high), (13, "log-failed", .low),
            (14, "extreme-bradycardia", .high), (15, "extreme-tachycardia", .high), (16, "leads-flat", .high),
            (17, "rate-wrong", .high), (18, "st-elevation", .medium), (19, "st-depression", .low), (20, "qtc-long", .low),
            (21, "av-block", .medium), (22, "page-failed", .low), (23, "companion-failed", .low),
        ]
        #expect(expected.map(\.0) == (0..<Condition.count).filter { Condition(rawValue: $0) != nil })
        for (number, name, priority) in expected {
            let condition = Condition(rawValue: number)!
            #expect(condition.name.description == name)
            #expect(parameters.rule(for: condition).priority == priority)
            #expect(parameters.rule(for: condition).problem == nil)
        }
        #expect(Condition(rawValue: Condition.count) == nil)
    }

    @Test("last the same seconds with shorter hops")
    func stretched() {
        let rule = AlertRule(
            threshold: 1, required: 3, hops: 5, holdOff: 10, lapse: 30, priority: .medium, escalatedPriority: .high, escalation: 60
        ).stretched(by: 5)
        #expect([rule.required, rule.hops] == [15, 25])
        #expect([rule.holdOff, rule.lapse, rule.escalation] == [50, 150, 300])
        let long = AlertRule(threshold: 1, required: 4, hops: 8, priority: .low).stretched(by: 10)
        #expect([long.required, long.hops] == [16, 32] && long.problem == nil)
        #expect(AlertRule(threshold: 1, required: 1, hops: 2, priority: .low).stretched(by: 5).required == 1)
    }

    @Test("that are technical, and asystole, rise at the first hop", arguments: [0, 3, 5])
    func immediate(condition: Int) {
        var policy = AlertPolicy(conditions: Condition.count, memory: memory(AlertPolicy.requiredBytes(conditions: Condition.count)))
        let value = policy.rule(of: condition).threshold
        #expect(policy.evaluate(condition, value: value - 0.1, known: true) == .none)
        #expect(policy.evaluate(condition, value: value, known: true) == .raised)
    }

    @Test("of the heart rate rise at 130 and below 40 a minute, in 3 of 5 hops")
    func heartRate() {
        var policy = AlertPolicy(conditions: Condition.count, memory: memory(AlertPolicy.requiredBytes(conditions: Condition.count)))
        for (condition, normal, abnormal) in [(Condition.heartRateHigh.rawValue, Float(129), Float(130)), (2, 40, 39)] {
            let values = [abnormal, normal, abnormal, normal, abnormal]
            let changes = values.map { policy.evaluate(condition, value: $0, known: true) }
            #expect(changes == [.none, .none, .none, .none, .raised])
        }
    }

    @Test("of asystole stays active while the signal is lost, however long")
    func asystoleStays() {
        var policy = AlertPolicy(conditions: Condition.count, memory: memory(AlertPolicy.requiredBytes(conditions: Condition.count)))
        #expect(policy.evaluate(0, value: 4.5, known: true) == .raised)
        for _ in 0..<1000 { #expect(policy.evaluate(0, value: 0, known: false) == .none) }
        #expect(policy.priority(of: 0) == .high)
        // One artefact is taken for a beat for three hops: it takes six to end the alarm.
        let changes = [1, 0.5, 1, 2.1, 1, 0.5, 1, 0.5, 1, 0.5].map { policy.evaluate(0, value: $0, known: true) }
        #expect(changes == Array(repeating: .none, count: 9) + [.cleared])
    }

    @Test("take the limits that an integrator gives")
    func overridden() {
        var parameters = PolicyParameters()
        parameters.heartRateHigh.threshold = 150
        parameters.heartRateHigh.required = 1
        var policy = AlertPolicy(
            conditions: Condition.count, parameters: parameters, memory: memory(AlertPolicy.requiredBytes(conditions: Condition.count)))
        #expect(policy.evaluate(1, value: 149, known: true) == .none)
        #expect(policy.evaluate(1, value: 150, known: true) == .raised)
    }
}
