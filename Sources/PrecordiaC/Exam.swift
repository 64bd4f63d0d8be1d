// Recorded exams: an engine that only classifies, and the verdict over its answers, in the caller's memory.
// A precordia_exam points to an EngineState, so that frames are pushed as into any engine; verdict, sums and arena lie behind it.

public import CPrecordia
import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaReport
import PrecordiaSignal
import PrecordiaText

/// Where the parts of an exam lie behind its ``EngineState``.
private enum ExamMemory {
    static var verdictBytes: Int { (MemoryLayout<ExamVerdict>.size + 63) & ~63 }

    static func sumBytes(_ model: UnsafePointer<precordia_model>) throws(Problem) -> Int {
        guard let view = ModelBox.view(model) else { throw .modelAbsent }
        return (ExamVerdict.requiredBytes(model: view) + 63) & ~63
    }

    static func requiredBytes(_ model: UnsafePointer<precordia_model>, _ stream: UnsafePointer<precordia_stream>) throws(Problem) -> Int {
        try EngineState.requiredBytes(model, stream, nil, verdictOnly: true) + verdictBytes + sumBytes(model)
    }

    static func verdict(_ exam: OpaquePointer) -> UnsafeMutablePointer<ExamVerdict> {
        (UnsafeMutableRawPointer(exam) + EngineState.headBytes).assumingMemoryBound(to: ExamVerdict.self)
    }
}

@c @implementation
public func precordia_exam_bytes(
    _ model: UnsafePointer<precordia_model>, _ stream: UnsafePointer<precordia_stream>, _ bytes: UnsafeMutablePointer<Int>
) -> precordia_error {
    bytes.pointee = 0
    do {
        bytes.pointee = try ExamMemory.requiredBytes(model, stream)
        return 0
    } catch { return error.rawValue }
}

@c @implementation
public func precordia_exam_init(
    _ exam: UnsafeMutablePointer<OpaquePointer?>, _ memory: UnsafeMutableRawPointer, _ bytes: Int,
    _ model: UnsafePointer<precordia_model>, _ stream: UnsafePointer<precordia_stream>
) -> precordia_error {
    exam.pointee = nil
    do throws(Problem) {
        guard bytes >= (try ExamMemory.requiredBytes(model, stream)) else { throw .memory }
        guard let view = ModelBox.view(model) else { throw .modelAbsent }
        let skipped = (64 &- Int(bitPattern: memory) & 63) & 63
        let head = (memory + skipped).bindMemory(to: EngineState.self, capacity: 1)
        let sums = UnsafeMutableRawBufferPointer(
            start: memory + skipped + EngineState.headBytes + ExamMemory.verdictBytes, count: try ExamMemory.sumBytes(model))
        let before = skipped + EngineState.headBytes + ExamMemory.verdictBytes + sums.count
        let arena = UnsafeMutableRawBufferPointer(start: memory + before, count: bytes - before)
        head.initialize(to: try EngineState(model, stream, nil, verdictOnly: true, arena: arena))
        let verdict = (memory + skipped + EngineState.headBytes).bindMemory(to: ExamVerdict.self, capacity: 1)
        verdict.initialize(to: ExamVerdict(model: view, memory: sums))
        exam.pointee = OpaquePointer(head)
        return 0
    } catch { return error.rawValue }
}

/// Lets an exam hear all frames; `push` hands those from a place on to the engine and says how many it took.
@inline(__always)
private func classify(
    _ exam: OpaquePointer, _ frames: Int, _ result: UnsafeMutablePointer<precordia_verdict>, push: (Int) -> Int
) {
    let state = EngineState.at(exam)
    let verdict = ExamMemory.verdict(exam)
    state.pointee.engine.reset()
    verdict.pointee.begin(rate: state.pointee.engine.stream.rate)
    var taken = 0
    while taken < frames {
        taken &+= push(taken)
        while let event = state.pointee.engine.poll() { verdict.pointee.take(event, &state.pointee.engine) }
    }
    var more = frames > 0
    while more {
        more = state.pointee.engine.drain()
        while let event = state.pointee.engine.poll() { verdict.pointee.take(event, &state.pointee.engine) }
    }
    verdict.pointee.finish(frames: UInt64(max(0, frames)), &state.pointee.engine)
    result.pointee = precordia_verdict(
        frames: UInt64(max(0, frames)), windows: UInt32(clamping: verdict.pointee.windows),
        windows_all: UInt32(clamping: verdict.pointee.allWindows), windows_unknown: UInt32(clamping: verdict.pointee.unknownWindows),
        reasons: verdict.pointee.reasons.rawValue, leads: verdict.pointee.leads.rawValue,
        is_known: verdict.pointee.windows > 0 && !verdict.pointee.isUnknown, is_short: verdict.pointee.isShort, reserved: 0)
}

