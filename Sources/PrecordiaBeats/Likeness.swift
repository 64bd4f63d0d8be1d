// How like two complexes are, lead by lead: what is compared of the shapes of beats and of the beats of a run.

import PrecordiaSignal

/// Sums over the leads of two complexes, from which their correlation is.
struct Likeness {
    private var both: Float = 0
    private var own: Float = 0
    private var its: Float = 0

    @_noAllocation @_noLocks init() {}

    /// Adds `count` values of a lead of both. Four sums side by side, which a processor can add at once; their order is the same on all.
    @_noAllocation @_noLocks
    mutating func add(_ line: UnsafePointer<Float>, _ other: UnsafePointer<Float>, count: Int) {
        var both0: Float = 0, both1: Float = 0, both2: Float = 0, both3: Float = 0
        var own0: Float = 0, own1: Float = 0, own2: Float = 0, own3: Float = 0
        var its0: Float = 0, its1: Float = 0, its2: Float = 0, its3: Float = 0
        var place = 0
        while place &+ 4 <= count {
            let a = line + place, b = other + place
            both0 += a[0] * b[0]
            both1 += a[1] * b[1]
            both2 += a[2] * b[2]
            both3 += a[3] * b[3]
            own0 += a[0] * a[0]
            own1 += a[1] * a[1]
            own2 += a[2] * a[2]
            own3 += a[3] * a[3]
            its0 += b[0] * b[0]
            its1 += b[1] * b[1]
            its2 += b[2] * b[2]
            its3 += b[3] * b[3]
            place &+= 4
        }
        while place < count {
            both0 += line[place] * other[place]
            own0 += line[place] * line[place]
            its0 += other[place] * other[place]
            place &+= 1
        }
        both += (both0 + both1) + (both2 + both3)
        own += (own0 + own1) + (own2 + own3)
        its += (its0 + its1) + (its2 + its3)
    }

    /// Whether there is anything in both.
    var isKnown: Bool { @_noAllocation @_noLocks get { own > 0 && its > 0 } }
    /// Their correlation, -1 to 1, and how large the first is beside the other; where ``isKnown``.
    var correlation: Float { @_noAllocation @_noLocks get { both / Float(Arithmetic.squareRoot(Double(own) * Double(its))) } }
    var amplitude: Float { @_noAllocation @_noLocks get { both / its } }
}
