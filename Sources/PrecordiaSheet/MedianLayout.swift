// The median beat's twelve curves in three rows of four, at one scale at which all fit.

import PrecordiaFindings

/// Where the median beats stand.
struct MedianLayout {
    /// A lead's beat: millimetres from the grid's left edge to the beat's place.
    struct Beat {
        var lead: Int
        var row: Int
        var middle: Double
        var curve: TraceCurve
        /// The same lead of the earlier exam; nil where there is none.
        var earlier: TraceCurve?
    }

    private(set) var beats: [Beat] = []
    private(set) var lines: [Double] = []
    private(set) var gain = 20.0
    let grid: Area

    /// Millimetres a second, and the milliseconds about the beat's place that are drawn.
    static let speed = 50.0
    static let before = 320.0
    static let after = 640.0
    static let columns = 4
    static let rows = 3

    init(_ median: MedianFinding, earlier: MedianFinding?, grid: Area) {
        self.grid = grid
        while true {
            beats = Self.beats(median, earlier, gain, grid)
            let skylines = (0..<Self.rows).map(skyline)
            let needed = stack(skylines, 0)
            if needed <= grid.height || gain < 0.02 {
                _ = stack(skylines, max(0, grid.height - needed))
                return
            }
            gain /= 2
        }
    }

    private static func beats(_ median: MedianFinding, _ earlier: MedianFinding?, _ gain: Double, _ grid: Area) -> [Beat] {
        let wide = grid.width / Double(columns)
        return (0..<12).compactMap { lead in
            guard let values = median.leads[lead] else { return nil }
            let left = wide * Double(lead / rows) + 8
            return Beat(
                lead: lead, row: lead % rows, middle: left + before / 1000 * speed, curve: curve(values, median, gain),
                earlier: earlier.flatMap { other in other.leads[lead].map { curve($0, other, gain) } })
        }
    }

    /// From ``before`` to ``after``; its points' x begins at ``before``.
    private static func curve(_ values: [Int32], _ median: MedianFinding, _ gain: Double) -> TraceCurve {
        let first = median.origin - Int(before / 1000 * median.rate)
        let last = median.origin + Int(after / 1000 * median.rate)
        let samples: [Int32?] =
            first < last && last - first < 100_000 ? (first..<last).map { values.indices.contains($0) ? values[$0] : nil } : []
        return TraceCurve(samples[...], zero: 0, step: speed / median.rate, scale: gain)
    }

    private func skyline(_ row: Int) -> Skyline {
        var skyline = Skyline(width: grid.width)
        for beat in beats where beat.row == row {
            let left = beat.middle - Self.before / 1000 * Self.speed
            skyline.add(beat.curve, left: left)
            if let earlier = beat.earlier { skyline.add(earlier, left: left) }
            skyline.add(from: left - 7, to: left - 1, low: 0, high: 4)
        }
        return skyline
    }

    private mutating func stack(_ skylines: [Skyline], _ spare: Double) -> Double {
        var y = (skylines[0].highest + 2 + spare / 6).rounded(.down)
        lines = [y]
        for row in 1..<Self.rows {
            y += max(8, skylines[row - 1].distance(to: skylines[row]) + 2) + spare / 3
            lines.append(y)
        }
        // Below the lines of the marks stands the scale.
        return y + max(skylines[Self.rows - 1].lowest + 2, 9)
    }
}
