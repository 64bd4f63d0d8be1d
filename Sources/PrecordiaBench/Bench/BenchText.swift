// A measurement as tables for a person, at most 110 columns wide.
// The JSON of the same measurement has every figure.

package import PrecordiaHost
import PrecordiaSession

/// Writes a measurement as text.
package struct BenchText {
    private let result: BenchResult
    private let style: Style

    package init(_ result: BenchResult, style: Style = .plain) {
        self.result = result
        self.style = style
    }

    /// All lines.
    package var lines: [String] {
        heading + peaks + result.models.flatMap { [""] + model($0) } + [""] + engine
    }

    private var heading: [String] {
        [
            style.paint(
                "Precordia \(ProgramVersion.text) on \(Text.printable(result.processor)), \(Text.counted(result.cores, "core"))", .strong),
            "medians over \(Text.counted(result.rounds, "interleaved round")), one thread",
        ]
    }

    private var peaks: [String] {
        let known = result.peaks.compactMap { peak in
            peak.perNanosecond.map { "\(peak.kernel) \(Text.fixed($0, decimals: 1))" }
        }
        return known.isEmpty
            ? [] : ["the instruction sets' own peak, 8-bit multiply-accumulates a nanosecond: " + known.joined(separator: ", ")]
    }

    private func model(_ model: BenchResult.ModelCost) -> [String] {
        let size = Text.fixed(Double(model.multiplications) / 1e6, decimals: 1)
        let seconds = Text.fixed(Double(model.window) / Double(model.rate), decimals: 2)
        var lines = [
            style.paint("Model \(Text.printable(model.identity.name)), \(Text.printable(model.origin))", .strong),
            "  \(size) million multiply-accumulates a window of \(seconds) s; file \(Text.grouped(model.fileBytes)) bytes, network"
                + " \(Text.grouped(model.networkBytes)), engine " + (model.engineBytes.map { Text.grouped($0) } ?? "-"),
            "  file read and checked in \(Self.time(model.opening)), network made in \(Self.time(model.making))"
                + (model.makingEngine.map { ", engine in \(Self.time($0))" } ?? ""),
        ]
        let hops = model.kernels.first?.hops.map { "hop " + Text.fixed(Double($0.samples) / Double(model.rate), decimals: 2) + " s" } ?? []
        lines.append("  " + style.paint(Self.row(["microseconds", "whole window", "of peak", "to portable"] + hops), .faint))
        let portable = model.kernels.first { $0.kernel == "portable" }?.window
        for kernel in model.kernels {
            let share = result.share(model.multiplications, microseconds: kernel.window, kernel: kernel.kernel)
            let ratio = portable.map { Text.fixed($0 / kernel.window, decimals: 1) + " x" } ?? "-"
            lines.append(
                "  "
                    + Self.row(
                        [kernel.kernel, Self.number(kernel.window), Self.percent(share), ratio]
                            + kernel.hops.map { Self.number($0.microseconds) }))
        }
        guard let best = model.kernels.last else { return lines }
        lines.append(
            "  "
                + style.paint(
                    "layers of a whole window by \(best.kernel): microseconds, million multiply-accumulates, share of peak", .faint))
        for (index, layer) in best.layers.enumerated() {
            let share = result.share(layer.multiplications, microseconds: layer.microseconds, kernel: best.kernel)
            let cells = [
                Self.padded(Self.number(layer.microseconds), 10),
                Self.padded(Text.fixed(Double(layer.multiplications) / 1e6, decimals: 2), 9),
                Self.padded(Self.percent(share), 7),
            ]
            lines.append("  \(Self.padded("\(index + 1)", 3)) \(cells.joined(separator: " "))  \(layer.name)")
        }
        return lines
    }

    private var engine: [String] {
        var lines = [
            "filters, 12 leads x 4 second-order sections, 10 samples: \(Self.number(result.filterChunk)) microseconds",
            "measuring, 12 leads at 500 Hz: \(Self.number(result.measuring.exam)) microseconds a stored exam of 10 s, "
                + "\(Self.number(result.measuring.second)) a second of stream",
            style.paint("engine, nanoseconds a frame: \(Self.padded("no answer", 10)) \(Self.padded("mean with answers", 18))", .faint),
        ]
        for frame in result.frames {
            let name = Self.padded("\(frame.rate) Hz, \(frame.leads) leads", 27)
            lines.append(
                "\(name) \(Self.padded(Text.fixed(frame.frame, decimals: 0), 10)) \(Self.padded(Text.fixed(frame.mean, decimals: 0), 18))")
        }
        lines.append("peak memory of this measurement: \(Text.grouped(result.peakMemory / 1024)) KiB")
        return lines
    }

    private static func row(_ cells: [String]) -> String { cells.map { padded($0, 13) }.joined() }

    /// Microseconds with as many decimals as say something.
    static func number(_ value: Double) -> String { Text.fixed(value, decimals: value < 1 ? 3 : value < 100 ? 2 : value < 10_000 ? 1 : 0) }

    private static func time(_ microseconds: Double) -> String {
        microseconds.isFinite ? Text.duration(nanoseconds: Int64(microseconds * 1e3)) : "-"
    }

    private static func percent(_ share: Double?) -> String { share.map { Text.fixed($0 * 100, decimals: 1) + " %" } ?? "-" }

    private static func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
}
