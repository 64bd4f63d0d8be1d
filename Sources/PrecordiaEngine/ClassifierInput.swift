// The classifier's own signal path: from the device's microvolts to the network's input column.
// Training runs these very steps (tools/train, preprocess), which is why they stand alone.

import PrecordiaNetwork
import PrecordiaSignal

/// Resamples, filters and quantises twelve leads for the network.
///
/// - Rate: one ``push(_:)`` a frame; columns come at the model's rate. Memory: the caller's, for the resampler.
struct ClassifierInput: ~Copyable {
    /// The last column that ``pop(into:)`` gave.
    private(set) var column = InlineArray<12, UInt8>(repeating: 0)
    /// Frames taken and columns given since the start.
    private(set) var framesIn = 0
    private(set) var columnsOut = 0

    let lookAhead: Int
    private let inputRate: Int
    private let outputRate: Int
    private let unitsPerMicrovolt: Double
    private let zeroPoint: Double
    private var resampler: Resampler
    private var filters = FilterCascade()

    static func requiredBytes(_ model: ModelView, inputRate: Int) -> Int {
        Resampler.requiredBytes(inputRate: inputRate, outputRate: model.rate)
    }

    init(_ model: ModelView, inputRate: Int, memory: UnsafeMutableRawBufferPointer) throws(EngineError) {
        self.inputRate = inputRate
        outputRate = model.rate
        unitsPerMicrovolt = 1 / model.inputStep
        zeroPoint = Double(model.inputZeroPoint)
        resampler = Resampler(inputRate: inputRate, outputRate: model.rate, memory: memory)
        lookAhead = resampler.lookAhead
        for index in 0..<model.filterSectionCount {
            guard filters.append(model.filterSection(index)) else { throw .filters }
        }
    }

    /// Columns that the frames taken so far give once the look-ahead is in.
    @_noAllocation @_noLocks
    var columnsDue: Int { framesIn == 0 ? 0 : (framesIn &- 1) &* outputRate / inputRate &+ 1 }

    /// Takes one frame's microvolts.
    @_noAllocation @_noLocks
    mutating func push(_ microvolts: UnsafePointer<Double>) {
        framesIn &+= 1
        resampler.push(microvolts)
    }

    /// Repeats the last frame behind the end, to bring out what the look-ahead holds back.
    @_noAllocation @_noLocks
    mutating func pushBeyondEnd(_ microvolts: UnsafePointer<Double>) { resampler.push(microvolts) }

    /// Makes the next column, if there is one.
    @_noAllocation @_noLocks
    mutating func pop() -> Bool {
        var samples = InlineArray<12, Double>(repeating: 0)
        var span = samples.mutableSpan
        let ready = span.withUnsafeMutableBufferPointer { buffer in
            guard resampler.pop(into: buffer.baseAddress!) else { return false }
            filters.process(buffer.baseAddress!)
            return true
        }
        guard ready else { return false }
        columnsOut &+= 1
        for lead in 0..<12 { column[lead] = quantised(samples[lead]) }
        return true
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        framesIn = 0
        columnsOut = 0
        resampler.reset()
        filters.reset()
    }

    private func quantised(_ microvolts: Double) -> UInt8 {
        let units = Arithmetic.roundedToEven(microvolts * unitsPerMicrovolt)
        let bounded = units < -128 ? -128 : (units > 127 ? 127 : units)
        return UInt8(truncatingIfNeeded: Int(bounded + zeroPoint))
    }
}
