// What the kernels cost on this machine, printed and never asserted. Runs only with PRECORDIA_SPEED set, and says something only in release:
// `PRECORDIA_SPEED=1 swift test -c release --filter SpeedReport`.

import Foundation
import PrecordiaNetwork
import Testing

/// Microseconds of the median of `count` runs.
private func median(_ count: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let times = (0..<count).map { _ in clock.measure(body) }.sorted()
    return Double(times[count / 2].components.attoseconds) * 1e-12 + Double(times[count / 2].components.seconds) * 1e6
}

@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["PRECORDIA_SPEED"] != nil, "set PRECORDIA_SPEED to time the kernels"))
struct SpeedReport {
    @Test("The shipped shape, by kernel: one second's hop, one column, a whole window, and the head")
    func shipped() throws {
        let recipe = Recipe.shipped(1), file = recipe.encoded(), stream = randomStream(1000, 2)
        let work = recipe.layers.filter { !$0.pools }.reduce(0) {
            $0 + $1.weights.count * 1000 / recipe.tensors[$1.input].samplesPerColumn / $1.stride
        }
        print("multiply-accumulates of a 10 s window:", Double(work) / 1e6, "million; median microseconds")
        for kernel in runnable {
            let name = String(cString: kernel.name)
            let hop = try Running(file, maximumHop: 100, kernel: kernel), whole = try Running(file, maximumHop: 1000, kernel: kernel)
            let column = try Running(file, maximumHop: 20, kernel: kernel)
            let hopTime = median(301) {
                for sample in stream.prefix(100) { hop.network.push(sample) }
                hop.network.advance()
            }
            let columnTime = median(301) {
                for sample in stream.prefix(20) { column.network.push(sample) }
                column.network.advance()
            }
            let windowTime = median(31) {
                for sample in stream { whole.network.push(sample) }
                whole.network.advance()
            }
            let headTime = median(301) { hop.network.classify() }
            let rate = Double(work) / windowTime / 1e3
            print("\(name): hop \(hopTime), column \(columnTime), window \(windowTime) (\(rate) GMAC/s), classify \(headTime)")
        }
        let loading = median(9) {
            let memory = Aligned(file)
            _ = try? ModelView(memory.bytes)
        }
        print("loading \(file.count) bytes:", loading)
    }
}
