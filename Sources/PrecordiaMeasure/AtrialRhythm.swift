// The atria's own rhythm: P waves that keep time whatever the ventricles do. Apart from AtrialWaves, which looks for the beats' own P wave between them:
// in a block no P wave belongs to the beats.

import CPrecordiaKernels
import PrecordiaSignal

/// Looks for a wave that comes again and again at 40 to 200 a minute, by the slopes of II, V1 and I.
///
/// QRS complexes are left out and what the beats' median says of T is taken away. The distance at which the rest is most like itself is the atria's interval; the likeliest
/// of its larger waves is followed from interval to interval, up to 18 % early or late. Of f waves and flutter nothing is found: they are like themselves at shorter distances too.
/// - Cost: half a million multiplications; look for it only where the values do not explain the rhythm.
struct AtrialRhythm {
    /// A P wave: the step of its middle, and whether it was seen or hides in a QRS complex where it is expected.
    struct Wave {
        var step: Int64 = 0
        var isSeen = false

        @_noAllocation @_noLocks init() {}
    }

    private(set) var waves = InlineArray<40, Wave>(repeating: Wave())
    private(set) var count = 0
    /// Steps from one P wave to the next.
    private(set) var interval: Float = 0

    /// A lead's slopes, in columns of some 10 ms.
    private let lines: UnsafeMutablePointer<Float>
    private let template: UnsafeMutablePointer<Float>
    private let columns: Int
    private var leads = 0
    private let stride: Int
    private let first: Int64
    private let width: Int

    /// Milliseconds of the window that a wave is compared in, and the shortest and longest interval.
    private static var window: Float { 130 }
    private static var shortest: Float { 300 }
    private static var longest: Float { 1500 }
    private static var most: Int { 3 }

    /// - Parameters:
    ///   - qrs: where the complex begins and ends, steps relative to the place; `tEnd` the end of T.
    ///   - memory: at least `capacity` values; nothing is found where they do not suffice.
    @_noAllocation @_noLocks
    init(
        group: Int, of groups: BeatGroups, median: MedianBeat, steps: MeasureSteps, qrs: (from: Int, to: Int), tEnd: Int,
        scales: InlineArray<12, Float>, kernel: OpaquePointer, memory: UnsafeMutablePointer<Float>, capacity: Int
    ) {
        stride = max(1, Int(0.0125 * steps.rate))
        let span = Int(10 * steps.rate)
        first = steps.count - Int64(span) > steps.oldest ? steps.count - Int64(span) : steps.oldest
        columns = (Int(steps.count - first) &- steps.steps(24)) / stride
        width = Int(Self.window * steps.rate / 1000) / stride
        let (low, high) = (Self.columns(Self.shortest, steps) / 2, Self.columns(Self.longest, steps))
        let shifts = (high &- low &+ 7) / 8 &* 8
        lines = memory
        template = memory + Self.most &* columns
        let products = template + Self.most &* width
        var chosen = 0
        if columns > 2 &* high, Self.most &* (columns &+ width) &+ 2 &* shifts &+ Int(PRECORDIA_MEASURING_BEHIND) <= capacity {
            for choice in 0..<12 where chosen < Self.most {
                let lead = Self.lead(choice)
                guard scales[lead] > 0 else { continue }
                fill(lead, lines + chosen &* columns, 1 / scales[lead], steps)
                silence(lead, lines + chosen &* columns, group, groups, median, steps, qrs, tEnd, 1 / scales[lead])
                chosen &+= 1
            }
        }
        leads = chosen
        guard chosen > 0, let period = period(low, high, shifts, products, kernel) else { return }
        follow(period)
    }

    private static func columns(_ milliseconds: Float, _ steps: MeasureSteps) -> Int {
        Int(milliseconds * steps.rate / 1000) / max(1, Int(0.0125 * steps.rate))
    }

    /// II, V1 and I, then the others.
    private static func lead(_ choice: Int) -> Int {
        switch choice {
        case 0: 1
        case 1: 6
        case 2: 0
        case 3: 5
        case 4: 2
        case 5: 3
        case 6: 4
        default: choice
        }
    }

