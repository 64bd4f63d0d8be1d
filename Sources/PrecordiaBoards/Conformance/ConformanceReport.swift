// What a conformance check found, as text for the one who writes firmware, and as JSON lines.
// Apart from the check, which knows no words but those of its findings.

package import PrecordiaHost
import PrecordiaLink

package enum ConformanceReport {
    /// So many findings of a rule are told in the text; the rest is counted.
    static let told = 5

    /// Writes findings and summary for a person.
    package static func write(_ check: Conformance, name: String, to output: ByteOutput) throws(RuntimeError) {
        var counts: [ConformanceRule: Int] = [:]
        for finding in check.findings {
            counts[finding.rule, default: 0] += 1
            guard counts[finding.rule]! <= told else { continue }
            let place =
                finding.block.map { "byte \(finding.offset), block \($0), \(finding.type)" } ?? "byte \(finding.offset), \(finding.type)"
            let rule = "\(finding.rule.weight.rawValue) \(finding.rule.rawValue)"
            try output.line("\(place): \(rule): \(Text.printable(finding.words)) (SPEC, \"\(finding.section)\")")
        }
        for rule in ConformanceRule.allCases where counts[rule, default: 0] > told {
            try output.line("and \(counts[rule]! - told) more \(rule.rawValue)")
        }
        for line in summary(check, name) { try output.line(line) }
    }

    /// Writes an object for each finding, and one at the end.
    package static func writeJSON(_ check: Conformance, name: String, to output: ByteOutput) throws(RuntimeError) {
        for finding in check.findings {
            var line = JSONLine()
            line.add("event", "finding")
            line.add("weight", finding.rule.weight.rawValue)
            line.add("rule", finding.rule.rawValue)
            line.add("byte", finding.offset)
            line.add("block", raw: finding.block.map(String.init) ?? "null")
            line.add("type", finding.type)
            line.add("words", finding.words)
            line.add("section", finding.section)
            try output.lines(line.line)
        }
        let summary = check.summary
        var line = JSONLine()
        line.add("event", "summary")
        line.add("file", name)
        line.add("conformant", check.isConformant)
        line.add("bytes", summary.bytes)
        line.add("bytesSkipped", summary.bytesSkipped)
        line.add("checksumFailures", raw: String(summary.checksumFailures))
        line.add("packetsBroken", summary.packetsBroken)
        line.add("blocks", summary.blocks)
        line.add("types") { object in
            for type in summary.types.keys.sorted() { object.add(BlockNames.type(type), summary.types[type]!) }
        }
        line.add("sessions", summary.sessions)
        line.add("seconds", summary.seconds, decimals: 3)
        line.add("rateErrorPPM", summary.rateErrorPPM, decimals: 3)
        line.add("counters") { object in
            for index in 5..<LinkCounters.count {
                let counter = summary.counters.counter(index)
                object.add("\(counter.name)", raw: String(counter.value))
            }
        }
        line.add("findings") { object in
            for weight in [ConformanceRule.Weight.fault, .warning, .note] {
                object.add(weight.rawValue, check.findings.count { $0.rule.weight == weight })
            }
        }
        try output.lines(line.line)
        try output.flush()
    }

    private static func summary(_ check: Conformance, _ name: String) -> [String] {
        let summary = check.summary
        let counters = summary.counters
        func number(_ value: UInt64) -> String { Text.grouped(Int(clamping: value)) }
        let types = summary.types.keys.sorted().map { "\(Text.grouped(summary.types[$0]!)) \(BlockNames.type($0))" }.joined(separator: ", ")
        var lines = ["\(Text.printable(name)): \(check.isConformant ? "conformant" : "not conformant")"]
        lines.append("  \(Text.grouped(summary.bytes)) bytes, \(Text.grouped(summary.bytesSkipped)) of them in no block")
        lines.append("  \(Text.grouped(summary.blocks)) blocks: \(types.isEmpty ? "none" : types)")
        lines.append(
            "  \(Text.counted(summary.sessions, "session")), \(number(counters.frames)) samples, \(Text.fixed(summary.seconds, decimals: 3)) s"
        )
        lines.append(
            "  lost: \(number(counters.blocksMissing)) blocks, \(number(counters.framesMissing)) samples, "
                + "\(number(counters.framesUnconfigured)) more without their configuration; the device dropped \(number(counters.deviceSamplesDropped))"
        )
        if let error = summary.rateErrorPPM {
            lines.append("  rate error \(Text.fixed(error, decimals: 1)) parts in a million by the device's own clock")
        }
        let weights = [ConformanceRule.Weight.fault, .warning, .note].map { weight in
            Text.counted(check.findings.count { $0.rule.weight == weight }, weight.rawValue)
        }
        lines.append("  " + weights.joined(separator: ", "))
        return lines
    }
}
