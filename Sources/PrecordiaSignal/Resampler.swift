// From the device's rate to the model's, twelve leads at a time.
// Linear phase with a short look-ahead: a stored exam keeps its timing, and 100 Hz passes through untouched.

import CPrecordiaKernels

/// A polyphase windowed-sinc resampler on twelve leads.
///
/// Output sample n is the signal at time n / outputRate; it is ready once ``lookAhead`` more input samples are in. Kernel: a sinc of cutoff
/// 0.47 x output rate under a Kaiser window (beta 5.65, about 60 dB) of 12 output samples to each side (Smith, Digital Audio Resampling,
/// 2002), each phase scaled to unit gain at 0 Hz. For 100 Hz out: flat to 0.1 dB at 38 Hz, -59 dB from 55 Hz.
/// Equal rates copy the samples, without delay.
///
/// - Memory: the caller's, ``requiredBytes(inputRate:outputRate:)``; 24 KiB at 500 Hz, half a MiB at an awkward rate such as 1999 Hz.
/// - Cost: 12 x 24 x inputRate / outputRate multiplications an output sample.
/// - The past before the first sample is 0: feed it a signal relative to its first sample.
public struct Resampler: ~Copyable {
    /// Input samples that must follow an output's instant before it can be computed.
    public let lookAhead: Int
    private let kernel: SignalKernel
    private let phases: Int
    private let step: Int
    private let half: Int
    private let coefficients: UnsafeMutablePointer<Double>
    private let history: UnsafeMutablePointer<Double>
    /// The place in the ring where the next input sample goes.
    private var slot: Int = 0
    /// Input samples taken behind the next output's centre, and the phase beyond that. Nothing here grows with the stream: 32 bits are enough.
    private var ahead: Int = 0
    private var phase: Int = 0

    static var beta: Double { 5.65 }
    static var halfSupport: Int { 12 }

    private static func shape(_ inputRate: Int, _ outputRate: Int) -> (phases: Int, step: Int, half: Int) {
        var a = inputRate
        var b = outputRate
        while b != 0 { (a, b) = (b, a % b) }
        guard inputRate != outputRate else { return (1, 1, 0) }
        return (outputRate / a, inputRate / a, (halfSupport * inputRate + outputRate - 1) / outputRate)
    }

    /// Bytes that the resampler needs.
    ///
    /// - Precondition: both rates are positive and the input's is not below the output's.
    public static func requiredBytes(inputRate: Int, outputRate: Int) -> Int {
        precondition(outputRate > 0 && inputRate >= outputRate)
        let (phases, _, half) = shape(inputRate, outputRate)
        return 8 * (phases * 2 * half + 2 * 12 * max(2 * half, 1)) + 64
    }

    /// Makes a resampler at rest in `memory`, which must outlive it.
    ///
    /// - Parameter kernel: all give the same bits.
    /// - Precondition: `memory` holds at least ``requiredBytes(inputRate:outputRate:)`` bytes.
    public init(inputRate: Int, outputRate: Int, memory: UnsafeMutableRawBufferPointer, kernel: SignalKernel = .best) {
        self.kernel = kernel
        precondition(memory.count >= Self.requiredBytes(inputRate: inputRate, outputRate: outputRate))
        (phases, step, half) = Self.shape(inputRate, outputRate)
        lookAhead = half
        let start = (memory.baseAddress! + 63).alignedDown(to: 64)
        coefficients = start.bindMemory(to: Double.self, capacity: phases * 2 * half + 24 * max(2 * half, 1))
        history = coefficients + phases * 2 * half
        for phase in 0..<phases where half > 0 { design(phase, inputRate: inputRate, outputRate: outputRate) }
        reset()
    }

    /// Back to rest, as after init.
    @_noAllocation @_noLocks
    public mutating func reset() {
        ahead = 0
        slot = 0
        phase = 0
        for index in 0..<(24 * max(2 * half, 1)) { history[index] = 0 }
    }

    /// The taps of one phase: t is the distance from the output's instant in seconds, u the same as a share of the half support.
    private func design(_ phase: Int, inputRate: Int, outputRate: Int) {
        let taps = coefficients + phase * 2 * half
        let support = Double(Self.halfSupport) / Double(outputRate)
        let cutoff = 0.47 * Double(outputRate)
        var sum = 0.0
        for tap in 0..<(2 * half) {
            let t = (Double(tap + 1 - half) - Double(phase) / Double(phases)) / Double(inputRate)
            let u = t / support
            let w = 1 - u * u
            let sinc = t == 0 ? 2 * cutoff : Arithmetic.sine((6.283185307179586 * cutoff) * t) / (3.141592653589793 * t)
            let value = w <= 0 ? 0 : sinc * Self.bessel(Self.beta * Self.beta * 0.25 * w)
            taps[tap] = value
            sum += value
        }
        for tap in 0..<(2 * half) { taps[tap] = taps[tap] / sum }
    }

    /// I0(2 sqrt(q)) by its power series; 29 terms leave less than 1e-16 for q below 8.
    private static func bessel(_ q: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        for j in 1...29 {
            term = term * q / Double(j * j)
            sum += term
        }
        return sum
    }

    /// Takes one input sample of twelve leads. Call ``pop(into:)`` until it is false before the next one.
    @_noAllocation @_noLocks
    public mutating func push(_ samples: UnsafePointer<Double>) {
        let width = max(2 * half, 1)
        UnsafeMutableRawPointer(history + slot * 12).copyMemory(from: samples, byteCount: 96)
        UnsafeMutableRawPointer(history + (slot + width) * 12).copyMemory(from: samples, byteCount: 96)
        slot = slot + 1 == width ? 0 : slot + 1
        ahead += 1
    }

    /// Whether the next output sample has all its input.
    public var isReady: Bool { @_noAllocation @_noLocks get { half < ahead } }

    /// Gives the next output sample of twelve leads, if enough input is in.
    @_noAllocation @_noLocks
    public mutating func pop(into output: UnsafeMutablePointer<Double>) -> Bool {
        guard isReady else { return false }
        if half == 0 {
            for lead in 0..<12 { output[lead] = history[lead] }
        } else {
            interpolate(into: output)
        }
        phase += step
        ahead -= phase / phases
        phase = phase % phases
        return true
    }

    /// The history ring is written twice, so that the taps' samples are always one run.
    private func interpolate(into output: UnsafeMutablePointer<Double>) {
        let oldest = history + ((slot + 1 + 3 * half - ahead) % (2 * half)) * 12
        precordia_interpolate(kernel.table, coefficients + phase * 2 * half, oldest, 2 * half, output)
    }
}

extension UnsafeMutableRawPointer {
    func alignedDown(to alignment: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: self) & ~UInt(alignment - 1))!
    }
}
