// Simulators by the names that a person types: a rhythm, or a programme of several.
// Apart from the commands, because several of them take such a name.

package import PrecordiaHost
package import PrecordiaSimulator

extension Simulator {
    /// The simulator of a rhythm or programme.
    ///
    /// - Parameters:
    ///   - name: a rhythm, "demo" or "tour".
    ///   - option: how the name was given, for the error.
    package static func named(
        _ name: String, rate: Int, seed: UInt64, heartRate: Double? = nil, noise: Noise = .none, option: String
    ) throws(RuntimeError) -> Simulator {
        if let scenario = Scenario(named: name) { return Simulator(rate: rate, seed: seed, scenario: scenario) }
        guard let rhythm = Rhythm(named: name) else {
            let names = (Rhythm.allCases.map { "\($0)" } + ["demo", "tour"]).joined(separator: ", ")
            throw .badSetting(name: option, value: name, allowed: "one of " + names)
        }
        return Simulator(rate: rate, seed: seed, rhythm: rhythm, heartRate: heartRate, noise: noise)
    }
}

extension Scenario {
    /// The programme of that name, or nil.
    package init?(named name: String) {
        switch name {
        case "demo": self = .demo
        case "tour": self = .tour
        default: return nil
        }
    }
}
