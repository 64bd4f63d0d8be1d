// What a caller may look at between two frames.
// Copies only: the engine's own numbers change with its next frame.

public import CPrecordia
import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaSignal

@c @implementation
public func precordia_engine_probabilities(
    _ engine: OpaquePointer, _ first: UInt32, _ count: UInt32, _ values: UnsafeMutablePointer<Float>
) {
    let state = EngineState.at(engine)
    let labels = UInt64(state.pointee.engine.model.labelCount)
    for index in 0..<UInt64(count) {
        let label = UInt64(first) + index
        values[Int(index)] = label < labels ? state.pointee.engine.probability(Int(label)) : .nan
    }
}

@c @implementation
public func precordia_engine_class_probabilities(
    _ engine: OpaquePointer, _ first: UInt32, _ count: UInt32, _ values: UnsafeMutablePointer<Float>
) {
    let state = EngineState.at(engine)
    let classes = UInt64(state.pointee.engine.model.classCount)
    for index in 0..<UInt64(count) {
        let number = UInt64(first) + index
        values[Int(index)] = number < classes ? state.pointee.engine.classProbability(Int(number)) ?? .nan : .nan
    }
}

@c @implementation
public func precordia_engine_is_whole(_ engine: OpaquePointer) -> Bool {
    let state = EngineState.at(engine)
    return state.pointee.engine.columns == state.pointee.engine.model.windowColumns
}

@c @implementation
public func precordia_engine_heart_rate(_ engine: OpaquePointer) -> Double { EngineState.at(engine).pointee.engine.heartRate ?? .nan }

@c @implementation
public func precordia_engine_display(_ engine: OpaquePointer, _ microvolts: UnsafeMutablePointer<Double>) {
    let state = EngineState.at(engine)
    for lead in 0..<UInt8(12) { microvolts[Int(lead)] = state.pointee.engine.displayed(Lead(rawValue: lead)!) }
}

@c @implementation
public func precordia_engine_quality(_ engine: OpaquePointer, _ quality: UnsafeMutablePointer<precordia_quality>) {
    let report = EngineState.at(engine).pointee.engine.quality
    quality.pointee = precordia_quality(
        verdict: UInt32(report.verdict.rawValue), reasons: UInt16(truncatingIfNeeded: report.reasons.rawValue), off: report.off.rawValue,
        flat: report.flat.rawValue,
        clipped: report.clipped.rawValue, gap: report.gap.rawValue, noisy: report.noisy.rawValue,
        out_of_range: report.outOfRange.rawValue, absent: report.absent.rawValue, samples: UInt32(clamping: report.samples))
}

@c @implementation
public func precordia_engine_quality_index(_ engine: OpaquePointer, _ index: UnsafeMutablePointer<Float>) {
    let quality = EngineState.at(engine).pointee.engine.quality.index
    for lead in 0..<UInt8(12) { index[Int(lead)] = quality.value(of: Lead(rawValue: lead)!) }
}

@c @implementation
public func precordia_engine_counters(_ engine: OpaquePointer, _ counters: UnsafeMutablePointer<precordia_counters>) {
    let state = EngineState.at(engine)
    let all = state.pointee.engine.counters
    counters.pointee = precordia_counters(
        frames: all.frames, frames_missing: all.framesMissing, frames_out_of_order: all.framesOutOfOrder,
        samples_missing: all.samplesMissing, frames_clipped: all.framesClipped, windows: all.windows, windows_unknown: all.windowsUnknown,
        alerts_raised: all.alertsRaised, alerts_cleared: all.alertsCleared, events_dropped: all.eventsDropped,
        beats: UInt64(clamping: state.pointee.engine.beatCount))
}
