// Findings that tests draw: of the simulator, with values that stay what they are whatever the engine learns.

import PrecordiaFindings
import PrecordiaSignal
import PrecordiaSimulator

/// Ten seconds of a simulated patient as a sheet gets them.
func simulated(
    _ rhythm: Rhythm = .normalSinus, seconds: Double = 10, rate: Int = 500, times: Double = 1, form: SheetSettings.Form = .png
) -> Findings {
    var findings = Findings()
    findings.patient.name = "Simulated"
    findings.patient.id = "0000"
    findings.exam.time = "2026-11-30 04:42:10"
    findings.exam.rate = rate
    findings.exam.program = "Precordia, test"
    findings.values = [
        MeasuredValue("Heart rate", "/min", 72), MeasuredValue("PR", "ms", 162, error: 2),
        MeasuredValue("P", "ms", nil, reason: "no P wave"),
    ]
    findings.statements = [StatementFinding("sinus rhythm", code: "SR", .network, probability: 0.97)]
    findings.quality.verdict = .good
    var columns = [[Int32?]](repeating: [], count: 12)
    var simulator = Simulator(rate: rate, seed: 1, rhythm: rhythm, noise: .resting)
    var frame = Frame(index: 0)
    for _ in 0..<Int(seconds * Double(rate)) {
        simulator.next(into: &frame)
        for lead in 0..<12 { columns[lead].append(Int32((Double(frame.counts[lead]) * times).rounded())) }
    }
    findings.traces = Lead.allCases.map { Trace("\($0)", .recorded, microvolts: columns[Int($0.rawValue)]) }
    findings.sheet.form = form
    findings.sheet.dots = 30
    return findings
}

extension Findings {
    /// With a median made of a second of the leads themselves: what it looks like does not matter here.
    func withMedian() -> Findings {
        var findings = self
        findings.median = MedianFinding(
            rate: Double(exam.rate), origin: 200, beats: 12,
            leads: traces.map { trace in trace.microvolts.isEmpty ? nil : trace.microvolts.prefix(600).map { $0 ?? 0 } },
            marks: [MarkFinding("QRS onset", -40), MarkFinding("J", 50), MarkFinding("T end", 360)],
            sizes: traces.map { $0.microvolts.isEmpty ? nil : LeadSizes([0.1, nil, 1, -0.2, nil, 0.3, 0.01, 0.02]) })
        return findings
    }
}
