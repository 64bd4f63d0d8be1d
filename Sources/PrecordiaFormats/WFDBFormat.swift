// How WFDB signal files store a sample, one case for each number that a header may name.
// The layouts are those of signal(5) in the WFDB Applications Guide (physionet.org/physiotools/wag/signal-5.htm).

/// A storage format of WFDB signal files. The raw value is the number in the header.
package enum WFDBFormat: Int, Sendable, CaseIterable {
    /// No samples are stored: a signal of a layout header.
    case null = 0
    /// 8-bit first differences.
    case format8 = 8
    /// 16-bit two's complement, low byte first.
    case format16 = 16
    /// 24-bit two's complement, low byte first.
    case format24 = 24
    /// 32-bit two's complement, low byte first.
    case format32 = 32
    /// 16-bit two's complement, high byte first.
    case format61 = 61
    /// 8-bit offset binary.
    case format80 = 80
    /// 16-bit offset binary, low byte first.
    case format160 = 160
    /// Two 12-bit samples in three bytes.
    case format212 = 212
    /// Three 10-bit samples in four bytes, the third one split.
    case format310 = 310
    /// Three 10-bit samples in four bytes, in order.
    case format311 = 311

    /// Formats compressed with FLAC, which this program names and refuses.
    static var compressed: [Int] { [508, 516, 524] }

    /// Numbers that a header may name, for messages.
    static var supportedList: String { "8, 16, 24, 32, 61, 80, 160, 212, 310 and 311" }

    /// Bits of a sample.
    package var bits: Int {
        switch self {
        case .null: 0
        case .format8, .format80: 8
        case .format16, .format61, .format160: 16
        case .format24: 24
        case .format32: 32
        case .format212: 12
        case .format310, .format311: 10
        }
    }

    /// The stored value that means "no valid sample"; nil if the format has none.
    package var invalidSample: Int32? {
        switch self {
        case .null, .format8: nil
        default: Int32.min >> Int32(32 - bits)
        }
    }

    /// Samples of the smallest group that starts on a byte.
    var samplesPerPack: Int {
        switch self {
        case .format212: 2
        case .format310, .format311: 3
        default: 1
        }
    }

    /// Bytes of the smallest group that starts on a byte.
    var bytesPerPack: Int {
        switch self {
        case .null: 0
        case .format8, .format80: 1
        case .format16, .format61, .format160: 2
        case .format24, .format212: 3
        case .format32, .format310, .format311: 4
        }
    }

    /// Bytes that hold `count` samples, an incomplete last group included; nil if the number is beyond 64 bits.
    package func byteCount(samples count: Int) -> Int? {
        let (packs, rest) = count.quotientAndRemainder(dividingBy: samplesPerPack)
        let (bytes, overflow) = packs.multipliedReportingOverflow(by: bytesPerPack)
        let (total, overflowToo) = bytes.addingReportingOverflow(restBytes(rest))
        return overflow || overflowToo ? nil : total
    }

    /// Whole samples in `count` bytes.
    package func sampleCount(bytes count: Int) -> Int {
        guard bytesPerPack > 0 else { return 0 }
        let (packs, rest) = count.quotientAndRemainder(dividingBy: bytesPerPack)
        var extra = 0
        while extra + 1 < samplesPerPack, restBytes(extra + 1) <= rest { extra += 1 }
        return packs * samplesPerPack + extra
    }

    /// Bytes of an incomplete group: 212 needs 2 for one sample; 310 and 311 need 2 for one, and 4 or 3 for two.
    private func restBytes(_ samples: Int) -> Int {
        switch (samples, self) {
        case (0, _): 0
        case (1, _): 2
        case (_, .format310): 4
        default: 3
        }
    }
}
