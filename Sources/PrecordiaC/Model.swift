// Models: checking bytes in memory, and reading the tables of what was checked.
// Reading a file into memory needs the C library and stands in CPrecordiaFiles.

public import CPrecordia
import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaSignal

/// What lies in a `precordia_model`: a view of checked bytes, or the fault that was found. The header keeps 80 bytes for it.
struct ModelBox {
    /// What a loaded one begins with; anything else is no model.
    static var mark: UInt64 { 0x4C44_4D43_4345_5250 }

    var mark: UInt64 = 0
    /// Memory of `precordia_model_open`, and its size; written and read by CPrecordiaFiles, at bytes 8 to 23.
    var mapped: UInt64 = 0
    var mappedBytes: UInt64 = 0
    var code: Int32 = 0
    var problem: Int32 = 0
    var offset: UInt64 = 0
    var value: Int64 = 0
    /// The checked bytes, at most two words.
    var view: ModelView?

    /// The view of a loaded model.
    static func view(_ model: UnsafePointer<precordia_model>) -> ModelView? {
        let box = UnsafeRawPointer(model).assumingMemoryBound(to: ModelBox.self)
        return box.pointee.mark == mark ? box.pointee.view : nil
    }
}

@c @implementation
public func precordia_model_init(_ model: UnsafeMutablePointer<precordia_model>, _ bytes: UnsafeRawPointer, _ count: Int) -> precordia_error
{
    var box = ModelBox()
    var problem: Problem?
    do {
        box.view = try ModelView(UnsafeRawBufferPointer(start: bytes, count: max(count, 0)))
        box.mark = ModelBox.mark
    } catch {
        problem = error.code == .misaligned ? .modelMisaligned : .modelInvalid
        box.code = error.code.rawValue
        box.offset = UInt64(truncatingIfNeeded: error.offset)
        box.value = error.value
    }
    box.problem = problem?.rawValue ?? 0
    precondition(MemoryLayout<ModelBox>.size <= MemoryLayout<precordia_model>.size, "the header keeps too little room")
    UnsafeMutableRawPointer(model).initializeMemory(as: ModelBox.self, to: box)
    return box.problem
}

@c @implementation
public func precordia_model_last_fault(
    _ model: UnsafePointer<precordia_model>, _ fault: UnsafeMutablePointer<precordia_model_fault>
) -> Bool {
    let box = UnsafeRawPointer(model).assumingMemoryBound(to: ModelBox.self).pointee
    let words: StaticString =
        if let found = ModelError.Code(rawValue: box.code), box.problem != Problem.modelFile.rawValue {
            found.explanation
        } else {
            Problem(rawValue: box.problem)?.explanation ?? "no fault"
        }
    fault.pointee = precordia_model_fault(explanation: words.c, code: box.code, reserved: 0, offset: box.offset, value: box.value)
    return box.problem != 0
}

@c @implementation
public func precordia_model_describe(
    _ model: UnsafePointer<precordia_model>, _ facts: UnsafeMutablePointer<precordia_model_facts>
) -> precordia_error {
    guard let view = ModelBox.view(model) else {
        UnsafeMutableRawPointer(facts).initializeMemory(as: UInt8.self, repeating: 0, count: MemoryLayout<precordia_model_facts>.size)
        return Problem.modelAbsent.rawValue
    }
    facts.pointee = precordia_model_facts(
        name: precordia_text(view.name), sha256: view.hash.baseAddress!.assumingMemoryBound(to: UInt8.self), version: view.version,
        rate: UInt32(view.rate), window: UInt32(view.window), hop: UInt32(view.hop), hop_unit: UInt32(view.hopUnit),
        statements: UInt32(view.statementCount), labels: UInt32(view.labelCount), label_sets: UInt32(view.labelSetCount),
        classes: UInt32(view.classCount), reserved: 0)
    return 0
}

@c @implementation
public func precordia_model_label_set(
    _ model: UnsafePointer<precordia_model>, _ index: UInt32, _ set: UnsafeMutablePointer<precordia_label_set>
) -> Bool {
    guard let view = ModelBox.view(model), index < view.labelSetCount else { return false }
    let found = view.labelSet(Int(index))
    set.pointee = precordia_label_set(name: precordia_text(found.name), first: UInt32(found.first), count: UInt32(found.count))
    return true
}

@c @implementation
public func precordia_model_label(
    _ model: UnsafePointer<precordia_model>, _ index: UInt32, _ label: UnsafeMutablePointer<precordia_label>
) -> Bool {
    guard let view = ModelBox.view(model), index < view.labelCount else { return false }
    let found = view.label(Int(index))
    label.pointee = precordia_label(
        code: precordia_text(found.code), words: precordia_text(found.statement), group: precordia_text(found.group),
        threshold: found.threshold, alarm_threshold: found.alarmThreshold, priority: UInt32(found.priority), reserved: 0)
    return true
}

@c @implementation
public func precordia_model_class(
    _ model: UnsafePointer<precordia_model>, _ index: UInt32, _ entry: UnsafeMutablePointer<precordia_class>
) -> Bool {
    guard let view = ModelBox.view(model), index < view.classCount else { return false }
    let found = view.classEntry(Int(index))
    entry.pointee = precordia_class(
        code: precordia_text(found.code), words: precordia_text(found.statement), group: precordia_text(found.group),
        status: precordia_text(found.status), evidence: UInt32(found.evidence), reserved: 0)
    return true
}

@c @implementation
public func precordia_model_condition(_ model: UnsafePointer<precordia_model>, _ code: UInt32) -> precordia_text {
    let alert = AlertCode(rawValue: UInt16(truncatingIfNeeded: code))
    if alert.isCondition { return (alert.condition?.name ?? "").text }
    guard let view = ModelBox.view(model), code < view.labelCount else { return StaticString("").text }
    return precordia_text(view.label(Int(code)).code)
}
