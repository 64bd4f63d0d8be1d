// What a measurement of speed found: plain values, for a table or for JSON.
// Separate from the measuring, so that both texts can be tested without a clock.

import PrecordiaFormats
package import PrecordiaSession

/// Speed and memory on one machine in one run. Times are medians of interleaved rounds.
package struct BenchResult: Equatable, Sendable {
    /// The most that an instruction set can do.
    package struct Peak: Equatable, Sendable {
        package var kernel: String
        /// Multiply-accumulates of 8 bits a nanosecond; nil where no measure is known.
        package var perNanosecond: Double?
    }

    /// A layer, or the head with its pooling.
    package struct LayerCost: Equatable, Sendable {
        package var name: String
        /// Multiply-accumulates over a whole window.
        package var multiplications: Int
        /// Over a whole window, in its turn between the other layers.
        package var microseconds: Double
    }

    /// The cost of a step of a stream with its answer.
    package struct HopCost: Equatable, Sendable {
        /// Samples of the model's rate.
        package var samples: Int
        package var microseconds: Double
    }

    /// A model by one kernel.
    package struct KernelCost: Equatable, Sendable {
        package var kernel: String
        /// All samples of a window and its answer, microseconds.
        package var window: Double
        package var hops: [HopCost]
        package var layers: [LayerCost]
    }

    /// A model by each kernel.
    package struct ModelCost: Equatable, Sendable {
        package var origin: String
        package var identity: ModelIdentity
        package var fileBytes: Int
        package var rate: Int
        /// Samples of the window, and of the shortest hop.
        package var window, hopUnit: Int
        package var isWholeWindow: Bool
        package var multiplications: Int
        /// Bytes of a network that takes its model's hop, and of an engine for 500 Hz around it; nil where there can be none.
        package var networkBytes: Int
        package var engineBytes: Int?
        /// Microseconds of reading and checking the file, of making a network, and of making an engine for 500 Hz.
        package var opening, making: Double
        package var makingEngine: Double?
        package var kernels: [KernelCost]
    }

    /// The engine's cost of a frame.
    package struct FrameCost: Equatable, Sendable {
        /// The stream's, hertz.
        package var rate: Int
        /// Leads in the frame; the others are computed.
        package var leads: Int
        /// Nanoseconds of a frame without an answer, and the mean over a second with its answer.
        package var frame, mean: Double
    }

    /// The cost of measuring 10 s of 12 leads at 500 Hz, microseconds.
    package struct MeasuringCost: Equatable, Sendable {
        /// Of a stored exam: its samples, and one measurement.
        package var exam = Double.nan
        /// Of a measurement alone.
        package var call = Double.nan
        /// Of a second of a stream that is measured every 5 s.
        package var second: Double { (exam - call) / 10 + call / 5 }
    }

    package var processor = ""
    package var cores = 1
    package var bestKernel = ""
    package var seconds = 0.0
    package var rounds = 0
    package var peaks: [Peak] = []
    package var models: [ModelCost] = []
    /// Microseconds of 12 leads through 4 second-order sections, 10 samples.
    package var filterChunk = Double.nan
    package var frames: [FrameCost] = []
    package var measuring = MeasuringCost()
    /// The process's peak memory, bytes.
    package var peakMemory = 0

    package init() {}

    /// The peak of a kernel's instruction set.
    package func peak(_ kernel: String) -> Double? { peaks.first { $0.kernel == kernel }?.perNanosecond }

    /// How much of its instruction set's peak a piece of work reached; nil where the peak is not known or there was nothing to multiply.
    package func share(_ multiplications: Int, microseconds: Double, kernel: String) -> Double? {
        guard let peak = peak(kernel), multiplications > 0, microseconds > 0 else { return nil }
        return Double(multiplications) / microseconds / 1e3 / peak
    }
}