    /// What a lead changes within some 24 ms, column by column.
    private func fill(_ lead: Int, _ line: UnsafeMutablePointer<Float>, _ part: Float, _ steps: MeasureSteps) {
        let later = steps.steps(24)
        let ring = steps.values + lead &* steps.capacity
        for column in 0..<columns {
            let at = first + Int64(column &* stride)
            line[column] = (ring[steps.place(at + Int64(later))] - ring[steps.place(at)]) * part
        }
    }

    /// Takes QRS complexes away, and of the T waves what the median has of them; of beats of other groups both.
    private func silence(
        _ lead: Int, _ line: UnsafeMutablePointer<Float>, _ group: Int, _ groups: BeatGroups, _ median: MedianBeat, _ steps: MeasureSteps,
        _ qrs: (from: Int, to: Int), _ tEnd: Int, _ part: Float
    ) {
        let later = steps.steps(24)
        let beat = median.values + lead &* median.span
        for index in 0..<groups.count {
            let place = groups.beats[index].aligned
            let isOwn = Int(groups.beats[index].group) == group
            let end = place + Int64(tEnd)
            var column = Int(place + Int64(qrs.from &- later) - first) / stride
            while column < columns {
                defer { column &+= 1 }
                let at = first + Int64(column &* stride)
                guard column >= 0 else { continue }
                guard at < end else { break }
                let inside = Int(at - place) &+ median.origin
                if !isOwn || at < place + Int64(qrs.to) || inside &+ later >= median.span {
                    line[column] = 0
                } else {
                    line[column] -= (beat[inside &+ later] - beat[inside]) * part
                }
            }
        }
    }

    /// The columns from wave to wave: where the lines are most like themselves; nil where they are not, or are so sooner too.
    private func period(_ low: Int, _ high: Int, _ shifts: Int, _ products: UnsafeMutablePointer<Float>, _ kernel: OpaquePointer) -> Int? {
        let squares = products + shifts
        for shift in 0..<(2 &* shifts) { products[shift] = 0 }
        var own: Float = 0
        let length = columns &- low &- shifts &- 8
        for lead in 0..<leads {
            let line = lines + lead &* columns
            precordia_correlate(kernel, line + low, line, length, shifts, products, squares)
            for column in 0..<length { own += line[column] * line[column] }
        }
        guard own > 0 else { return nil }
        for shift in 0..<shifts where squares[shift] > 0 {
            products[shift] /= Float(Arithmetic.squareRoot(Double(squares[shift]) * Double(own)))
        }
        var best = -1
        for shift in low..<(high &- low &- 1) {
            let isTop = products[shift] >= products[shift &- 1] && products[shift] >= products[shift &+ 1]
            guard isTop, products[shift] > 0.12 else { continue }
            // A later peak must be much higher: each multiple of an interval is like it.
            if best < 0 || products[shift] > 1.3 * products[best] { best = shift }
        }
        guard best >= 0 else { return nil }
        // Flutter and f waves are like themselves sooner.
        for shift in 0..<max(0, 6 &* (best &+ low) / 10 &- low) where products[shift] > 0.6 * products[best] { return nil }
        return best &+ low
    }

    /// Follows each of the larger waves of the first intervals, and keeps the row that is seen best.
    private mutating func follow(_ period: Int) {
        var bestScore: Float = 0
        var best = -1
        var column = 0
        let end = min(columns &- width, 3 &* period / 2)
        while column < end {
            defer { column &+= 1 }
            guard isTop(column) else { continue }
            take(column)
            let score = walk(from: column, period)
            if score > bestScore { (bestScore, best) = (score, column) }
            column &+= width / 2
        }
        guard best >= 0 else { return }
        take(best)
        _ = walk(from: best, period)
        average()
        let score = walk(from: best, period)
        guard count >= 5, score > 0.6 * Float(seen), 3 &* seen >= 2 &* expected else {
            count = 0
            return
        }
        let way = Float(waves[count &- 1].step - waves[0].step)
        interval = way / Float(count &- 1)
    }

