// What any format of recorded exams gives: signals block by block, as counts that lie in memory.
// Apart from WFDB, which was the first to fill it; whoever makes frames of signals asks for no more than this.

/// Where a signal's counts of the current block lie, and what they mean there.
package struct SignalBlock {
    /// The first count; valid until the next block.
    package var first: UnsafePointer<Int32>
    /// Counts from one frame's first to the next frame's.
    package var stride: Int
    /// Samples of the signal in each frame, one after the other.
    package var samplesPerFrame: Int
    /// The count that stands for "no valid sample".
    package var invalid: Int32
    /// The converter's limits, counts; both ``invalid`` where the format does not state them.
    package var lowest: Int32
    package var highest: Int32
    /// The count of 0 V.
    package var baseline: Int32
    /// Microvolts a count; nil where unit or gain cannot be.
    package var microvoltsPerCount: Double?

    package init(
        first: UnsafePointer<Int32>, stride: Int, samplesPerFrame: Int = 1, invalid: Int32 = .min, limits: ClosedRange<Int32>? = nil,
        baseline: Int32 = 0, microvoltsPerCount: Double?
    ) {
        self.first = first
        self.stride = stride
        self.samplesPerFrame = samplesPerFrame
        self.invalid = invalid
        lowest = limits?.lowerBound ?? invalid
        highest = limits?.upperBound ?? invalid
        self.baseline = baseline
        self.microvoltsPerCount = microvoltsPerCount
    }
}

/// The signals of a record from its first block to its last.
///
/// A segment is a stretch of blocks in which every signal's gain, baseline and place stay the same; most records are one.
///
/// - Thread: one at a time. Memory: one block.
package protocol RecordedSignals: AnyObject {
    /// Frames of the current block; 0 before the first and after the last.
    var blockFrames: Int { get }
    /// The number of the block's segment, from 0; -1 before the first block.
    var segmentIndex: Int { get }
    /// What is wrong with the samples read so far without keeping them from being read.
    var warnings: [RecordError] { get }

    /// Moves on to the next block.
    ///
    /// - Returns: false after the last block.
    func nextBlock() throws(RecordError) -> Bool

    /// A signal of the record by its number; nil where the current segment does not have it.
    func block(of signal: Int) -> SignalBlock?
}
