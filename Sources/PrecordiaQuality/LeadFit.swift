// Whether the limb leads of a recording fit each other as Einthoven and Goldberger say, and if not, what would make them fit.
// Apart from LimbSwap, which doubts electrodes: what is exchanged on the body still fits; names, units and signs do not.

import PrecordiaSignal

/// Products of the six limb leads' steps of some 10 ms, a second each, and their judgement.
///
/// III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2 hold for every sample of a body; steps hold them without a lead's offset. They fit where none of the
/// four is missed by more than ``limit`` of the leads' mean energy.
/// - Memory: the caller's, ``requiredBytes(seconds:)``. Cost: six subtractions and 21 products each 10 ms.
struct LeadFit {
    private let seconds: Int
    private let delay: Int
    /// Seconds of 36 products, the one in progress the last but one, then their sum.
    private let products: UnsafeMutablePointer<Double>
    private let counts: UnsafeMutablePointer<Int>
    private var before = InlineArray<6, Double>(repeating: 0)
    private var hasBefore = false
    private var parts = 0
    private var place = 0

    /// The part of the energy that may be missed: about a fifth of the height.
    private static var limit: Double { @_noAllocation @_noLocks get { 0.05 } }
    /// Seconds that must be there, and the least energy of a step, square microvolts.
    private static var leastSeconds: Int { @_noAllocation @_noLocks get { 5 } }
    private static var leastEnergy: Double { @_noAllocation @_noLocks get { 16 } }

    static func requiredBytes(seconds: Int) -> Int {
        (seconds + 2) * 36 * MemoryLayout<Double>.stride + (seconds + 1) * MemoryLayout<Int>.stride
    }

    /// - Parameter delay: samples in 10 ms.
    init(delay: Int, seconds: Int, memory: UnsafeMutableRawPointer) {
        self.delay = delay
        self.seconds = seconds
        products = memory.bindMemory(to: Double.self, capacity: (seconds + 2) * 36)
        products.initialize(repeating: 0, count: (seconds + 2) * 36)
        counts = (memory + (seconds + 2) * 36 * MemoryLayout<Double>.stride).bindMemory(to: Int.self, capacity: seconds + 1)
        counts.initialize(repeating: 0, count: seconds + 1)
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        for index in 0..<((seconds &+ 2) &* 36) { products[index] = 0 }
        for index in 0...seconds { counts[index] = 0 }
        hasBefore = false
        parts = 0
        place = 0
    }

    /// Takes a sample of twelve leads without the mains, which a room may put into all of them alike.
    @_noAllocation @_noLocks
    mutating func add(_ microvolts: UnsafePointer<Double>) {
        parts &+= 1
        guard parts >= delay else { return }
        parts = 0
        if hasBefore {
            let sum = products + 36 &* seconds
            for a in 0..<6 {
                let step = microvolts[a] - before[a]
                for b in a..<6 { sum[6 &* a &+ b] += step * (microvolts[b] - before[b]) }
            }
            counts[seconds] &+= 1
        }
        hasBefore = true
        for lead in 0..<6 { before[lead] = microvolts[lead] }
    }

    /// Ends a second, which counts if `isClean`, and judges the last ones.
    @_noAllocation @_noLocks
    mutating func closeSecond(isClean: Bool) -> LeadMisfit {
        let current = products + 36 &* seconds, kept = products + 36 &* place
        for index in 0..<36 {
            kept[index] = isClean ? current[index] : 0
            current[index] = 0
        }
        counts[place] = isClean ? counts[seconds] : 0
        counts[seconds] = 0
        place = place &+ 1 == seconds ? 0 : place &+ 1
        return judge()
    }

    private func judge() -> LeadMisfit {
        var clean = 0
        var steps = 0
        let sum = products + 36 &* (seconds &+ 1)
        for index in 0..<36 { sum[index] = 0 }
        for second in 0..<seconds where counts[second] > 0 {
            clean &+= 1
            steps &+= counts[second]
            for index in 0..<36 { sum[index] += products[36 &* second &+ index] }
        }
        guard clean >= Self.leastSeconds else { return LeadMisfit() }
        for a in 1..<6 { for b in 0..<a { sum[6 &* a &+ b] = sum[6 &* b &+ a] } }
        var energy = 0.0
        for lead in 0..<6 { energy += sum[7 &* lead] }
        guard energy > 6 * Self.leastEnergy * Double(steps) else { return LeadMisfit() }
        return LimbRelations(sum).misfit(limit: Self.limit)
    }
}
