// Errors: the header's numbers, their names, and what a person does about them.
// Apart, because every other file returns them.

public import CPrecordia
import PrecordiaEngine

/// The header's errors. The raw values are the interface.
enum Problem: Int32, Error {
    case rate = 1
    case scale = 2
    case derivedLeads = 3
    case hop = 4
    case memory = 5
    case modelNetwork = 6
    case modelAlertRule = 7
    case modelFilters = 8
    case channels = 9
    case reserved = 10
    case modelAbsent = 11
    case modelInvalid = 12
    case modelMisaligned = 13
    case modelFile = 14
    case notch = 15
    case alertLimit = 16
    case framing = 17

    init(_ error: EngineError) {
        switch error {
        case .rate: self = .rate
        case .scale: self = .scale
        case .derivedLeads: self = .derivedLeads
        case .hop: self = .hop
        case .memory: self = .memory
        case .model: self = .modelNetwork
        case .alertRule: self = .modelAlertRule
        case .filters: self = .modelFilters
        case .leads: self = .channels
        }
    }

    var name: StaticString {
        switch self {
        case .rate: "rate"
        case .scale: "scale"
        case .derivedLeads: "derivedLeads"
        case .hop: "hop"
        case .memory: "memory"
        case .modelNetwork: "modelNetwork"
        case .modelAlertRule: "modelAlertRule"
        case .modelFilters: "modelFilters"
        case .channels: "channels"
        case .reserved: "reserved"
        case .modelAbsent: "modelAbsent"
        case .modelInvalid: "modelInvalid"
        case .modelMisaligned: "modelMisaligned"
        case .modelFile: "modelFile"
        case .notch: "notch"
        case .alertLimit: "alertLimit"
        case .framing: "framing"
        }
    }

    var explanation: StaticString {
        switch self {
        case .rate: "the stream's rate must be 100 to 2000 Hz, and not below the model's"
        case .scale: "the magnitude of a channel's microvolts a count must be 1e-9 to 1e9"
        case .derivedLeads: "only III, aVR, aVL and aVF can be computed from I and II"
        case .hop: "the hop must be a multiple of the model's hop_unit, up to its hop"
        case .memory: "the memory given is smaller than precordia_engine_bytes, _exam_bytes, _link_bytes or _host_bytes says"
        case .modelNetwork: "this library cannot run the model's network: export the model again with this version's tools"
        case .modelAlertRule: "a threshold or persistence in the model makes no valid alert rule: export it again with this version's tools"
        case .modelFilters: "the model needs more filter sections than the library has: export it again with this version's tools"
        case .channels: "a frame must have 1 to 12 channels, each below a lead of its own, 0 to 11"
        case .reserved: "reserved fields must be 0: begin with precordia_stream_default, and zero the options and marks"
        case .modelAbsent: "no model was loaded: precordia_model_init or precordia_model_open must have succeeded"
        case .modelInvalid: "no model file of this format, or a damaged one: precordia_model_last_fault says more"
        case .modelMisaligned: "the model's first byte must lie at a multiple of 16 in memory"
        case .modelFile: "the model file cannot be read: precordia_model_last_fault has the system's errno"
        case .notch: "the mains frequency must be 0 for none, 50 or 60"
        case .alertLimit: "an alert limit must be 0 for the default, or a positive finite number"
        case .framing: "the framing must be PRECORDIA_FRAMING_PLAIN or PRECORDIA_FRAMING_COBS"
        }
    }
}

@c @implementation
public func precordia_error_name(_ error: precordia_error) -> UnsafePointer<CChar> {
    guard let problem = Problem(rawValue: error) else { return (error == 0 ? StaticString("ok") : "unknown").c }
    return problem.name.c
}

@c @implementation
public func precordia_error_explanation(_ error: precordia_error) -> UnsafePointer<CChar> {
    guard let problem = Problem(rawValue: error) else {
        return (error == 0 ? StaticString("no error") : "an error that this version of the library does not know").c
    }
    return problem.explanation.c
}