    /// Waves that were seen, and those that could have been.
    private var seen: Int {
        var number = 0
        for index in 0..<count where waves[index].isSeen { number &+= 1 }
        return number
    }
    private var expected: Int {
        var number = 0
        for index in 0..<count where waves[index].isSeen || !isSilent(Int(waves[index].step - first) / stride &- width / 2) { number &+= 1 }
        return number
    }

    private mutating func take(_ column: Int) {
        for lead in 0..<leads {
            for place in 0..<width { template[lead &* width &+ place] = lines[lead &* columns &+ column &+ place] }
        }
    }

    /// Makes the mean of the waves that were seen the template.
    private mutating func average() {
        for place in 0..<(leads &* width) { template[place] = 0 }
        for index in 0..<count where waves[index].isSeen {
            let column = Int(waves[index].step - first) / stride &- width / 2
            guard column >= 0, column &+ width <= columns else { continue }
            for lead in 0..<leads {
                for place in 0..<width { template[lead &* width &+ place] += lines[lead &* columns &+ column &+ place] }
            }
        }
    }

    private func energy(_ column: Int) -> Float {
        var sum: Float = 0
        for lead in 0..<leads {
            let line = lines + (lead &* columns &+ column)
            for place in 0..<width { sum += line[place] * line[place] }
        }
        return sum
    }

    /// Whether no window half a width away has more in it.
    private func isTop(_ column: Int) -> Bool {
        let own = energy(column)
        guard own > 0 else { return false }
        for at in max(0, column &- width / 2)...min(columns &- width, column &+ width / 2) where energy(at) > own { return false }
        return true
    }

    /// Whether a third of a window lies in a QRS complex.
    private func isSilent(_ column: Int) -> Bool {
        guard column >= 0, column &+ width <= columns else { return true }
        var silent = 0
        for place in 0..<width where lines[column &+ place] == 0 { silent &+= 1 }
        return 3 &* silent > width
    }

    /// How like the template a window is; 0 where it is less than a quarter as large.
    private func likeness(_ column: Int) -> Float {
        var product: Float = 0
        var square: Float = 0
        var own: Float = 0
        for lead in 0..<leads {
            let line = lines + (lead &* columns &+ column)
            let shape = template + lead &* width
            for place in 0..<width {
                product += line[place] * shape[place]
                square += line[place] * line[place]
                own += shape[place] * shape[place]
            }
        }
        guard product > 0, square > 0 else { return 0 }
        return product / Float(Arithmetic.squareRoot(Double(square) * Double(own)))
    }

    /// Goes back to the first wave and from there to the last; gives the sum of likenesses less what is missing.
    private mutating func walk(from start: Int, _ period: Int) -> Float {
        var score: Float = 0
        var before = start
        // To the first one.
        while true {
            let found = nearest(before &- period, period)
            guard found.column >= 0 else { break }
            before = found.column
        }
        var at = before
        count = 0
        var isSeen = likeness(at) >= 0.6
        while at &+ width <= columns, count < waves.count {
            if isSeen { score += likeness(at) } else if !isSilent(at) { score -= 0.6 }
            waves[count].step = first + Int64((at &+ width / 2) &* stride)
            waves[count].isSeen = isSeen
            count &+= 1
            let found = nearest(at &+ period, period)
            guard found.column >= 0 else { break }
            at = found.column
            isSeen = found.isSeen
        }
        return score
    }

    /// The likeliest window within 18 % of an interval about a column; the column itself where none is like the template; -1 beyond the ends.
    private func nearest(_ column: Int, _ period: Int) -> (column: Int, isSeen: Bool) {
        guard column >= 0, column &+ width <= columns else { return (-1, false) }
        let reach = 18 &* period / 100
        var best: Float = 0.6
        var place = column
        var isSeen = false
        for at in max(0, column &- reach)...min(columns &- width, column &+ reach) {
            let value = likeness(at)
            if value > best { (best, place, isSeen) = (value, at, true) }
        }
        return (place, isSeen)
    }
}
