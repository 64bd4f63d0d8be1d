// Versions, and the stable names of every constant in the header.
// Words only: nothing here knows an engine.

import CPrecordia
import PrecordiaEngine
import PrecordiaNetwork
import PrecordiaReport

@c @implementation
public func precordia_abi() -> UInt32 { UInt32(PRECORDIA_ABI) }

@c @implementation
public func precordia_version() -> UnsafePointer<CChar> { EngineVersion.text.c }

@c @implementation
public func precordia_kernel() -> UnsafePointer<CChar> { Kernel.best.name }

@c @implementation
public func precordia_lead_name(_ lead: UInt32) -> UnsafePointer<CChar> {
    let name: StaticString = lead < 12 ? EventNames.lead(Int(lead)) : ""
    return name.c
}

@c @implementation
public func precordia_reason_name(_ reason: UInt32) -> UnsafePointer<CChar> {
    for index in 0..<EventNames.reasonCount {
        let known = EventNames.reason(index)
        if UInt32(known.bit) == reason { return known.name.c }
    }
    return StaticString("").c
}

@c @implementation
public func precordia_event_name(_ kind: UInt32) -> UnsafePointer<CChar> {
    guard let kind = Event.Kind(rawValue: UInt8(clamping: kind)) else { return StaticString("").c }
    return EventNames.kind(kind).c
}

@c @implementation
public func precordia_device_state_name(_ state: UInt32) -> UnsafePointer<CChar> { EventNames.deviceState(Int(clamping: state)).c }

@c @implementation
public func precordia_priority_name(_ priority: UInt32) -> UnsafePointer<CChar> {
    let name: StaticString = priority <= 4 ? EventNames.priority(UInt8(priority)) : ""
    return name.c
}
