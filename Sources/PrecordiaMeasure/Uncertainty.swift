// How far a value would lie with other beats of the same patient: from medians of parts of the beats.
// Apart from the values, because it costs as much again for each part and not every reader wants it.

import PrecordiaSignal

/// Standard errors of the values of a ``Measurement``, in their units: the beats are dealt out to two to four medians, each is measured by itself, and this is
/// the standard deviation of their values over the square root of their number. Nil where a value is not known, in fewer than two of the parts, or
/// not asked for. It tells noise and change from beat to beat; that an edge is marked too early in every beat it does not see.
public struct MeasureUncertainty: Sendable {
    public var p: Float?
    public var pr: Float?
    public var qrs: Float?
    public var qt: Float?
    public var pAxis: Float?
    public var qrsAxis: Float?
    public var tAxis: Float?
    /// The levels at J and 60 ms after it, by lead, millivolts.
    public var j = InlineArray<12, Float?>(repeating: nil)
    public var j60 = InlineArray<12, Float?>(repeating: nil)

    @_noAllocation @_noLocks
    public init() {}
}

/// Values of parts, less the first one of each, so that small differences of large values keep their digits.
struct Spread {
    private var first: Float = 0
    private var sum: Float = 0
    private var squares: Float = 0
    private var count: Float = 0

    @_noAllocation @_noLocks init() {}

    /// Takes a part's value. Of an angle, `turn` is a whole turn.
    @_noAllocation @_noLocks
    mutating func add(_ value: Float?, turn: Float? = nil) {
        guard let value else { return }
        if count == 0 { first = value }
        var off = value - first
        if let turn {
            if off > turn / 2 { off -= turn }
            if off < -turn / 2 { off += turn }
        }
        sum += off
        squares += off * off
        count += 1
    }

    /// The standard error of the mean of the parts.
    var error: Float? {
        @_noAllocation @_noLocks get {
            guard count > 1 else { return nil }
            let variance = most(0, (squares - sum * sum / count) / (count - 1))
            return Float(Arithmetic.squareRoot(Double(variance / count)))
        }
    }
}

/// The spreads of all values.
struct Spreads {
    private var p = Spread()
    private var pr = Spread()
    private var qrs = Spread()
    private var qt = Spread()
    private var pAxis = Spread()
    private var qrsAxis = Spread()
    private var tAxis = Spread()
    private var j = InlineArray<12, Spread>(repeating: Spread())
    private var j60 = InlineArray<12, Spread>(repeating: Spread())

    @_noAllocation @_noLocks init() {}

    @_noAllocation @_noLocks
    mutating func add(_ part: Measurement) {
        p.add(part.p)
        pr.add(part.pr)
        qrs.add(part.qrs)
        qt.add(part.qt)
        pAxis.add(part.pAxis, turn: 360)
        qrsAxis.add(part.qrsAxis, turn: 360)
        tAxis.add(part.tAxis, turn: 360)
        for lead in 0..<12 {
            j[lead].add(part.lead[lead].j)
            j60[lead].add(part.lead[lead].j60)
        }
    }

    /// The errors of the values that are known.
    @_noAllocation @_noLocks
    func errors(of whole: Measurement) -> MeasureUncertainty {
        var errors = MeasureUncertainty()
        if whole.p != nil { errors.p = p.error }
        if whole.pr != nil { errors.pr = pr.error }
        if whole.qrs != nil { errors.qrs = qrs.error }
        if whole.qt != nil { errors.qt = qt.error }
        if whole.pAxis != nil { errors.pAxis = pAxis.error }
        if whole.qrsAxis != nil { errors.qrsAxis = qrsAxis.error }
        if whole.tAxis != nil { errors.tAxis = tAxis.error }
        for lead in 0..<12 where whole.lead[lead].j != nil {
            errors.j[lead] = j[lead].error
            errors.j60[lead] = j60[lead].error
        }
        return errors
    }
}
