// Lines of text below each other, no wider than they may be.

/// A column of text on a page.
struct Column {
    let ink: Ink
    let x: Double
    let width: Double
    /// The line on which the next letters stand.
    var y: Double
    /// Lines below this are not written; what is left out is counted.
    let bottom: Double
    private(set) var leftOut = 0

    init(_ ink: Ink, x: Double, y: Double, width: Double, bottom: Double) {
        self.ink = ink
        self.x = x
        self.y = y
        self.width = width
        self.bottom = bottom
    }

    /// Writes a text over as many lines as it takes, at most `most`; what is more ends with "…".
    mutating func add(
        _ text: String, size: Double = 2.7, leading: Double = 1.4, bold: Bool = false, _ colour: Colour = .black, most: Int = 3
    ) {
        guard !text.isEmpty else { return }
        for line in Self.wrapped(text, most: most, { ink.width(of: $0, size: size, bold: bold) <= width }) {
            guard let y = next(size * leading) else { continue }
            ink.text(line, x: x, y: y, size: size, bold: bold, colour)
        }
    }

    /// Writes a text at the left and one at the right of the same line; the left one takes a second line where both do not fit.
    mutating func add(
        left: String, right: String, size: Double = 2.7, leading: Double = 1.42, bold: Bool = false, _ colour: Colour = .black,
        side: Colour = .grey
    ) {
        let room = width - ink.width(of: right, size: size) - 2
        let lines = Self.wrapped(left, most: 2) { ink.width(of: $0, size: size, bold: bold) <= room }
        for (index, line) in lines.enumerated() {
            guard let y = next(size * leading) else { return }
            ink.text(line, x: x, y: y, size: size, bold: bold, colour)
            if index == 0 { ink.text(right, x: x + width, y: y, size: size, side, .right) }
        }
    }

    /// The next line; nil where there is no more room.
    private mutating func next(_ step: Double) -> Double? {
        guard y + step <= bottom else {
            leftOut += 1
            return nil
        }
        y += step
        return y
    }

    /// Words in lines that fit, words that are longer than a line in pieces. Beyond `most` lines the last ends with "…".
    static func wrapped(_ text: String, most: Int, _ fits: (String) -> Bool) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            let longer = line.isEmpty ? String(word) : line + " " + word
            if fits(longer) {
                line = longer
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = String(word)
            while !fits(line), line.count > 1 {
                let piece = piece(line, fits)
                lines.append(piece)
                line = String(line.dropFirst(piece.count))
            }
        }
        if !line.isEmpty { lines.append(line) }
        guard lines.count > most, most > 0 else { return lines }
        var last = lines[most - 1]
        while !last.isEmpty, !fits(last + "…") { last.removeLast() }
        return Array(lines[..<(most - 1)]) + [last + "…"]
    }

    /// The longest beginning that fits, at least one character.
    private static func piece(_ text: String, _ fits: (String) -> Bool) -> String {
        var low = 1, high = text.count
        while low < high {
            let middle = (low + high + 1) / 2
            if fits(String(text.prefix(middle))) { low = middle } else { high = middle - 1 }
        }
        return String(text.prefix(low))
    }
}
