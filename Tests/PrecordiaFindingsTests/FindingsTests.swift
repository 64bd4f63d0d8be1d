// Findings survive the way through text, and no text can end the program that reads them.

import PrecordiaFindings
import Testing

/// Findings with something in every field.
private func everything() -> Findings {
    var findings = Findings()
    findings.patient.name = "Ana <&> \"João\"\u{1B}[31m"
    findings.patient.id = "17"
    findings.patient.age = "74"
    findings.exam.time = "2026-11-30 04:42:10"
    findings.exam.mark = 5.25
    findings.exam.notes = ["odd"]
    findings.alarm = AlarmFinding(words: "no heartbeat", priority: "high", time: nil)
    findings.values = [
        MeasuredValue("PR", "ms", 162, error: 2.5), MeasuredValue("P", "ms", nil, reason: "no P wave"),
    ]
    findings.statements = [
        StatementFinding("sinus rhythm", code: "SR", .network, probability: 0.75),
        StatementFinding("pause", code: "pause", .rule, priority: 4),
    ]
    findings.noAnswer = "too short"
    findings.quality.verdict = .degraded
    findings.quality.faults = ["flat: V3"]
    let median = MedianFinding(
        rate: 500, origin: 2, beats: 9, leads: Array(repeating: [1, -2, 3], count: 11) + [nil], marks: [MarkFinding("J", 41.5)],
        sizes: Array(repeating: LeadSizes([0.125, nil, 1, -0.25, nil, 0.5, 0, 0.0625]), count: 11) + [nil])
    findings.median = median
    var comparison = ComparisonFinding()
    comparison.other = "2025"
    comparison.changes = [.init("QT", "ms", before: 400, now: nil, decimals: 0, isChange: nil)]
    (comparison.new, comparison.gone, comparison.same, comparison.notes) = (["a"], ["b"], ["c"], ["d"])
    comparison.median = median
    findings.comparison = comparison
    findings.sheet.layout = .twelveByOne
    findings.sheet.paper = .letter
    findings.traces = [Trace("I", .recorded, fault: "flat", microvolts: [1, nil, -3]), Trace("II", .absent)]
    findings.traces += Array(repeating: Trace("x", .off), count: 10)
    return findings
}

@Suite("Findings go through text unchanged")
struct FindingsTests {
    @Test("Every field comes back as it was")
    func roundTrip() throws {
        #expect(try Findings(everything().line) == everything())
    }

    @Test("The same findings give the same bytes, on one line")
    func bytes() {
        let line = everything().line
        #expect(line == everything().line)
        #expect(line.filter { $0 == 0x0A }.count == 1)
        #expect(!line.contains(0x1B))
    }

    @Test("A text that is cut anywhere is refused")
    func cuts() {
        let line = everything().line
        for count in 0..<line.count - 1 {
            #expect(throws: FindingsFault.self) { try Findings(Array(line[..<count])) }
        }
    }

    @Test("A changed byte anywhere gives findings or an error, never an end")
    func corruption() {
        let line = everything().line
        var seed: UInt64 = 1
        for place in line.indices {
            var changed = line
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            changed[place] = UInt8(truncatingIfNeeded: seed >> 56)
            _ = try? Findings(changed)
        }
    }

    @Test("Another version, another number of leads and settings that cannot be are told")
    func refusals() {
        func problem(_ from: String, _ to: String) -> String? {
            let text = String(decoding: everything().line, as: UTF8.self).replacing(from, with: to)
            do throws(FindingsFault) {
                _ = try Findings(Array(text.utf8))
                return nil
            } catch { return "\(error)" }
        }
        #expect(
            problem("\"findings\":1", "\"findings\":2")
                == "not the findings of this version; precordia and precordia-sheet must be of one version")
        #expect(problem("\"paper\":\"letter\"", "\"paper\":\"a0\"") == "paper is none; a4, letter would be right")
        #expect(problem("\"rate\":500,", "\"rate\":0,") == "rate is none; 1 to 100000 would be right")
        #expect(problem("\"dots\":150", "\"dots\":1e9") == "dots is none; 20 to 1200 would be right")
        #expect(
            problem("{\"name\":\"II\",\"state\":\"absent\",\"fault\":\"\",\"microvolts\":[]},", "") == "11 leads; twelve would be right")
    }
}
