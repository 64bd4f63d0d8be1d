// Why a statement was made: which leads it hangs on, found by leaving each one out and asking the classifier again.
// In the recorder's process, where a few more answers cost nobody anything.

import PrecordiaEngine
import PrecordiaHost
package import PrecordiaSession
package import PrecordiaSignal

/// Asks a model about the seconds before an alert, whole and with one lead missing at a time (occlusion; M. Zeiler and R. Fergus, 2014).
///
/// The classifier was trained with missing leads, so that its answer without one means something. The answer over these seconds alone differs a
/// little from the stream's, whose filters had run longer; what counts is the fall.
///
/// - Memory: one engine. Thread: one. Cost: 13 exams of 10 s, some 20 to 50 ms.
package final class LeadEvidence {
    private let model: LoadedModel
    private var host: EngineHost?

    package init(model: LoadedModel) { self.model = model }

    /// By how much the probability of a statement falls without each lead, the largest fall first; those without which it does not fall are left out.
    ///
    /// - Parameter condition: a statement's code; empty for any other condition.
    package func falls(of condition: String, frames: [Frame], format: StreamFormat) -> [(lead: Lead, fall: Double)] {
        guard let label = model.vocabulary.statements.firstIndex(where: { $0.code == condition }), !frames.isEmpty else { return [] }
        guard let whole = probability(label, frames, without: .empty, format) else { return [] }
        let falls = Lead.allCases.filter { format.leads.subtracting(format.derived).contains($0) }.map { lead in
            (lead: lead, fall: whole - (probability(label, frames, without: LeadSet(lead), format) ?? whole))
        }
        return falls.filter { $0.fall >= 0.0001 }.sorted { $0.fall > $1.fall }
    }

    private func probability(_ label: Int, _ frames: [Frame], without leads: LeadSet, _ format: StreamFormat) -> Double? {
        do throws(RuntimeError) {
            if let host {
                try host.prepare(for: format, named: "snippet")
            } else {
                var options = EngineOptions()
                options.verdictOnly = true
                host = try EngineHost(model: model, stream: format, options: options, name: "snippet")
            }
        } catch { return nil }
        guard let host else { return nil }
        for frame in frames {
            var frame = frame
            frame.index -= frames[0].index
            frame.missing.formUnion(leads)
            host.engine.push(frame)
            while host.engine.poll() != nil {}
        }
        while host.engine.drain() { while host.engine.poll() != nil {} }
        while host.engine.poll() != nil {}
        host.engine.classify()
        return Double(host.engine.probability(label))
    }
}
