// The standard filters at a rate, for a person and for the script that compares them with scipy.
// It runs the very cascade that the engine runs, not a formula beside it.

import PrecordiaHost
package import PrecordiaSignal

/// Lists the electrocardiograph's standard filters.
package enum FilterListing {
    /// Samples of the step response in the JSON form.
    package static let stepSamples = 2000

    /// A filter's stable name: "high-pass 0.5".
    package static func name(_ filter: StandardFilter) -> String {
        switch filter {
        case .highPass0_05: "high-pass 0.05"
        case .highPass0_5: "high-pass 0.5"
        case .notch50: "notch 50"
        case .notch60: "notch 60"
        case .lowPass40: "low-pass 40"
        case .lowPass100: "low-pass 100"
        case .lowPass150: "low-pass 150"
        }
    }

    /// Each filter's sections in words.
    package static func table(rate: Int) -> [String] {
        StandardFilter.allCases.flatMap { filter in
            let name = Self.name(filter)
            guard filter.fits(rate: rate) else {
                return ["\(name) Hz: not available at \(rate) Hz; it needs more than \(Int((filter.frequency / 0.45).rounded(.up))) Hz"]
            }
            let sections = (0..<filter.sections).map { index in
                let s = filter.section(index, rate: rate)
                return "    b \(s.b0) \(s.b1) \(s.b2)   a 1 \(s.a1) \(s.a2)"
            }
            return ["\(name) Hz"] + sections
        }
    }

    /// Each filter as a JSON object: sections as [b0, b1, b2, 1, a1, a2] and the response to a unit step, in the shortest decimals that give
    /// the same binary64 back. One that the rate cannot carry has `"available":false` and neither.
    package static func lines(rate: Int) -> [[UInt8]] {
        StandardFilter.allCases.map { filter in
            var line = JSONLine()
            line.add("filter", name(filter))
            line.add("rate", rate)
            line.add("available", filter.fits(rate: rate))
            guard filter.fits(rate: rate) else { return line.line }
            let sections = (0..<filter.sections).map { index in
                let s = filter.section(index, rate: rate)
                return "[\(s.b0),\(s.b1),\(s.b2),1.0,\(s.a1),\(s.a2)]"
            }
            line.add("sos", raw: "[\(sections.joined(separator: ","))]")
            line.add("step", raw: "[\(step(filter, rate: rate).map { "\($0)" }.joined(separator: ","))]")
            return line.line
        }
    }

    /// The first samples of the response to 0, 1, 1, 1 ... from rest, the 0 left out.
    static func step(_ filter: StandardFilter, rate: Int) -> [Double] {
        var cascade = FilterCascade()
        _ = cascade.append(filter, rate: rate)
        return (0..<stepSamples).map { _ in
            var samples = [Double](repeating: 1, count: 12)
            samples.withUnsafeMutableBufferPointer { cascade.process($0.baseAddress!) }
            return samples[0]
        }
    }
}
