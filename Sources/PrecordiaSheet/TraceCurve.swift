// A stretch of a lead as a curve on paper: millimetres from its first moment and above its own zero.
// Apart from where it stands on the page, which is decided when all curves are known.

import PrecordiaFindings

/// The curve of one lead over one stretch, in runs without a hole.
struct TraceCurve: Equatable {
    /// Runs of points; x from the stretch's beginning, y upwards.
    private(set) var runs: [[Point]] = []
    /// Where samples are missing, from and to in millimetres.
    private(set) var holes: [(from: Double, to: Double)] = []
    /// Millimetres of the whole stretch.
    let width: Double

    /// Values a millimetre from which on only the extremes of each tenth of a millimetre are drawn.
    private static let dense = 40.0

    /// - Parameters:
    ///   - samples: microvolts; nil where they are missing.
    ///   - zero: the microvolts that lie on the line.
    ///   - step: millimetres from one sample to the next.
    ///   - scale: millimetres a millivolt.
    init(_ samples: ArraySlice<Int32?>, zero: Double, step: Double, scale: Double) {
        width = Double(samples.count) * step
        var run: [Point] = []
        var holeStart: Double?
        for (index, sample) in samples.enumerated() {
            let x = Double(index) * step
            guard let sample else {
                if !run.isEmpty { runs.append(run) }
                run = []
                holeStart = holeStart ?? x
                continue
            }
            if let start = holeStart { holes.append((start, x)) }
            holeStart = nil
            run.append(Point(x, (Double(sample) - zero) / 1000 * scale))
        }
        if !run.isEmpty { runs.append(run) }
        if let start = holeStart { holes.append((start, width)) }
        if 1 / step > Self.dense { runs = runs.map(Self.thinned) }
    }

    static func == (left: TraceCurve, right: TraceCurve) -> Bool { left.runs == right.runs && left.width == right.width }

    /// The middle of all samples that are there, microvolts; of an odd half the lower one.
    static func zero(_ samples: ArraySlice<Int32?>) -> Double {
        let sorted = samples.compactMap { $0 }.sorted()
        return sorted.isEmpty ? 0 : Double(sorted[(sorted.count - 1) / 2])
    }

    /// First, lowest, highest and last of each tenth of a millimetre: nothing that a pen could show is lost.
    private static func thinned(_ run: [Point]) -> [Point] {
        var kept: [Point] = []
        var start = 0
        while start < run.count {
            let cell = (run[start].x * 10).rounded(.down)
            var end = start
            while end < run.count, (run[end].x * 10).rounded(.down) == cell { end += 1 }
            let lowest = (start..<end).min { run[$0].y < run[$1].y }!
            let highest = (start..<end).max { run[$0].y < run[$1].y }!
            for index in Set([start, lowest, highest, end - 1]).sorted() { kept.append(run[index]) }
            start = end
        }
        return kept
    }
}
