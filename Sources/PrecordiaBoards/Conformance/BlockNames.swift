// Names of what stands in blocks, for a person who reads a finding.
// Apart from the checks, which have enough to say.

import PrecordiaLink

enum BlockNames {
    static func type(_ type: UInt8) -> String {
        guard let known = BlockType(rawValue: type) else { return "type \(type)" }
        return known == .selfTest ? "self test" : "\(known)"
    }

    /// The heading of firmware-protocol/SPEC.md that describes a payload.
    static func section(_ type: BlockType) -> String { type.rawValue < 0x80 ? "\(type.rawValue) \(type)" : "Commands" }

    static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    static func electrodes(_ bits: UInt16) -> String {
        let names = ["RA", "LA", "LL", "RL", "V1", "V2", "V3", "V4", "V5", "V6"]
        return names.indices.filter { bits >> UInt16($0) & 1 == 1 }.map { names[$0] }.joined(separator: "+")
    }

    static func leads(_ bits: UInt16) -> String {
        let names = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]
        return names.indices.filter { bits >> UInt16($0) & 1 == 1 }.map { names[$0] }.joined(separator: "+")
    }
}
