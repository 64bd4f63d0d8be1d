// A model file in words: what it hears, computes and says.
// For the person who must decide whether this is the model that they meant.

import PrecordiaNetwork
import PrecordiaSignal

/// Describes a model.
public enum ModelReport {
    /// The report, a line an entry.
    public static func lines(_ model: LoadedModel) -> [String] {
        let view = model.view
        return identity(model) + input(view) + layers(view) + labels(model.vocabulary, view) + classes(model.vocabulary)
    }

    private static func identity(_ model: LoadedModel) -> [String] {
        [
            "Model \(Text.printable(model.identity.name)), version \(model.identity.version), from \(model.origin)",
            "  \(Text.grouped(model.byteCount)) bytes, SHA-256 \(model.identity.hash) (verified)",
        ]
    }

    private static func input(_ view: ModelView) -> [String] {
        let rate = Double(view.rate)
        let window = Text.fixed(Double(view.window) / rate, decimals: 1)
        let hop = Text.fixed(Double(view.hop) / rate, decimals: 1)
        let column = Text.fixed(Double(view.samplesPerColumn) / rate, decimals: 2)
        var lines = ["Input"]
        lines.append("  12 leads at \(view.rate) Hz, \(Text.fixed(view.inputStep, decimals: 3)) microvolts a step, 8 bit")
        lines.append("  window \(window) s, hop up to \(hop) s in steps of \(column) s")
        for index in 0..<view.filterSectionCount {
            let s = view.filterSection(index)
            lines.append("  filter section \(index + 1): b \(s.b0) \(s.b1) \(s.b2)   a 1 \(s.a1) \(s.a2)")
        }
        return lines
    }

    private static func layers(_ view: ModelView) -> [String] {
        var lines = ["Layers"]
        var parameters = 0
        var perWindow = 0
        var perHop = 0
        for index in 0..<view.layerCount {
            let layer = view.layer(index)
            let from = view.tensor(layer.input)
            let to = view.tensor(index + 1)
            var text = layer.kind == .convolution ? "convolution" : "maximum pool"
            text += " \(from.channels) to \(to.channels) channels, kernel \(layer.kernel), stride \(layer.stride)"
            if layer.rectifies { text += ", rectifier" }
            if let residual = layer.residual { text += ", plus tensor \(residual)" }
            lines.append("  \(index + 1): \(text)")
            guard layer.kind == .convolution else { continue }
            let weights = from.channels * layer.kernel * to.channels
            parameters += weights + 2 * to.channels
            perWindow += weights * (view.window / to.samplesPerColumn)
            perHop += weights * (view.hop / to.samplesPerColumn)
        }
        let head = 2 * view.featureChannels * view.labelCount
        parameters += head + 3 * view.labelCount
        lines.append(
            "  head: mean and maximum of \(view.featureChannels) channels over \(view.windowColumns) columns to \(view.labelCount) labels")
        lines.append("  \(Text.grouped(parameters)) parameters")
        lines.append(
            "  \(Text.grouped(perWindow + head)) multiply-accumulates a window at once, \(Text.grouped(perHop + head)) a hop of a stream")
        return lines
    }

    private static func labels(_ vocabulary: Vocabulary, _ view: ModelView) -> [String] {
        let alerting = vocabulary.statements.filter { $0.priority > 0 }.count
        var lines = [
            "Statements: \(vocabulary.statements.count), \(alerting) of them raise alerts",
            "  an alert rises when its statement reaches its threshold in \(view.alertPersistenceHops) of \(view.alertPersistenceSpan) hops,"
                + " clears below \(Text.fixed(Double(view.alertHysteresis), decimals: 2)) of it, and then waits \(view.alertHoldOff) hops",
        ]
        for statement in vocabulary.statements {
            let priority = statement.priority == 0 ? "no alert" : "alert " + Vocabulary.priorityName(statement.priority)
            lines.append(
                "  \(padded(statement.code, 8)) \(padded(Text.fixed(statement.threshold, decimals: 3), 6)) \(padded(priority, 18)) "
                    + "\(statement.words) (\(statement.group))")
        }
        return lines
    }

    private static func classes(_ vocabulary: Vocabulary) -> [String] {
        guard !vocabulary.classes.isEmpty else { return ["Classes: none"] }
        let covered = vocabulary.classes.filter { !$0.sources.isEmpty }
        let missing = vocabulary.classes.filter { $0.sources.isEmpty }
        var lines = ["Classes: \(vocabulary.classes.count), \(covered.count) covered by the statements, \(missing.count) not"]
        for entry in covered {
            let sources = entry.sources.map { vocabulary.statements[$0].code }.joined(separator: " ")
            lines.append("  \(padded(entry.code, 10)) \(entry.words) (\(entry.status)): from \(sources)")
        }
        if !missing.isEmpty { lines.append("  not covered:") }
        for entry in missing { lines.append("  \(padded(entry.code, 10)) \(entry.words)") }
        return lines
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
