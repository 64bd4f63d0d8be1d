// What a measurement of speed found: plain values, for a table or for JSON.
// Separate from the measuring, so that both texts can be tested without a clock.

/// Speed and memory on one machine in one run. Times are medians of interleaved rounds.
public struct BenchResult: Equatable, Sendable {
    /// The most that an instruction set can do.
    public struct Peak: Equatable, Sendable {
        public var kernel: String
        /// Multiply-accumulates of 8 bits a nanosecond; nil where no measure is known.
        public var perNanosecond: Double?
    }

    /// A layer, or the head with its pooling.
    public struct LayerCost: Equatable, Sendable {
        public var name: String
        /// Multiply-accumulates over a whole window.
        public var multiplications: Int
        /// Over a whole window, in its turn between the other layers.
        public var microseconds: Double
    }

    /// The cost of a step of a stream with its answer.
    public struct HopCost: Equatable, Sendable {
        /// Samples of the model's rate.
        public var samples: Int
        public var microseconds: Double
    }

    /// A model by one kernel.
    public struct KernelCost: Equatable, Sendable {
        public var kernel: String
        /// All samples of a window and its answer, microseconds.
        public var window: Double
        public var hops: [HopCost]
        public var layers: [LayerCost]
    }

    /// A model by each kernel.
    public struct ModelCost: Equatable, Sendable {
        public var origin: String
        public var identity: ModelIdentity
        public var fileBytes: Int
        public var rate: Int
        /// Samples of the window, and of the shortest hop.
        public var window, hopUnit: Int
        public var isWholeWindow: Bool
        public var multiplications: Int
        /// Bytes of a network that takes its model's hop, and of an engine for 500 Hz around it; nil where there can be none.
        public var networkBytes: Int
        public var engineBytes: Int?
        /// Microseconds of reading and checking the file, of making a network, and of making an engine for 500 Hz.
        public var opening, making: Double
        public var makingEngine: Double?
        public var kernels: [KernelCost]
    }

    /// The engine's cost of a frame.
    public struct FrameCost: Equatable, Sendable {
        /// The stream's, hertz.
        public var rate: Int
        /// Leads in the frame; the others are computed.
        public var leads: Int
        /// Nanoseconds of a frame without an answer, and the mean over a second with its answer.
        public var frame, mean: Double
    }

    public var processor = ""
    public var cores = 1
    public var bestKernel = ""
    public var seconds = 0.0
    public var rounds = 0
    public var peaks: [Peak] = []
    public var models: [ModelCost] = []
    /// Microseconds of 12 leads through 4 second-order sections, 10 samples.
    public var filterChunk = Double.nan
    public var frames: [FrameCost] = []
    /// The process's peak memory, bytes.
    public var peakMemory = 0

    public init() {}

    /// The peak of a kernel's instruction set.
    public func peak(_ kernel: String) -> Double? { peaks.first { $0.kernel == kernel }?.perNanosecond }

    /// How much of its instruction set's peak a piece of work reached; nil where the peak is not known or there was nothing to multiply.
    public func share(_ multiplications: Int, microseconds: Double, kernel: String) -> Double? {
        guard let peak = peak(kernel), multiplications > 0, microseconds > 0 else { return nil }
        return Double(multiplications) / microseconds / 1e3 / peak
    }
}
