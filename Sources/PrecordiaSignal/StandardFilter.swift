// The filters that an electrocardiograph is expected to have, by name.

/// The filters of the electrocardiograph, by their usual names (bandwidths of IEC 60601-2-25 and -27).
public enum StandardFilter: UInt8, Sendable {
    /// Diagnostic baseline filter, second order.
    case highPass0_05
    /// Monitoring baseline filter, second order.
    case highPass0_5
    /// Mains filters, quality 30.
    case notch50, notch60
    /// Monitoring, exercise and diagnostic bandwidth, fourth order.
    case lowPass40, lowPass100, lowPass150

    /// Corner or centre, hertz.
    public var frequency: Double {
        switch self {
        case .highPass0_05: 0.05
        case .highPass0_5: 0.5
        case .notch50: 50
        case .notch60: 60
        case .lowPass40: 40
        case .lowPass100: 100
        case .lowPass150: 150
        }
    }

    /// Second-order sections it takes.
    public var sections: Int {
        switch self {
        case .lowPass40, .lowPass100, .lowPass150: 2
        default: 1
        }
    }

    /// Whether the filter exists at `rate`: its frequency must stay below 0.45 of it.
    public func fits(rate: Int) -> Bool { frequency < 0.45 * Double(rate) }

    /// Section `index` at `rate` hertz. The low-passes are fourth-order Butterworth: two sections of quality
    /// 1/(2 cos(pi/8)) and 1/(2 cos(3 pi/8)).
    ///
    /// - Precondition: `index` is in `0..<sections` and the filter fits the rate.
    public func section(_ index: Int, rate: Int) -> Biquad {
        precondition(index >= 0 && index < sections && fits(rate: rate))
        switch self {
        case .highPass0_05, .highPass0_5: return FilterDesign.highPass(cutoff: frequency, rate: rate)
        case .notch50, .notch60: return FilterDesign.notch(frequency: frequency, rate: rate)
        case .lowPass40, .lowPass100, .lowPass150:
            let quality = index == 0 ? 0.541196100146197 : 1.3065629648763764
            return FilterDesign.lowPass(cutoff: frequency, rate: rate, quality: quality)
        }
    }
}

#if !hasFeature(Embedded)
    extension StandardFilter: CaseIterable {}
#endif
