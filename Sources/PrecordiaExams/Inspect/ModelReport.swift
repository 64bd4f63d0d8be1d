// A model file in words: what it hears, computes and says.
// For the person who must decide whether this is the model that they meant.

import PrecordiaHost
import PrecordiaNetwork
package import PrecordiaSession
import PrecordiaSignal

/// Describes a model.
package enum ModelReport {
    /// The report, a line an entry.
    package static func lines(_ model: LoadedModel) -> [String] {
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
        let column = Text.fixed(Double(view.hopUnit) / rate, decimals: view.isWholeWindow ? 4 : 2)
        var lines = ["Input"]
        let leads = view.leads == .all ? "12 leads" : EventWords.leads(view.leads.rawValue).joined(separator: " ")
        lines.append("  \(leads) at \(view.rate) Hz, \(Text.fixed(view.inputStep, decimals: 3)) microvolts a step, 8 bit")
        lines.append("  window \(window) s, hop up to \(hop) s in steps of \(column) s")
        if view.isWholeWindow { lines.append("  not streaming: each answer computes its whole window") }
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
            var text =
                switch layer.kind {
                case .convolution: "convolution"
                case .depthwise: "depthwise convolution"
                case .maximumPool: "maximum pool"
                }
            text += " \(from.channels) to \(to.channels) channels, kernel \(layer.kernel), stride \(layer.stride)"
            if layer.rectifies { text += ", rectifier" }
            if let residual = layer.residual { text += ", plus tensor \(residual)" }
            lines.append("  \(index + 1): \(text)")
            guard layer.kind != .maximumPool else { continue }
            let weights = (layer.kind == .depthwise ? 1 : from.channels) * layer.kernel * to.channels
            parameters += weights + 2 * to.channels
            perWindow += weights * (view.window / to.samplesPerColumn)
            perHop += weights * (view.hop / to.samplesPerColumn)
        }
        let head = (view.isFlattened ? view.windowColumns : 2) * view.featureChannels * view.labelCount
        parameters += head + (view.isFlattened ? 2 : 3) * view.labelCount
        let what = view.isFlattened ? "all" : "mean and maximum"
        lines.append("  head: \(what) of \(view.featureChannels) channels over \(view.windowColumns) columns to \(view.labelCount) labels")
        lines.append("  \(Text.grouped(parameters)) parameters")
        let costs = "  \(Text.grouped(perWindow + head)) multiply-accumulates a window"
        lines.append(view.isWholeWindow ? costs : costs + " at once, \(Text.grouped(perHop + head)) a hop of a stream")
        return lines
    }

    private static func labels(_ vocabulary: Vocabulary, _ view: ModelView) -> [String] {
        let alerting = vocabulary.statements.filter { $0.priority > 0 }.count
        var lines = [
            "Statements: \(vocabulary.statements.count), \(alerting) of them raise alerts",
            "  an alert rises when its statement reaches its alarm threshold in \(view.alertPersistenceHops) of \(view.alertPersistenceSpan) hops,"
                + " clears below \(Text.fixed(Double(view.alertHysteresis), decimals: 2)) of it, and then waits \(view.alertHoldOff) hops",
        ]
        for statement in vocabulary.statements {
            let from = Text.fixed(statement.alarmThreshold, decimals: 3)
            let priority = statement.priority == 0 ? "no alert" : "\(from) \(Vocabulary.priorityName(statement.priority)) alert"
            lines.append(
                "  \(padded(statement.code, 8)) \(padded(Text.fixed(statement.threshold, decimals: 3), 6)) \(padded(priority, 23)) "
                    + "\(statement.words) (\(statement.group))")
        }
        for set in vocabulary.sets.dropFirst() {
            lines.append("Labels of set \(set.name): \(set.labels.count)")
            lines += vocabulary.labels[set.labels].map {
                "  \(padded($0.code, 8)) \(padded(Text.fixed($0.threshold, decimals: 3), 6)) \($0.words) (\($0.group))"
            }
        }
        return lines
    }

    private static func classes(_ vocabulary: Vocabulary) -> [String] {
        guard !vocabulary.classes.isEmpty else { return ["Classes: none"] }
        let covered = vocabulary.classes.filter { !$0.sources.isEmpty }
        let missing = vocabulary.classes.filter { $0.sources.isEmpty }
        var lines = ["Classes: \(vocabulary.classes.count), \(covered.count) covered, \(missing.count) not"]
        for entry in covered {
            let sources = entry.sources.map { vocabulary.labels[$0].code }.joined(separator: " ")
            let evidence = entry.evidence == 1 ? "human labels" : "weak machine labels"
            lines.append("  \(padded(entry.code, 10)) \(entry.words) (\(entry.status)): from \(sources), \(evidence)")
        }
        if !missing.isEmpty { lines.append("  not covered:") }
        for entry in missing { lines.append("  \(padded(entry.code, 10)) \(entry.words)") }
        return lines
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
