// How far a row of curves reaches above and below its line, millimetre by millimetre, so that rows can stand close without touching.

/// The reach of a row: by millimetre of the grid's width.
struct Skyline: Equatable {
    private(set) var up: [Double]
    private(set) var down: [Double]

    /// A row of `width` millimetres with nothing in it.
    init(width: Double) {
        up = Array(repeating: 0, count: max(1, Int(width.rounded(.up))))
        down = up
    }

    private func cells(_ from: Double, _ to: Double) -> Range<Int> {
        let first = max(0, min(up.count, Int(max(0, min(from, 1e6)))))
        return first..<max(first, min(up.count, Int(max(0, min(to, 1e6))) + 1))
    }

    /// Adds a line from `from` to `to`, `low` to `high` above the row's line.
    mutating func add(from: Double, to: Double, low: Double, high: Double) {
        for cell in cells(from, to) {
            up[cell] = max(up[cell], high)
            down[cell] = max(down[cell], -low)
        }
    }

    /// Adds a curve that begins at `left`, each part with the cells between its ends.
    mutating func add(_ curve: TraceCurve, left: Double) {
        for run in curve.runs {
            var before = run[0]
            for point in run {
                add(from: left + before.x, to: left + point.x, low: min(before.y, point.y), high: max(before.y, point.y))
                before = point
            }
        }
    }

    /// The highest reach between two places.
    func height(from: Double, to: Double) -> Double { up[cells(from, to)].max() ?? 0 }

    var highest: Double { up.max() ?? 0 }
    var lowest: Double { down.max() ?? 0 }

    /// How far below this row's line another's must lie so that nothing touches: what meets within a millimetre to both sides counts.
    func distance(to below: Skyline) -> Double {
        var most = 0.0
        for cell in down.indices {
            for other in max(0, cell - 1)...min(up.count - 1, cell + 1) { most = max(most, down[cell] + below.up[other]) }
        }
        return most
    }
}
