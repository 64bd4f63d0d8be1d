// A policy held against hours of stitched stream: false alarms an hour, episodes found, seconds to the alarm; beside the naive rule.
// The naive rule: an alarm whenever one answer reaches the statement's F-max threshold.

import PrecordiaAlerts
import PrecordiaEngine
package import PrecordiaHost
import PrecordiaNetwork
package import PrecordiaPolicy
package import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator

/// Judges a policy on PTB-XL.
package final class PolicyTrial {
    /// A way to raise alarms.
    package struct Judged {
        /// Alarms by the name of their condition, with their sample.
        var alarms: [(name: String, sample: UInt64)] = []
        /// Alarms that no episode explains, by name.
        package var falseAlarms: [String: Int] = [:]
        /// Seconds from an episode's beginning to its first alarm, by target; nil for a missed one.
        package var delays: [String: [Double?]] = [:]
    }

    /// What came of one stream.
    package struct StreamResult {
        package var name: String
        package var hours: Double
        package var policy = Judged()
        package var naive = Judged()
    }

    /// The known answers of a stream: sample and probabilities.
    private struct Hop {
        var sample: UInt64
        var isKnown: Bool
        var probabilities: [Float]
    }

    /// What an episode of each target may be told by.
    static let tellers: [String: Set<String>] = [
        "AFIB": ["AFIB"], "AFLT": ["AFLT", "AFIB", "heart-rate-high"], "3AVB": ["3AVB", "2AVB", "heart-rate-low"],
        "STE_": ["STE_", "INJAS", "INJAL", "INJIN", "INJLA", "INJIL", "AMI", "IMI", "ASMI", "ALMI"],
        "simulated asystole": ["asystole", "signal-lost"],
        "simulated ventricular tachycardia": ["vt-suspected", "heart-rate-high", "vf-suspected"],
        "simulated ventricular fibrillation": ["vf-suspected", "asystole", "signal-lost", "vt-suspected"],
    ]

    /// Statements of which an alarm may be right whatever the policy says of them: targets, and words for a rate that is measured too.
    private static let rhythms: Set<String> = ["AFIB", "AFLT", "3AVB", "STE_", "STACH", "SBRAD", "SVTAC", "PSVT"]

    private let policy: AlarmPolicy
    private let model: LoadedModel
    package private(set) var results: [StreamResult] = []
    /// The known answers of all streams and their episodes, for the trade-off.
    private var hops: [(stream: StitchedStream, hops: [Hop])] = []

    package init(_ policy: AlarmPolicy, model: LoadedModel) {
        self.policy = policy
        self.model = model
    }

    /// Makes the streams and plays them.
    package func run(folder: String, folds: Set<Int>, seed: UInt64) throws(RuntimeError) {
        let alarms = Set(policy.rules.filter { $0.alert.priority.rawValue >= AlertPriority.low.rawValue }.map(\.name)).union(Self.rhythms)
        var pool = try ExamPool(folder: folder, folds: folds, alarms: alarms, seed: seed)
        try play(try episodes(&pool, seed))
        for (name, exams) in [("normal", pool.normal), ("abnormal, not alarming", pool.abnormal)] {
            var stream = StitchedStream(name: name)
            for exam in exams { stream.append(try StitchedStream.exam(exam.path)) }
            try play(stream)
        }
    }

    /// Episodes of each target between a minute of background: six patients each, or all that there are.
    private func episodes(_ pool: inout ExamPool, _ seed: UInt64) throws(RuntimeError) -> StitchedStream {
        var stream = StitchedStream(name: "episodes")
        func background(_ stream: inout StitchedStream, _ pool: inout ExamPool) throws(RuntimeError) {
            for exam in pool.background(7) { stream.append(try StitchedStream.exam(exam.path)) }
        }
        let drawn = pool.takeAlarming(["AFIB", "AFLT", "3AVB", "STE_"])
        for (target, exams) in drawn {
            let count = max(1, exams.count / 6)
            for episode in 0..<(exams.isEmpty ? 0 : count) {
                try background(&stream, &pool)
                var frames: [[Frame]] = []
                for exam in exams[episode * exams.count / count..<(episode + 1) * exams.count / count].prefix(6) {
                    frames.append(try StitchedStream.exam(exam.path))
                }
                stream.append(episode: target, frames)
            }
        }
        let simulated: [(String, Rhythm)] = [
            ("asystole", .asystole), ("ventricular tachycardia", .ventricularTachycardia),
            ("ventricular fibrillation", .ventricularFibrillation),
        ]
        for (name, rhythm) in simulated {
            for number in 0..<5 as Range<UInt64> {
                try background(&stream, &pool)
                stream.append(episode: "simulated " + name, [StitchedStream.simulated(rhythm, seconds: 30, seed: seed &+ number)])
            }
        }
        try background(&stream, &pool)
        return stream
    }

    private func play(_ stream: StitchedStream) throws(RuntimeError) {
        let host = try EngineHost(
            model: model, stream: StitchedStream.format, options: EngineOptions(), rules: policy.engineRules, name: stream.name)
        let policyBoard = PolicyBoard(policy)
        var result = StreamResult(name: stream.name, hours: stream.hours)
        var answers: [Hop] = []
        for frame in stream.frames {
            host.engine.push(frame)
            while let event = host.engine.poll() {
                if event.isAnswer {
                    answers.append(
                        Hop(
                            sample: event.sample, isKnown: event.kind == .window,
                            probabilities: (0..<model.view.statementCount).map { host.engine.probability($0) }))
                }
                policyBoard.take(event, at: Int64(event.sample) * 10)
            }
            if frame.index % 10 == 0 { policyBoard.board.tick(at: Int64(frame.index) * 10) }
            while let change = policyBoard.board.poll() {
                guard change.kind == .raised || change.kind == .released, change.condition >= 0 else { continue }
                let rule = policy.rules[Int(change.condition)]
                // The equipment's alarms are not judged.
                guard !rule.alarm.isTechnical || rule.name == "signal-lost", !AlertPriority.low.isAbove(change.priority) else { continue }
                result.policy.alarms.append((rule.name, frame.index))
            }
            if Interrupt.isRequested { throw .interrupted(file: stream.name) }
        }
        result.naive.alarms = naive(answers)
        Self.judge(&result.policy, stream)
        Self.judge(&result.naive, stream)
        result.policy.falseAlarms["signal-lost"] = nil
        results.append(result)
        hops.append((stream, answers))
    }

    /// Rising edges of every statement that the policy makes an alarm of, over its F-max threshold.
    private func naive(_ answers: [Hop]) -> [(String, UInt64)] {
        let told = policy.rules.filter { $0.place >= Condition.count && $0.alert.priority.rawValue >= AlertPriority.low.rawValue }
        return told.flatMap { rule in
            let label = rule.place - Condition.count
            return Self.edges(answers, label, Float(model.vocabulary.statements[label].threshold)).map { (rule.name, $0) }
        }
    }

    private static func edges(_ answers: [Hop], _ label: Int, _ threshold: Float) -> [UInt64] {
        var isOver = false
        return answers.compactMap { hop in
            guard hop.isKnown else { return nil }
            defer { isOver = hop.probabilities[label] >= threshold }
            return hop.probabilities[label] >= threshold && !isOver ? hop.sample : nil
        }
    }

    /// Compares alarms with episodes. An alarm of what may tell of an episode, from its beginning to 15 s after its end, is no false one:
    /// an answer looks back on 10 s, and a rule on several. Any other alarm is, wherever it stands.
    static func judge(_ judged: inout Judged, _ stream: StitchedStream) {
        let tail = UInt64(15 * StitchedStream.rate)
        for episode in stream.episodes {
            let tellers = Self.tellers[episode.target] ?? [episode.target]
            let first = judged.alarms.filter { tellers.contains($0.name) && $0.sample >= episode.start && $0.sample < episode.end + tail }
                .map(\.sample).min()
            judged.delays[episode.target, default: []].append(first.map { Double($0 - episode.start) / Double(StitchedStream.rate) })
        }
        for alarm in judged.alarms {
            let isExplained = stream.episodes.contains { episode in
                let tellers = Self.tellers[episode.target] ?? [episode.target]
                return tellers.contains(alarm.name) && alarm.sample >= episode.start && alarm.sample < episode.end + tail
            }
            if !isExplained { judged.falseAlarms[alarm.name, default: 0] += 1 }
        }
    }

    /// False alarms an hour and episodes found for one statement, by threshold and persistence.
    package func tradeOff(_ name: String, persistence: [(required: UInt8, hops: UInt8)], thresholds: [Float]) -> [TradeOff] {
        guard let place = policy.place(of: name), place >= Condition.count else { return [] }
        let label = place - Condition.count
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: AlertPolicy.requiredBytes(conditions: Condition.count + 1), alignment: 16)
        defer { memory.deallocate() }
        var points: [TradeOff] = []
        for each in persistence {
            for threshold in thresholds {
                var rule = policy.rules[place].alert
                (rule.required, rule.hops, rule.threshold, rule.priority, rule.escalation) = (
                    each.required, each.hops, threshold, .medium, 0
                )
                var point = TradeOff(required: each.required, hops: each.hops, threshold: threshold)
                for (stream, answers) in hops {
                    var alerts = AlertPolicy(conditions: Condition.count + 1, memory: memory)
                    alerts.set(rule, for: Condition.count)
                    var judged = Judged()
                    for hop in answers
                    where alerts.evaluate(Condition.count, value: hop.probabilities[label], known: hop.isKnown) == .raised {
                        judged.alarms.append((name, hop.sample))
                    }
                    Self.judge(&judged, stream)
                    point.falseAlarms += judged.falseAlarms[name] ?? 0
                    point.hours += stream.hours
                    for delay in judged.delays[name] ?? [] {
                        point.episodes += 1
                        if let delay { point.delays.append(delay) }
                    }
                }
                points.append(point)
            }
        }
        return points
    }

    /// One point of a trade-off.
    package struct TradeOff {
        package var required: UInt8
        package var hops: UInt8
        package var threshold: Float
        package var falseAlarms = 0
        package var hours = 0.0
        package var episodes = 0
        /// Seconds from the beginning of each episode that was found.
        package var delays: [Double] = []

        init(required: UInt8, hops: UInt8, threshold: Float) {
            self.required = required
            self.hops = hops
            self.threshold = threshold
        }

        package var falseAlarmsAnHour: Double { hours > 0 ? Double(falseAlarms) / hours : 0 }
        package var medianDelay: Double? { delays.isEmpty ? nil : delays.sorted()[delays.count / 2] }
    }
}
