// One lead as a strip that runs across a terminal, in braille dots or plain characters.
// Each dot column keeps the lowest and highest value of its time, so that a QRS of a few samples is never skipped.

/// The last seconds of one lead.
///
/// - Memory: one pair of numbers a dot column, made at init. Cost: a comparison a sample.
package struct SignalStrip {
    /// A column's lowest and highest value, microvolts; no value where the lead was missing.
    package struct Span: Equatable, Sendable {
        package var low: Double
        package var high: Double
        package var isMissing: Bool { low > high }
        static let missing = Span(low: 1, high: 0)
    }

    private let samplesPerColumn: Double
    private var spans: [Span]
    private var next = 0
    private var current = Span.missing
    private var columnsDone = 0
    private var samples = 0

    /// A strip of `columns` dot columns, each 1 / `columnsPerSecond` long.
    package init(columns: Int, rate: Int, columnsPerSecond: Int) {
        spans = Array(repeating: .missing, count: max(1, columns))
        samplesPerColumn = Double(rate) / Double(columnsPerSecond)
    }

    /// Adds a sample, microvolts; nil when the lead is missing.
    package mutating func add(_ microvolts: Double?) {
        if let value = microvolts, value.isFinite {
            current = current.isMissing ? Span(low: value, high: value) : Span(low: min(current.low, value), high: max(current.high, value))
        }
        samples += 1
        guard Double(samples) >= Double(columnsDone + 1) * samplesPerColumn else { return }
        columnsDone += 1
        spans[next] = current
        next = (next + 1) % spans.count
        current = .missing
    }

    /// The newest `count` spans, oldest first, fewer if the strip is shorter.
    package func newest(_ count: Int) -> [Span] {
        let wanted = min(count, spans.count)
        return (0..<wanted).map { spans[(next + spans.count - wanted + $0) % spans.count] }
    }

    /// The range that holds every value of the spans, in steps, so that the scale stays while the signal does: the first of
    /// 2, 3, 5, 8 and 12 millivolts; around 0 where that fits.
    package static func range(of spans: [Span]) -> ClosedRange<Double> {
        let heard = spans.filter { !$0.isMissing }
        guard let low = heard.map(\.low).min(), let high = heard.map(\.high).max() else { return -1000...1000 }
        let height = [2000.0, 3000, 5000, 8000, 12000].first { high - low <= $0 * 0.9 } ?? (high - low)
        if low >= -0.35 * height && high <= 0.65 * height { return (-0.35 * height)...(0.65 * height) }
        let middle = (low + high) / 2
        return (middle - height / 2)...(middle + height / 2)
    }

    /// The strip in braille, two dots by four to a character, newest at the right.
    package static func braille(_ spans: [Span], columns: Int, rows: Int) -> [String] {
        let dots = bits(spans, dotColumns: columns * 2, dotRows: rows * 4)
        let mask: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
        return (0..<rows).map { row in
            var line = String.UnicodeScalarView()
            for column in 0..<columns {
                var code: UInt32 = 0x2800
                for y in 0..<4 {
                    for x in 0..<2 where dots[(row * 4 + y) * columns * 2 + column * 2 + x] { code |= mask[y][x] }
                }
                line.append(Unicode.Scalar(code)!)
            }
            return String(line)
        }
    }

    /// The strip in ASCII, one dot by two to a character.
    package static func ascii(_ spans: [Span], columns: Int, rows: Int) -> [String] {
        let dots = bits(spans, dotColumns: columns, dotRows: rows * 2)
        return (0..<rows).map { row in
            String(
                (0..<columns).map { column in
                    switch (dots[row * 2 * columns + column], dots[(row * 2 + 1) * columns + column]) {
                    case (true, true): "|"
                    case (true, false): "'"
                    case (false, true): "."
                    case (false, false): " "
                    }
                })
        }
    }

    /// Which dots are set, row by row from the top. A column's span is joined to its neighbour's, so that the line has no holes.
    private static func bits(_ spans: [Span], dotColumns: Int, dotRows: Int) -> [Bool] {
        var dots = [Bool](repeating: false, count: dotColumns * dotRows)
        let shown = spans.suffix(dotColumns)
        let range = range(of: Array(shown))
        func row(_ value: Double) -> Int {
            let share = (range.upperBound - value) / (range.upperBound - range.lowerBound)
            return min(dotRows - 1, max(0, Int(share * Double(dotRows))))
        }
        var previous: Span?
        for (offset, span) in shown.enumerated() {
            let column = dotColumns - shown.count + offset
            defer { previous = span.isMissing ? nil : span }
            guard !span.isMissing else { continue }
            let top = row(max(span.high, min(previous?.low ?? span.high, span.high + 1e6)))
            let bottom = row(min(span.low, max(previous?.high ?? span.low, span.low - 1e6)))
            for y in min(top, bottom)...max(top, bottom) { dots[y * dotColumns + column] = true }
        }
        return dots
    }
}