@c @implementation
public func precordia_exam_classify_counts(
    _ exam: OpaquePointer, _ counts: UnsafePointer<Int32>, _ marks: UnsafePointer<precordia_marks>?, _ frames: Int,
    _ verdict: UnsafeMutablePointer<precordia_verdict>
) {
    let channels = EngineState.at(exam).pointee.channels.count
    classify(exam, frames, verdict) { taken in
        precordia_engine_push_counts(exam, UInt64(taken), counts + taken &* channels, marks.map { $0 + taken }, frames &- taken)
    }
}

@c @implementation
public func precordia_exam_classify_microvolts(
    _ exam: OpaquePointer, _ microvolts: UnsafePointer<Double>, _ marks: UnsafePointer<precordia_marks>?, _ frames: Int,
    _ verdict: UnsafeMutablePointer<precordia_verdict>
) {
    let channels = EngineState.at(exam).pointee.channels.count
    classify(exam, frames, verdict) { taken in
        precordia_engine_push_microvolts(exam, UInt64(taken), microvolts + taken &* channels, marks.map { $0 + taken }, frames &- taken)
    }
}

@c @implementation
public func precordia_exam_classify_microvolts_float(
    _ exam: OpaquePointer, _ microvolts: UnsafePointer<Float>, _ marks: UnsafePointer<precordia_marks>?, _ frames: Int,
    _ verdict: UnsafeMutablePointer<precordia_verdict>
) {
    let channels = EngineState.at(exam).pointee.channels.count
    classify(exam, frames, verdict) { taken in
        precordia_engine_push_microvolts_float(
            exam, UInt64(taken), microvolts + taken &* channels, marks.map { $0 + taken }, frames &- taken)
    }
}

@c @implementation
public func precordia_exam_probabilities(_ exam: OpaquePointer, _ first: UInt32, _ count: UInt32, _ values: UnsafeMutablePointer<Double>) {
    let verdict = ExamMemory.verdict(exam)
    let labels = UInt64(EngineState.at(exam).pointee.engine.model.labelCount)
    for index in 0..<UInt64(count) {
        let label = UInt64(first) + index
        values[Int(index)] = label < labels ? verdict.pointee.probability(Int(label)) : .nan
    }
}

@c @implementation
public func precordia_exam_class_probabilities(
    _ exam: OpaquePointer, _ first: UInt32, _ count: UInt32, _ values: UnsafeMutablePointer<Double>
) {
    let verdict = ExamMemory.verdict(exam)
    let state = EngineState.at(exam)
    let classes = UInt64(state.pointee.engine.model.classCount)
    for index in 0..<UInt64(count) {
        let number = UInt64(first) + index
        let isCovered = number < classes && state.pointee.engine.classProbability(Int(number)) != nil
        values[Int(index)] = isCovered ? verdict.pointee.classProbability(Int(number)) : .nan
    }
}

@c @implementation
public func precordia_exam_quality(_ exam: OpaquePointer, _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int) -> Int {
    let verdict = ExamMemory.verdict(exam)
    var text = JSONText(buffer, bytes)
    QualityWords(
        verdict.pointee.faults, isShort: verdict.pointee.isShort, unknownWindows: verdict.pointee.unknownWindows,
        windows: verdict.pointee.allWindows
    ).write(into: &text)
    if text.count == 0 { text.raw("good") }
    if bytes > 0 { buffer[min(text.count, bytes &- 1)] = 0 }
    return text.count
}
