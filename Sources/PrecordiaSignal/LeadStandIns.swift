// Which leads beats are looked for in where I or II is not there: measured limb leads that would otherwise be taken for computed ones.
// Separate from the converter, because display, quality and classifier want every lead at its own place.

/// Puts measured limb leads in the places of an absent I and II.
///
/// What looks for beats hears I, II and V1 to V6 and passes over III, aVR, aVL and aVF, which in most streams are sums of I and II and say
/// nothing of their own. A stream without I or II may have one of them measured (`MLIII`, `aVF`), and there it is a lead like any other.
/// - Memory: inline. Cost: a comparison a frame where nothing stands in.
public struct LeadStandIns: Sendable {
    /// For I and II the lead that stands in; 0 for none.
    private var sources = InlineArray<2, UInt8>(repeating: 0)
    /// Whether any lead stands in for another.
    public let isNeeded: Bool

    public init(_ format: StreamFormat) {
        let lacking = format.lacking
        let measured = LeadSet.derived.subtracting(format.derived).subtracting(lacking)
        var found = false
        var free = measured
        for place in 0..<2 where lacking.contains(index: 1 - place) {
            guard let lead = Self.first(of: free) else { continue }
            sources[1 - place] = lead
            free = free.subtracting(LeadSet(rawValue: 1 &<< UInt16(lead)))
            found = true
        }
        isNeeded = found
    }

    private static func first(of leads: LeadSet) -> UInt8? {
        if leads.contains(.aVF) { return Lead.aVF.rawValue }
        if leads.contains(.III) { return Lead.III.rawValue }
        if leads.contains(.aVL) { return Lead.aVL.rawValue }
        return leads.contains(.aVR) ? Lead.aVR.rawValue : nil
    }

    /// Copies what stands in, in twelve leads.
    @_noAllocation @_noLocks
    public func fill(_ microvolts: UnsafeMutablePointer<Double>) {
        for place in 0..<2 where sources[place] != 0 { microvolts[place] = microvolts[Int(sources[place])] }
    }

    /// The leads that are usable when those in `usable` are.
    @_noAllocation @_noLocks
    public func usable(_ usable: LeadSet) -> LeadSet {
        var all = usable.rawValue
        for place in 0..<2 where sources[place] != 0 && usable.contains(index: Int(sources[place])) {
            all |= 1 &<< UInt16(truncatingIfNeeded: place)
        }
        return LeadSet(rawValue: all)
    }
}
