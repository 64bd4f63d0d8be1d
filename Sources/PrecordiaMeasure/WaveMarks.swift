// Where the waves of a beat begin, peak and end.

/// The marks of a beat in one lead or of all together, in milliseconds from the beat's place; nil for what is not known.
public struct WaveMarks: Sendable, Equatable {
    /// The beginning, peak and end of the P wave. The peak is the largest deflection between both; nil in the marks of all leads together.
    public var pOnset: Float?
    public var pPeak: Float?
    public var pEnd: Float?
    /// The beginning of the QRS complex, its largest deflection, and its end, which is the J point.
    public var qrsOnset: Float?
    public var rPeak: Float?
    public var qrsEnd: Float?
    /// The T wave's beginning, largest deflection and end. Where it begins is the least certain of all edges, because ST passes into it.
    public var tOnset: Float?
    public var tPeak: Float?
    public var tEnd: Float?

    @_noAllocation @_noLocks
    public init() {}
}

/// Why a value is not known.
public enum MeasureGap: UInt8, Sendable {
    /// It is known.
    case none = 0
    /// No beat of the last 10 s was whole and clear enough.
    case noBeats = 1
    /// No P wave belongs to the beats.
    case noP = 2
    /// The beats are too unlike each other, or differ too much from their median.
    case noise = 3
    /// The next beat comes before the wave has ended.
    case tooFast = 4
    /// A pacemaker's beats: whether a P wave belongs to them is not looked for.
    case paced = 5
    /// Whether there is one, or where it ends, cannot be told.
    case unclear = 6

    /// Its name in lines and tables; empty where the value is known.
    public var name: StaticString {
        @_noAllocation @_noLocks get {
            switch self {
            case .none: ""
            case .noBeats: "no-beats"
            case .noP: "no-p"
            case .noise: "noise"
            case .tooFast: "too-fast"
            case .paced: "paced"
            case .unclear: "unclear"
            }
        }
    }
}
