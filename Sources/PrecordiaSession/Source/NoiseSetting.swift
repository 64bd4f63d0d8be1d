// The simulator's disturbances as a person types them: "wander=200,off=V2".
// Apart from the command, so that a test can type them too.

import Glibc
package import PrecordiaHost
import PrecordiaSignal
package import PrecordiaSimulator

/// Reads settings of the simulator from text.
package enum NoiseSetting {
    /// What ``parse(_:)`` takes, for help and errors.
    package static let help = """
        resting, ambulance, or a list of wander=UV, mains=UV, mains-hertz=50|60, muscle=UV, pops=PER-MINUTE, saturation=UV, off=ELECTRODE
        """

    /// Reads a list such as "resting,mains=60,off=V2+LA"; later entries change what earlier ones set.
    ///
    /// Amplitudes are microvolts, 0 to 16383; electrodes RA, LA, LL, RL, V1 to V6, joined by plus signs.
    package static func parse(_ text: String) throws(RuntimeError) -> Noise {
        var noise = Noise.none
        for entry in text.split(separator: ",", omittingEmptySubsequences: true) {
            let parts = entry.split(separator: "=", maxSplits: 1).map { $0.withoutOuterSpaces }
            switch (parts.first ?? "", parts.count > 1 ? parts[1] : nil) {
            case ("none", nil): noise = .none
            case ("resting", nil): noise = .resting
            case ("ambulance", nil): noise = .ambulance
            case ("wander", let value?): noise.baselineMicrovolts = try number(value, of: entry, 0...16_383)
            case ("mains", let value?): noise.mainsMicrovolts = try number(value, of: entry, 0...16_383)
            case ("mains-hertz", let value?): noise.mainsHertz = try mains(value, of: entry)
            case ("muscle", let value?): noise.muscleMicrovolts = try number(value, of: entry, 0...16_383)
            case ("pops", let value?): noise.popsPerMinute = try number(value, of: entry, 0...600)
            case ("saturation", let value?): noise.saturationMicrovolts = try number(value, of: entry, 50...16_383)
            case ("off", let value?): noise.electrodesOff = try electrodes(value)
            default: throw .badSetting(name: "--noise", value: String(entry), allowed: help)
            }
        }
        return noise
    }

    private static func number(
        _ text: String, of entry: Substring, _ range: ClosedRange<Double>
    ) throws(RuntimeError) -> Double {
        guard let value = Double(text), range.contains(value) else {
            let bounds = "\(Int(range.lowerBound)) to \(Int(range.upperBound)) would be right"
            throw .badSetting(name: "--noise", value: String(entry), allowed: bounds)
        }
        return value
    }

    private static func mains(_ text: String, of entry: Substring) throws(RuntimeError) -> Double {
        guard let value = Double(text), value == 50 || value == 60 else {
            throw .badSetting(name: "--noise", value: String(entry), allowed: "50 or 60 would be right")
        }
        return value
    }

    private static func electrodes(_ text: String) throws(RuntimeError) -> ElectrodeSet {
        var all: ElectrodeSet = []
        for name in text.split(separator: "+") {
            switch name.uppercased() {
            case "RA", "R": all.formUnion(.rightArm)
            case "LA", "L": all.formUnion(.leftArm)
            case "LL", "F": all.formUnion(.leftLeg)
            case "RL", "N": all.formUnion(.rightLeg)
            case let chest where chest.count == 2 && "VC".contains(chest.first!) && ("1"..."6").contains(String(chest.last!)):
                all.formUnion(.chest(chest.last!.wholeNumberValue!))
            default:
                throw .badSetting(
                    name: "--noise off", value: String(name), allowed: "RA, LA, LL, RL or V1 to V6, joined by +, would be right")
            }
        }
        return all
    }
}
