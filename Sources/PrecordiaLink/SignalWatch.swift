// Whether what a device sends is new signal, taken at the rate that it says: by the samples themselves, the device's clock and the host's.
// Apart from the decoder, which has no clock and believes every index.

import PrecordiaSignal

/// Judges each data block of a device before its frames reach an engine.
///
/// Indices, sequences and session numbers are what a device says of itself. What counts is signal heard: a device that repeats its last block, or begins anew
/// every second, has indices enough and no patient. So the samples are compared with those before, the device's ticks with its index, and both with the host's
/// clock, and time that was not heard comes out as frames that the engine is to be told as missing.
///
/// - Call ``observe(_:at:)`` at each ``LinkMessage/pace`` and ``LinkMessage/frame``; only the first of a block does anything. ``begin()`` at each
///   ``LinkMessage/stream``, ``end()`` when the stream has come to the end that the device announced.
/// - Memory: some 400 bytes. Thread: one at a time. Cost: some nanoseconds a byte of a block. The same observations give the same answers.
package struct SignalWatch {
    /// What a block is.
    package enum Verdict: UInt8, Sendable {
        /// New signal: its frames are the engine's.
        case heard = 0
        /// The samples that came just before, once more.
        case same = 1
        /// Samples at another rate than the device says.
        case mistimed = 2
    }

    /// What the engine is to be told before a block's frames, besides what their index tells.
    package enum Hole: Equatable, Sendable {
        case none
        /// So many frames never came.
        case frames(UInt64)
        /// Time may have passed, and nobody knows how much.
        case unknown
    }

    /// What was found since init, in frames but for the last two.
    package struct Counters: Equatable, Sendable {
        /// New frames at the right rate.
        package var heard: UInt64 = 0
        /// Frames that were the ones before once more, and frames that came at a wrong rate.
        package var same: UInt64 = 0
        package var mistimed: UInt64 = 0
        /// Frames that the device's clock says are missing and its index does not: conversions missed inside the board.
        package var skipped: UInt64 = 0
        /// Frames that would have filled the time in which nothing new was heard and which no index tells, by the host's clock.
        package var silent: UInt64 = 0
        /// Times that a stream was cut off by another session or configuration, and times that the rate was found wrong.
        package var cuts: UInt64 = 0
        package var ratesWrong: UInt64 = 0

        @_noAllocation @_noLocks
        package init() {}
    }

    package private(set) var counters = Counters()
    /// The verdict of the block that was observed last.
    package private(set) var verdict = Verdict.heard
    /// The hole before it.
    package private(set) var hole = Hole.none
    /// Whether the device counts anew from this block on: what follows the hole is its first frame, whatever index that has.
    package private(set) var isRebased = false
    /// Whether the samples contradict the rate that the device says; and the rate at which they come, hertz.
    package var isRateWrong: Bool { @_noAllocation @_noLocks get { pace.isWrong } }
    package var measuredRate: Double { @_noAllocation @_noLocks get { pace.measured } }
    /// Whether the source keeps time: without it the host's clock is asked neither for the rate nor for how long a hole was.
    package var keepsTime = true

    var pace = SamplePace()
    private var prints = SamplePrints()
    private var session: UInt32 = 0
    private var sequence: UInt32 = 0
    private var hasBlock = false
    /// Whether a stream goes on, and whether it was cut off since the last block that was heard.
    private var hasStream = false
    private var isCut = false
    /// When the last block that was heard had come; nil without a clock.
    private var heardAt: Int64?
    /// Nanoseconds of time that passed at a wrong rate and were not told yet.
    private var owed: Int64 = 0
    private var blockAt: Int64?
    /// Seconds by which the first block after a silence came later than its index says, where the device has no clock, and since when.
    private var suspect = 0.0
    private var suspectAt: Int64 = 0
    private var suspectFrames: UInt64 = 0

    @_noAllocation @_noLocks
    package init() {}

    /// A stream has begun, or was cut off by another session or configuration. After ``end()`` it is the first of another.
    @_noAllocation @_noLocks
    package mutating func begin() {
        if hasStream, !isCut {
            isCut = true
            counters.cuts &+= 1
        }
        // A device that begins anew under the same session may give its first block the number of its last.
        hasBlock = false
        pace.restart()
        suspect = 0
    }

    /// The stream has come to its end: what follows is another one.
    @_noAllocation @_noLocks
    package mutating func end() {
        hasStream = false
        isCut = false
        heardAt = nil
        owed = 0
        suspect = 0
    }

    /// Observes the data block that the decoder has open.
    ///
    /// - Parameter monotonic: when its bytes were there, nanoseconds of any clock that does not go back; nil where nobody knows.
    /// - Returns: whether it is another block than the last time; ``verdict``, ``hole`` and ``isRebased`` are its own then.
    @_noAllocation @_noLocks
    @discardableResult
    package mutating func observe(_ decoder: borrowing LinkDecoder, at monotonic: Int64?) -> Bool {
        guard let block = decoder.block, let configuration = decoder.configuration else { return false }
        let header = decoder.header
        if hasBlock, header.session == session, header.sequence == sequence { return false }
        hole = .none
        isRebased = false
        hasBlock = true
        session = header.session
        sequence = header.sequence
        let frames = UInt64(truncatingIfNeeded: block.count)
        let rate = configuration.rate
        let passed = monotonic.flatMap { now in blockAt.map { now &- $0 } } ?? nominal(frames, rate)
        blockAt = monotonic
        let isSame = DataBlock(decoder.payload, configuration).map { prints.isRepeat($0, configuration) } ?? false
        let skipped = pace.observe(
            header, first: block.first, count: block.count, rate: rate, at: keepsTime ? monotonic : nil, isNew: !isSame)
        if pace.isNewlyWrong { counters.ratesWrong &+= 1 }
        if isSame {
            verdict = .same
            counters.same &+= frames
        } else if pace.isWrong {
            verdict = .mistimed
            counters.mistimed &+= frames
            tellMistimed(passed, rate)
        } else {
            counters.heard &+= frames
            findHole(frames, rate, skipped, at: monotonic)
            verdict = .heard
            hasStream = true
            isCut = false
            heardAt = monotonic
        }
        return true
    }

    /// Nanoseconds since new signal came; nil before the first, or without a clock.
    @_noAllocation @_noLocks
    package func silence(at now: Int64) -> Int64? { heardAt.map { now &- $0 } }

    private func nominal(_ frames: UInt64, _ rate: Int) -> Int64 {
        Int64(truncatingIfNeeded: frames) &* 1_000_000_000 / Int64(rate > 0 ? rate : 1)
    }

    /// Frames that fill so many nanoseconds, rounded down.
    private func frames(_ nanoseconds: Int64, _ rate: Int) -> UInt64 {
        let bounded = nanoseconds > 0 ? (nanoseconds < 1 &<< 53 ? nanoseconds : 1 &<< 53) : 0
        return UInt64(Double(bounded) * 1e-9 * Double(rate))
    }

    /// A second of time at a wrong rate is a second in which nothing was heard.
    private mutating func tellMistimed(_ passed: Int64, _ rate: Int) {
        guard hasStream else { return }
        owed = owed &+ (passed > 0 ? passed : 0)
        isCut = true
        guard owed >= 1_000_000_000 else { return }
        let missing = frames(owed, rate)
        owed = 0
        heardAt = blockAt
        hole = .frames(missing)
    }

    /// What the engine must be told before a block that is heard.
    private mutating func findHole(_ frames: UInt64, _ rate: Int, _ skipped: UInt64, at monotonic: Int64?) {
        owed = 0
        guard hasStream else { return }
        if isCut {
            isRebased = true
            suspect = 0
            guard keepsTime, let monotonic, let heardAt else {
                hole = .unknown
                return
            }
            let missing = self.frames(monotonic &- heardAt &- nominal(frames, rate), rate)
            // Less than a tenth of a second is as good as none, and a restart is a hole all the same.
            hole = missing > UInt64(truncatingIfNeeded: rate / 10) ? .frames(missing) : .unknown
            if case .frames(let missing) = hole { counters.silent &+= missing }
            return
        }
        if skipped > 0 {
            hole = .frames(skipped)
            counters.skipped &+= skipped
            return
        }
        findLateHole(frames, rate, at: monotonic)
    }

    /// A device without a clock, silent for 2 s, whose index goes on as if nothing had been: what does not come later after all is missing.
    private mutating func findLateHole(_ frames: UInt64, _ rate: Int, at monotonic: Int64?) {
        guard keepsTime, let monotonic, let heardAt, !pace.hasTicks else { return }
        let late = Double(monotonic &- heardAt) * 1e-9 - Double(pace.advance) / Double(rate)
        if late > 2 {
            suspect = late
            suspectAt = monotonic
            suspectFrames = 0
        } else if suspect > 0 {
            suspectFrames &+= pace.advance
            let since = Double(monotonic &- suspectAt) * 1e-9
            let caught = Double(suspectFrames) / Double(rate) - since
            guard since >= 2 || caught > suspect * 0.5 else { return }
            if caught < suspect * 0.5 {
                let missing = UInt64((suspect - (caught > 0 ? caught : 0)) * Double(rate))
                hole = .frames(missing)
                counters.silent &+= missing
            }
            suspect = 0
        }
    }
}
