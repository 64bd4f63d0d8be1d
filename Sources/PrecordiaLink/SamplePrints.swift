// Whether a block has the very samples of one that came just before.
// Apart from the watch, which knows what follows from it.

import PrecordiaSignal

/// Prints of the samples of the last data blocks.
///
/// No converter gives ten samples of a living electrode twice: its last bits are noise. A block is a repeat if its samples are, byte for byte, those of a
/// block at most a tenth of a second before it, and so were the two blocks before. A quiet line is none: samples that swing by less than 50 microvolts may
/// well be the same again, and are an asystole or flat leads.
struct SamplePrints {
    private var prints = InlineArray<8, UInt64>(repeating: 0)
    private var counts = InlineArray<8, Int32>(repeating: 0)
    private var next = 0
    private var run = 0

    /// Microvolts below which samples are quiet.
    static var quietMicrovolts: Double { @_noAllocation @_noLocks get { 50 } }
    /// Blocks in a row that are repeats before they count as such.
    private static var patience: Int { @_noAllocation @_noLocks get { 3 } }

    @_noAllocation @_noLocks
    init() {}

    /// Takes the next block; whether it is a repeat.
    @_noAllocation @_noLocks
    mutating func isRepeat(_ block: DataBlock, _ configuration: LinkConfiguration) -> Bool {
        let (print, isQuiet) = block.print(configuration)
        var isKnown = false
        var distance: Int32 = 0
        let reach = Int32(truncatingIfNeeded: configuration.rate / 10)
        for back in 1...8 {
            let place = (next &+ 8 &- back) & 7
            distance &+= counts[place]
            if back > 1, distance > reach { break }
            if counts[place] == Int32(truncatingIfNeeded: block.count), prints[place] == print { isKnown = true }
        }
        prints[next] = print
        counts[next] = Int32(truncatingIfNeeded: block.count)
        next = (next &+ 1) & 7
        run = isKnown && !isQuiet ? run &+ 1 : 0
        return run >= Self.patience
    }
}

extension DataBlock {
    /// A number made of the block's samples, FNV-1a (Fowler, Noll and Vo), and whether no lead in it swings.
    @_noAllocation @_noLocks
    func print(_ configuration: LinkConfiguration) -> (print: UInt64, isQuiet: Bool) {
        var print: UInt64 = 0xCBF2_9CE4_8422_2325
        for at in samples..<payload.count { print = (print ^ UInt64(payload[at])) &* 0x100_0000_01B3 }
        var isQuiet = true
        for channel in 0..<channels where isQuiet && configuration.payload[configuration.at(channel)] < 12 {
            isQuiet = swing(channel) * configuration.payload.f64(configuration.at(channel) &+ 8).magnitude < SamplePrints.quietMicrovolts
        }
        return (print, isQuiet)
    }

    /// By how many steps a channel's samples differ.
    @_noAllocation @_noLocks
    private func swing(_ channel: Int) -> Double {
        var lowest = Int32.max
        var highest = Int32.min
        for place in 0..<count {
            guard let value = sample(samples &+ (place &* channels &+ channel) &* width) else { continue }
            if value < lowest { lowest = value }
            if value > highest { highest = value }
        }
        return highest > lowest ? Double(highest) - Double(lowest) : 0
    }
}
