// The last second of all leads in steps, as the detector looks back on it.

import PrecordiaSignal

/// Rings over a second: the leads themselves, their band's magnitude, and the evidence of all together.
struct BeatSteps {
    let capacity: Int
    /// Steps of the moving average.
    let window: Int
    /// By step, twelve each: the leads in microvolts, and the magnitude of their band.
    let values: UnsafeMutablePointer<Float>
    let magnitudes: UnsafeMutablePointer<Float>
    /// The momentary evidence of all leads.
    let evidence: UnsafeMutablePointer<Float>

    private static func capacity(_ stepRate: Double) -> Int { Int(stepRate) + 2 }

    static func requiredBytes(stepRate: Double) -> Int { (25 * capacity(stepRate) * MemoryLayout<Float>.stride + 7) & ~7 }

    init(stepRate: Double, window: Int, memory: UnsafeMutableRawPointer) {
        capacity = Self.capacity(stepRate)
        self.window = window
        values = memory.bindMemory(to: Float.self, capacity: 25 * capacity)
        values.initialize(repeating: 0, count: 25 * capacity)
        magnitudes = values + 12 * capacity
        evidence = values + 24 * capacity
    }

    @_noAllocation @_noLocks
    func clear() { for place in 0..<(25 &* capacity) { values[place] = 0 } }

    /// The place of a step in the rings; it and the ones up to a second before the newest are kept.
    @_noAllocation @_noLocks
    func place(_ step: Int64) -> Int { Int((step &+ Int64(capacity)) % Int64(capacity)) }
}
