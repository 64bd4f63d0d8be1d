// What a beat is, as far as its place in time and its shape tell.

/// The kind of a beat. A guess that arrhythmia counts and alerts rest on; no diagnosis.
public enum BeatKind: UInt8, Sendable {
    /// Like the patient's usual beats, or not different enough.
    case usual = 0
    /// Like a premature ventricular beat: of another shape than the usual ones, and wide or early.
    case ventricular = 1
    /// Follows a pacing pulse.
    case paced = 2
}

/// A beat that was found and judged.
public struct Beat: Sendable {
    /// The samples since the start at which it lies: the middle of its depolarisation.
    public var position: Int64 = 0
    public var kind = BeatKind.usual
    /// Samples since the beat before; 0 if there was none, or signal was lost between.
    public var interval: Int32 = 0
    /// Milliseconds that the depolarisation lasts, in steps of 4 to 10; 0 if not known.
    public var width: Float = 0
    /// Correlation with the usual beats, -1 to 1; not a number before there is a usual shape.
    public var likeness: Float = .nan

    @_noAllocation @_noLocks
    public init() {}
}
