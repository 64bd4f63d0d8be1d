// The clauses about time: how soon the engine's alert stands after something has changed.
// Through the whole engine and its rules, because that is what sounds.

import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator

extension BeatClauses {
    static func alarms(_ model: LoadedModel) throws(RuntimeError) -> [BeatClause] {
        var clauses: [BeatClause] = []
        var options = EngineOptions()
        options.policy.heartRateHigh.threshold = 100
        options.policy.heartRateLow.threshold = 60
        clauses.append(
            try step("rate step 80 to 120 a minute, limit 100", from: 80, to: 120, .heartRateHigh, options, model))
        clauses.append(try step("rate step 80 to 40 a minute, limit 60", from: 80, to: 40, .heartRateLow, options, model))
        clauses.append(try step("asystole after 80 a minute", from: 80, to: 0, .asystole, EngineOptions(), model))
        clauses.append(
            try change("ventricular fibrillation after a normal rhythm", to: .ventricularFibrillation, .fibrillationSuspected, model))
        clauses.append(
            try change("ventricular tachycardia of 170 after a normal rhythm", to: .ventricularTachycardia, .ventricularRunSuspected, model)
        )
        clauses.append(try lostCapture(model))
        return clauses
    }

    /// From the last complex at the old rate, or the one that does not come, to the alert.
    private static func step(
        _ name: String, from: Double, to: Double, _ condition: Condition, _ options: EngineOptions, _ model: LoadedModel
    ) throws(RuntimeError) -> BeatClause {
        var signal = TestSignal()
        (signal.rate, signal.laterRate, signal.change) = (from, to, 20)
        let begin = signal.complex(before: 20)!.time
        var worst = 0.0
        for rate in rates {
            var frame = Frame(index: 0)
            var random = UInt64(rate)
            let alarm = try firstAlarm(condition, rate: rate, seconds: 40, options, model) { index, _ in
                frame.index = index
                let value = signal.value(at: Double(index) / Double(rate))
                // Attached electrodes have noise: leads without any are flat, and not an asystole.
                for lead in 0..<12 {
                    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    frame.counts[lead] = Int32(Arithmetic.roundedToEven(value + 10 * (Double(random >> 11) / 4_503_599_627_370_496 - 1)))
                }
                return frame
            }
            worst = max(worst, alarm - begin)
        }
        return verdict(name, worst)
    }

    /// From the first beat of the new rhythm, or for fibrillation from the last one of the old.
    private static func change(
        _ name: String, to rhythm: Rhythm, _ condition: Condition, _ model: LoadedModel
    ) throws(RuntimeError) -> BeatClause {
        var worst = 0.0
        for rate in rates {
            var simulator = Simulator(rate: rate, seed: 5, noise: .resting)
            var frame = Frame(index: 0)
            var begin = 0.0
            let alarm = try firstAlarm(condition, rate: rate, seconds: 45, EngineOptions(), model) { index, _ in
                if index == UInt64(20 * rate) { simulator.rhythm = rhythm }
                simulator.next(into: &frame)
                if simulator.lastBeatOrigin == .conducted, let beat = simulator.lastBeatIndex { begin = Double(beat) / Double(rate) }
                return frame
            }
            worst = max(worst, alarm - begin)
        }
        return verdict(name, worst)
    }

    /// Pulses that nothing answers, from the weakest to the strongest that a monitor is tested with.
    private static func lostCapture(_ model: LoadedModel) throws(RuntimeError) -> BeatClause {
        var worst = 0.0
        for rate in rates {
            for strength in [0.2, 4, 60, 1400, -1400] {
                var simulator = Simulator(rate: rate, seed: 5, rhythm: .paced)
                simulator.pace(Pacing(strength: strength))
                var frame = Frame(index: 0)
                var begin = 0.0
                let alarm = try firstAlarm(.asystole, rate: rate, seconds: 40, EngineOptions(), model) { index, mark in
                    if index == UInt64(20 * rate) { simulator.pace(Pacing(captures: false, strength: strength)) }
                    simulator.next(into: &frame)
                    if let ahead = simulator.takePaceMark() { mark(UInt64(Int(index) + ahead)) }
                    if let beat = simulator.lastBeatIndex { begin = Double(beat) / Double(rate) }
                    return frame
                }
                worst = max(worst, alarm - begin)
            }
        }
        return verdict("pulses of 0.2 to 1400 mV·ms, either sign, that no QRS follows: asystole", worst)
    }

    private static func verdict(_ name: String, _ seconds: Double) -> BeatClause {
        BeatClause(name, "alert within 10 s", seconds.isFinite ? "\(Text.fixed(seconds, decimals: 1)) s" : "none", seconds <= 10)
    }

    /// Seconds from the stream's beginning to the first alert of a condition; infinite if there is none. An alert before 20 s is one too many.
    ///
    /// - Parameter next: makes the frame of an index; may announce pacing pulses, which reach the engine before the frames that come next.
    private static func firstAlarm(
        _ condition: Condition, rate: Int, seconds: Int, _ options: EngineOptions, _ model: LoadedModel,
        next: (UInt64, (UInt64) -> Void) -> Frame
    ) throws(RuntimeError) -> Double {
        let host = try EngineHost(model: model, stream: StreamFormat(rate: rate), options: options, name: "test bench")
        for index in 0..<(seconds * rate) {
            var pulse: UInt64?
            let frame = next(UInt64(index)) { pulse = $0 }
            host.engine.push(frame)
            if let pulse { _ = host.engine.mark(pace: pulse) }
            while let event = host.engine.poll() {
                guard event.kind == .alertRaised, event.alert == AlertCode(condition) else { continue }
                return index < 20 * rate ? .infinity : Double(index) / Double(rate)
            }
        }
        return .infinity
    }
}
