// Versions, and the stable names of every constant in the header.
// Words only: nothing here knows an engine.

import CPrecordia
import PrecordiaEngine
import PrecordiaNetwork

@c @implementation
public func precordia_abi() -> UInt32 { UInt32(PRECORDIA_ABI) }

@c @implementation
public func precordia_version() -> UnsafePointer<CChar> { EngineVersion.text.c }

@c @implementation
public func precordia_kernel() -> UnsafePointer<CChar> { Kernel.best.name }

@c @implementation
public func precordia_lead_name(_ lead: UInt32) -> UnsafePointer<CChar> {
    let name: StaticString =
        switch lead {
        case 0: "I"
        case 1: "II"
        case 2: "III"
        case 3: "aVR"
        case 4: "aVL"
        case 5: "aVF"
        case 6: "V1"
        case 7: "V2"
        case 8: "V3"
        case 9: "V4"
        case 10: "V5"
        case 11: "V6"
        default: ""
        }
    return name.c
}

@c @implementation
public func precordia_reason_name(_ reason: UInt32) -> UnsafePointer<CChar> {
    let name: StaticString =
        switch reason {
        case 1 << 0: "incomplete"
        case 1 << 1: "gap"
        case 1 << 2: "electrodeOff"
        case 1 << 3: "flat"
        case 1 << 4: "clipped"
        case 1 << 5: "noisy"
        case 1 << 6: "outOfRange"
        case 1 << 7: "missingLead"
        case 1 << 8: "tooFewLeads"
        case 1 << 15: "lapsed"
        default: ""
        }
    return name.c
}

@c @implementation
public func precordia_event_name(_ kind: UInt32) -> UnsafePointer<CChar> {
    let name: StaticString =
        switch Event.Kind(rawValue: UInt8(clamping: kind)) {
        case .window: "window"
        case .unknown: "unknown"
        case .heartRate: "heartRate"
        case .alertRaised: "alertRaised"
        case .alertCleared: "alertCleared"
        case .quality: "quality"
        case .gap: "gap"
        case nil: ""
        }
    return name.c
}

@c @implementation
public func precordia_priority_name(_ priority: UInt32) -> UnsafePointer<CChar> {
    let name: StaticString =
        switch priority {
        case 0: "none"
        case 1: "information"
        case 2: "low"
        case 3: "medium"
        case 4: "high"
        default: ""
        }
    return name.c
}
