// The evidence for limb electrodes at each other's places: how limb and chest leads go together, in complexes and between them.
// Separate from the tallies, because it looks at leads in pairs, and at 100 samples a second whatever the device's rate.

import PrecordiaSignal

/// Products of I, II and V1 to V6, summed over the last seconds.
///
/// Two kinds of signal are kept apart, because P and T waves say what a QRS complex cannot: second differences over 20 ms where they are large
/// (complexes), and differences over 80 ms where nothing has been large for 100 ms (waves). Large is a quarter of the largest in the second
/// before. A second with a bad lead, muscle noise or a spike among the eight does not count.
/// - Memory: the caller's, ``requiredBytes(seconds:)``. Cost: eight additions a frame, some two hundred operations every 10 ms.
struct LimbMoments {
    private let delay: Int
    private let seconds: Int
    /// Seconds of [2][8][8] products, complexes first; the one in progress is the last. Then their sum.
    private let products: UnsafeMutablePointer<Double>
    /// For each second how many samples of each kind.
    private let counts: UnsafeMutablePointer<Int>
    /// The last nine samples of eight leads, and the sums from which the next one is made.
    private let past: UnsafeMutablePointer<Double>
    private let sums: UnsafeMutablePointer<Double>
    private var place = 0
    private var newest = 0
    private var filled = 0
    private var parts = 0
    private var quiet = 0
    private var largest = 0.0
    private var level = 0.0

    private static var pastCount: Int { 9 }
    /// Samples without anything large before one counts as between complexes, and samples of each kind from which a judgement is possible.
    private static var quietSamples: Int { 10 }
    private static var leastComplexes: Int { 20 }
    private static var leastWaves: Int { 100 }

    static func requiredBytes(seconds: Int) -> Int {
        (seconds + 2) * 128 * MemoryLayout<Double>.stride + 2 * (seconds + 1) * MemoryLayout<Int>.stride
            + (pastCount + 1) * 8 * MemoryLayout<Double>.stride
    }

    /// - Parameter delay: samples in 10 ms.
    init(delay: Int, seconds: Int, memory: UnsafeMutableRawPointer) {
        self.delay = delay
        self.seconds = seconds
        let productCount = (seconds + 2) * 128
        products = memory.bindMemory(to: Double.self, capacity: productCount)
        products.initialize(repeating: 0, count: productCount)
        let pastBytes = memory + productCount * MemoryLayout<Double>.stride
        past = pastBytes.bindMemory(to: Double.self, capacity: (Self.pastCount + 1) * 8)
        past.initialize(repeating: 0, count: (Self.pastCount + 1) * 8)
        sums = past + Self.pastCount * 8
        let countBytes = pastBytes + (Self.pastCount + 1) * 8 * MemoryLayout<Double>.stride
        counts = countBytes.bindMemory(to: Int.self, capacity: 2 * (seconds + 1))
        counts.initialize(repeating: 0, count: 2 * (seconds + 1))
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        for index in 0..<((seconds &+ 2) &* 128) { products[index] = 0 }
        for index in 0..<(2 &* (seconds &+ 1)) { counts[index] = 0 }
        for lead in 0..<8 { sums[lead] = 0 }
        place = 0
        newest = 0
        filled = 0
        parts = 0
        quiet = 0
        largest = 0
        level = 0
    }

    /// Takes a sample of twelve leads without the mains.
    @_noAllocation @_noLocks
    mutating func add(_ humless: UnsafePointer<Double>) {
        sums[0] += humless[0]
        sums[1] += humless[1]
        for chest in 0..<6 { sums[2 &+ chest] += humless[6 &+ chest] }
        parts &+= 1
        guard parts == delay else { return }
        parts = 0
        newest = newest &+ 1 == Self.pastCount ? 0 : newest &+ 1
        let sample = past + 8 &* newest
        for lead in 0..<8 {
            sample[lead] = sums[lead] / Double(delay)
            sums[lead] = 0
        }
        if filled < Self.pastCount { filled &+= 1 }
        if filled == Self.pastCount { weigh(sample) }
    }

    private func sample(_ ago: Int) -> UnsafePointer<Double> {
        let slot = newest >= ago ? newest &- ago : newest &- ago &+ Self.pastCount
        return UnsafePointer(past + 8 &* slot)
    }

    private mutating func weigh(_ sample: UnsafePointer<Double>) {
        let before = self.sample(1), first = self.sample(2), early = self.sample(8)
        var complex = InlineArray<8, Double>(repeating: 0)
        var size = 0.0
        for lead in 0..<8 {
            complex[lead] = (sample[lead] - 2 * before[lead]) + first[lead]
            size += complex[lead].magnitude
        }
        if size > largest { largest = size }
        guard level > 0 else { return }
        if size > 0.25 * level {
            quiet = 0
            gather(complex, kind: 0)
            return
        }
        quiet &+= 1
        guard quiet >= Self.quietSamples else { return }
        var wave = InlineArray<8, Double>(repeating: 0)
        for lead in 0..<8 { wave[lead] = sample[lead] - early[lead] }
        gather(wave, kind: 1)
    }

    private func gather(_ values: InlineArray<8, Double>, kind: Int) {
        counts[2 &* seconds &+ kind] &+= 1
        let sum = products + (128 &* seconds &+ 64 &* kind)
        for a in 0..<8 {
            for b in a..<8 { sum[8 &* a &+ b] += values[a] * values[b] }
        }
    }

    /// Ends a second, which counts if `isClean`, and judges the last ones.
    ///
    /// - Returns: the exchange that they speak for; `none` without enough of them.
    @_noAllocation @_noLocks
    mutating func closeSecond(isClean: Bool, limits: QualityLimits) -> LimbSwap {
        let current = products + 128 &* seconds, kept = products + 128 &* place
        for index in 0..<128 {
            kept[index] = isClean ? current[index] : 0
            current[index] = 0
        }
        for kind in 0..<2 {
            counts[2 &* place &+ kind] = isClean ? counts[2 &* seconds &+ kind] : 0
            counts[2 &* seconds &+ kind] = 0
        }
        place = place &+ 1 == seconds ? 0 : place &+ 1
        level = largest
        largest = 0
        return judge(limits)
    }

    private func judge(_ limits: QualityLimits) -> LimbSwap {
        var complexes = 0, waves = 0
        for second in 0..<seconds {
            complexes &+= counts[2 &* second]
            waves &+= counts[2 &* second &+ 1]
        }
        guard complexes > Self.leastComplexes, waves > Self.leastWaves else { return .none }
        let sum = products + 128 &* (seconds &+ 1)
        for index in 0..<128 {
            sum[index] = 0
            for second in 0..<seconds { sum[index] += products[128 &* second &+ index] }
        }
        let energy = sum[0] + sum[9] + (sum[9] - 2 * sum[1] + sum[0])
        guard energy > limits.leastComplex * limits.leastComplex * Double(complexes) else { return .none }
        return LimbSwap.judged(complexes: LimbFeatures(sum), waves: LimbFeatures(sum + 64), limits: limits)
    }
}
