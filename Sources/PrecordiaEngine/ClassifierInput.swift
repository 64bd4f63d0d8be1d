// The classifier's own signal path: from the device's microvolts to the network's input column.
// Training runs these very steps (tools/train, preprocess), which is why they stand alone.

import PrecordiaNetwork
import PrecordiaSignal

/// Resamples, filters and quantises twelve leads for the network.
///
/// - Rate: one ``push(_:)`` a frame; columns come at the model's rate. Memory: the caller's, for the resampler.
struct ClassifierInput: ~Copyable {
    /// The last column that ``pop()`` made: a byte a lead of the model, in ``Lead`` order.
    let column: UnsafeMutablePointer<UInt8>
    /// Frames taken and columns given since the start.
    private(set) var framesIn: Int64 = 0
    private(set) var columnsOut: Int64 = 0

    let lookAhead: Int
    private let samples: UnsafeMutablePointer<Double>
    private let inputRate: Int
    private let outputRate: Int
    private let leads: LeadSet
    private let unitsPerMicrovolt: Double
    private let zeroPoint: Double
    private var resampler: Resampler
    private var filters: FilterCascade

    static func requiredBytes(_ model: ModelView, inputRate: Int) -> Int {
        scratchBytes + Resampler.requiredBytes(inputRate: inputRate, outputRate: model.rate)
    }

    /// Twelve samples and twelve bytes of column, rounded up.
    private static var scratchBytes: Int { 128 }

    init(_ model: ModelView, inputRate: Int, memory: UnsafeMutableRawBufferPointer, kernel: SignalKernel = .best) {
        self.inputRate = inputRate
        outputRate = model.rate
        leads = model.leads
        unitsPerMicrovolt = 1 / model.inputStep
        zeroPoint = Double(model.inputZeroPoint)
        let base = memory.baseAddress!
        samples = base.bindMemory(to: Double.self, capacity: 12)
        column = (base + 96).bindMemory(to: UInt8.self, capacity: 12)
        resampler = Resampler(
            inputRate: inputRate, outputRate: model.rate,
            memory: UnsafeMutableRawBufferPointer(rebasing: memory[Self.scratchBytes...]), kernel: kernel)
        filters = FilterCascade(kernel: kernel)
        lookAhead = resampler.lookAhead
        for index in 0..<model.filterSectionCount { _ = filters.append(model.filterSection(index)) }
    }

    /// Frames from the end of a window to the frame with which its last column comes.
    var answerDelay: Int { lookAhead == 0 ? 0 : lookAhead + 1 - (inputRate + outputRate - 1) / outputRate }

    /// Columns that the frames taken so far give once the look-ahead is in.
    var columnsDue: Int64 {
        @_noAllocation @_noLocks get { framesIn == 0 ? 0 : (framesIn &- 1) &* Int64(outputRate) / Int64(inputRate) &+ 1 }
    }

    /// Takes one frame's microvolts.
    @_noAllocation @_noLocks
    mutating func push(_ microvolts: UnsafePointer<Double>) {
        framesIn &+= 1
        resampler.push(microvolts)
    }

    /// Repeats the last frame behind the end, to bring out what the look-ahead holds back.
    @_noAllocation @_noLocks
    mutating func pushBeyondEnd(_ microvolts: UnsafePointer<Double>) { resampler.push(microvolts) }

    /// Makes the next column, if it is due and there is signal enough for it.
    @_noAllocation @_noLocks
    mutating func pop() -> Bool {
        guard resampler.isReady, columnsOut < columnsDue, resampler.pop(into: samples) else { return false }
        filters.process(samples)
        columnsOut &+= 1
        var channel = 0
        for lead in 0..<12 where leads.contains(index: lead) {
            column[channel] = quantised(samples[lead])
            channel &+= 1
        }
        return true
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        framesIn = 0
        columnsOut = 0
        resampler.reset()
        filters.reset()
    }

    /// Not a number counts as the lowest value.
    private func quantised(_ microvolts: Double) -> UInt8 {
        let units = Arithmetic.roundedToEven(microvolts * unitsPerMicrovolt)
        let bounded = units > -128 ? (units < 127 ? units : 127) : -128
        return UInt8(truncatingIfNeeded: Int(bounded + zeroPoint))
    }
}
