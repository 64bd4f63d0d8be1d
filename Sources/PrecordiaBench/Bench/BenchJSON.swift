// A measurement as one JSON object: every figure, for tools/bench and whoever compares boards.
// The text shows what a person asks for first.

import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

/// Writes a measurement as JSON.
package struct BenchJSON {
    private let result: BenchResult

    package init(_ result: BenchResult) { self.result = result }

    /// One object and a line feed.
    package var line: [UInt8] {
        var json = JSONLine()
        json.add("program", ProgramVersion.text)
        json.add("processor", result.processor)
        json.add("cores", result.cores)
        json.add("bestKernel", result.bestKernel)
        json.add("rounds", result.rounds)
        json.add("peaks", result.peaks) { peak, item in
            peak.add("kernel", item.kernel)
            peak.add("multiplicationsPerNanosecond", item.perNanosecond, decimals: 3)
        }
        json.add("models", result.models, model)
        json.add("filterChunkMicroseconds", result.filterChunk, decimals: 4)
        json.add("measuring") { measuring in
            measuring.add("examMicroseconds", result.measuring.exam, decimals: 2)
            measuring.add("callMicroseconds", result.measuring.call, decimals: 2)
            measuring.add("secondMicroseconds", result.measuring.second, decimals: 2)
        }
        json.add("frames", result.frames) { frame, item in
            frame.add("rate", item.rate)
            frame.add("leads", item.leads)
            frame.add("frameNanoseconds", item.frame, decimals: 1)
            frame.add("meanNanoseconds", item.mean, decimals: 1)
        }
        json.add("peakMemoryBytes", result.peakMemory)
        return json.line
    }

    private func model(_ json: inout JSONLine, _ model: BenchResult.ModelCost) {
        json.add("origin", model.origin)
        json.add("name", model.identity.name)
        json.add("version", model.identity.version)
        json.add("hash", model.identity.hash)
        json.add("fileBytes", model.fileBytes)
        json.add("rate", model.rate)
        json.add("window", model.window)
        json.add("hopUnit", model.hopUnit)
        json.add("wholeWindow", model.isWholeWindow)
        json.add("multiplications", model.multiplications)
        json.add("networkBytes", model.networkBytes)
        json.add("engineBytes", model.engineBytes.map(Double.init), decimals: 0)
        json.add("openingMicroseconds", model.opening, decimals: 1)
        json.add("networkMicroseconds", model.making, decimals: 1)
        json.add("engineMicroseconds", model.makingEngine, decimals: 1)
        json.add("kernels", model.kernels) { kernel, item in
            kernel.add("kernel", item.kernel)
            kernel.add("windowMicroseconds", item.window, decimals: 3)
            kernel.add("share", result.share(model.multiplications, microseconds: item.window, kernel: item.kernel), decimals: 4)
            kernel.add("hops", item.hops) { hop, item in
                hop.add("samples", item.samples)
                hop.add("seconds", Double(item.samples) / Double(model.rate), decimals: 3)
                hop.add("microseconds", item.microseconds, decimals: 3)
            }
            kernel.add("layers", item.layers) { layer, cost in
                layer.add("name", cost.name)
                layer.add("multiplications", cost.multiplications)
                layer.add("microseconds", cost.microseconds, decimals: 3)
                layer.add("share", result.share(cost.multiplications, microseconds: cost.microseconds, kernel: item.kernel), decimals: 4)
            }
        }
    }
}
