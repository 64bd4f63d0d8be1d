// Whether measured ST levels are beyond what guidelines allow, and what else explains them.
// Apart from the values: a level is measured, a limit is chosen, and docs/measurements.md says from where.

public import PrecordiaSignal

/// What ST levels come to: how many times their limits, in which leads, and what else explains them.
public struct STFindings: Sendable {
    /// What is told apart by rules; it takes other limits, or none.
    public enum Explanation: UInt8, Sendable {
        case none = 0
        /// A wide complex that is no right bundle branch block: a left block, a paced or a ventricular beat.
        case leftBlock = 1
        case rightBlock = 2
        /// Left ventricular hypertrophy by voltage.
        case hypertrophy = 3
        /// Elevation of the anterior leads alone that fits early repolarisation.
        case earlyRepolarisation = 4
    }

    /// Whether at least one pair of neighbouring leads was measured.
    public var isKnown = false
    /// By how many times its limit the lesser of the two leads that tell most is raised or lowered; below 0 on the other side.
    public var elevation: Float = -1
    public var depression: Float = -1
    /// These two leads, or the one lead that counts alone under a wide complex.
    public var elevationLeads = LeadSet.empty
    public var depressionLeads = LeadSet.empty
    public var explanation = Explanation.none

    @_noAllocation @_noLocks
    init() {}
}

/// Limits of ST by lead, age and sex, in two neighbouring leads.
///
/// - Elevation at J: 0.1 mV; in V2 and V3 0.25 mV of men below 40, 0.2 mV of men from 40 on, 0.15 mV of women (fourth universal definition of myocardial
///   infarction, ESC/ACC/AHA/WHF 2018). Without sex and age the lowest that they may have.
/// - Depression: 0.05 mV at J and 60 ms after it (the same).
/// - Against the patient's own baseline the limits are those of elevation, and 0.1 mV for depression (Drew 2004, AHA), on that side of the level before QRS.
/// - Under a wide complex that is no right block Sgarbossa's criteria as Smith changed them (2012): elevation of 0.1 mV in a lead whose complex is positive, depression of
///   0.1 mV in V1 to V3 whose complex is negative, or elevation of a quarter of S and 0.1 mV. One lead suffices.
/// - Of a wide complex at more than 120 a minute nothing is said.
/// - Under hypertrophy elevation of V1 to V3 counts from a quarter of S on (Armstrong 2012), and depression of I, aVL and V4 to V6 does not.
/// - Elevation of V2 to V4 alone, without depression elsewhere, is early repolarisation where Smith's formula of 2012 says so.
public struct STCriteria {
    private let values: Measurement
    private let patient: PatientFacts
    private let leads: LeadSet
    private var findings = STFindings()

    /// Milliseconds from which a complex is wide; ours measure 10 longer than those that 120 ms were set for.
    private static var wide: Float { @_noAllocation @_noLocks get { 130 } }
    private static var minusAVR: Int { @_noAllocation @_noLocks get { 12 } }

    private init(_ values: Measurement, _ patient: PatientFacts, _ leads: LeadSet) {
        self.values = values
        self.patient = patient
        self.leads = leads
    }

    /// Judges a measurement.
    ///
    /// - Parameters:
    ///   - patient: age and sex, where they are known.
    ///   - leads: those whose place and voltage are certain; others say nothing.
    ///   - baseline: the patient's own levels, once there are any.
    @_noAllocation @_noLocks
    public static func judge(_ values: Measurement, patient: PatientFacts, leads: LeadSet, baseline: STBaseline) -> STFindings {
        var criteria = STCriteria(values, patient, leads)
        criteria.judge()
        if criteria.findings.isKnown, let qrs = values.qrs, let usual = baseline.qrs, (qrs - usual).magnitude < 20 {
            criteria.compare(baseline)
        }
        return criteria.findings
    }

    private mutating func judge() {
        guard let qrs = values.qrs else { return }
        // A wide and fast rhythm may be a ventricle's own, of which ST says nothing.
        if qrs >= Self.wide, (values.heartRate ?? 0) > 120 { return }
        findings.explanation = explanation(qrs)
        for pair in 0..<Self.pairs { weigh(Self.pair(pair), qrs: qrs) }
        if case .leftBlock = findings.explanation {
            findings.elevation = -1
            findings.elevationLeads = .empty
            judgeWide()
        } else if isEarlyRepolarisation() {
            findings.explanation = .earlyRepolarisation
            findings.elevation = least(findings.elevation, 0.99)
        }
    }

    /// Right block: a second R in V1, or a complex that is positive there; hypertrophy: Sokolow-Lyon 3.5 mV or Cornell 2.8 mV, 2.0 of women.
    private func explanation(_ qrs: Float) -> STFindings.Explanation {
        if qrs >= Self.wide {
            let v1 = values.lead[6]
            let isRight = leads.contains(.V1) && (v1.rPrime != nil || (v1.r ?? 0) > -(v1.s ?? v1.q ?? 0))
            return isRight ? .rightBlock : .leftBlock
        }
        var limit: Float = 2.8
        if case .female = patient.sex { limit = 2 }
        if let sum = values.sokolowLyon, sum >= 3.5 { return .hypertrophy }
        if let sum = values.cornell, sum >= limit { return .hypertrophy }
        return .none
    }

    private mutating func weigh(_ pair: (Int, Int), qrs: Float) {
        guard let first = level(pair.0), let second = level(pair.1) else { return }
        findings.isKnown = true
        let up = least(elevation(pair.0, first.j), elevation(pair.1, second.j))
        if up > findings.elevation {
            findings.elevation = up
            findings.elevationLeads = Self.set(pair)
        }
        // Depression under a wide complex follows the complex.
        guard qrs < 120, !hidesDepression(pair.0), !hidesDepression(pair.1) else { return }
        let down = least(-most(first.j, first.j60), -most(second.j, second.j60)) / 0.05
        if down > findings.depression {
            findings.depression = down
            findings.depressionLeads = Self.set(pair)
        }
    }

    /// The level of a lead at J and 60 ms later; lead 12 is aVR turned round.
    private func level(_ lead: Int) -> (j: Float, j60: Float)? {
        let place = lead == Self.minusAVR ? 3 : lead
        guard leads.contains(index: place), let j = values.lead[place].j, let j60 = values.lead[place].j60 else { return nil }
        return lead == Self.minusAVR ? (-j, -j60) : (j, j60)
    }

    private func elevation(_ lead: Int, _ level: Float) -> Float {
        let ratio = level / limit(lead)
        guard case .hypertrophy = findings.explanation, lead >= 6, lead <= 8 else { return ratio }
        let depth = -(values.lead[lead].s ?? values.lead[lead].q ?? 0)
        return depth > 0 ? least(ratio, level / (0.25 * depth)) : ratio
    }

    private func limit(_ lead: Int) -> Float {
        guard lead == 7 || lead == 8 else { return 0.1 }
        guard case .male = patient.sex else { return 0.15 }
        return patient.age > 0 && patient.age < 40 ? 0.25 : 0.2
    }

    private func hidesDepression(_ lead: Int) -> Bool {
        guard case .hypertrophy = findings.explanation else { return false }
        return lead == 0 || lead == 4 || lead >= 9 && lead <= 11
    }

    private mutating func judgeWide() {
        for lead in 0..<12 where lead != 3 {
            guard let level = level(lead) else { continue }
            let own = values.lead[lead]
            let depth = -least(own.s ?? 0, own.q ?? 0)
            let isPositive = (own.r ?? 0) > depth
            if isPositive {
                tellAlone(lead, level.j / 0.1)
            } else {
                if depth > 0 { tellAlone(lead, least(level.j / 0.1, level.j / (0.25 * depth))) }
                if lead >= 6, lead <= 8 { tellAlone(lead, -level.j / 0.1) }
            }
        }
    }

    private mutating func tellAlone(_ lead: Int, _ ratio: Float) {
        guard ratio > findings.elevation else { return }
        findings.elevation = ratio
        findings.elevationLeads = LeadSet(rawValue: 1 &<< UInt16(truncatingIfNeeded: lead))
    }

    /// Smith 2012: 1.196 x ST 60 ms after J in V3 + 0.059 x QTc by Bazett - 0.326 x R in V4, in tenths of a millivolt, is 23.4 at most; for elevation
    /// below 0.5 mV, upward, of V2 to V4 alone, where no lead is lowered.
    private func isEarlyRepolarisation() -> Bool {
        guard case .none = findings.explanation, findings.elevation >= 1, findings.depression < 1 else { return false }
        guard findings.elevationLeads.subtracting(LeadSet(rawValue: 0x0380)).isEmpty else { return false }
        guard let v3 = level(8), let slope = values.lead[8].slope, let r = values.lead[9].r, let qtc = values.qtc(.bazett) else {
            return false
        }
        for lead in 0..<12 {
            guard let level = level(lead) else { continue }
            let isAnterior = lead >= 7 && lead <= 9
            if level.j >= 0.5 || (!isAnterior && lead != 3 && lead != 6 && (level.j <= -0.05 || level.j >= 0.1)) { return false }
        }
        return slope > 0 && 11.96 * v3.j60 + 0.059 * qtc - 3.26 * r <= 23.4
    }

    /// What has changed against the patient's own levels.
    private mutating func compare(_ baseline: STBaseline) {
        for index in 0..<Self.pairs {
            let pair = Self.pair(index)
            guard let first = change(pair.0, baseline), let second = change(pair.1, baseline) else { continue }
            if first.level >= 0.05, second.level >= 0.05 {
                let up = least(first.change / limit(pair.0), second.change / limit(pair.1))
                if up > findings.elevation {
                    findings.elevation = up
                    findings.elevationLeads = Self.set(pair)
                }
            }
            if first.level <= -0.05, second.level <= -0.05 {
                let down = least(-first.change, -second.change) / 0.1
                if down > findings.depression {
                    findings.depression = down
                    findings.depressionLeads = Self.set(pair)
                }
            }
        }
    }

    private func change(_ lead: Int, _ baseline: STBaseline) -> (level: Float, change: Float)? {
        guard let level = level(lead), let usual = baseline.level(lead == Self.minusAVR ? 3 : lead) else { return nil }
        return (level.j, level.j - (lead == Self.minusAVR ? -usual : usual))
    }

    private static var pairs: Int { @_noAllocation @_noLocks get { 10 } }

    /// Neighbours in the frontal plane (Cabrera's order) and on the chest.
    private static func pair(_ index: Int) -> (Int, Int) {
        switch index {
        case 0: (4, 0)
        case 1: (0, minusAVR)
        case 2: (minusAVR, 1)
        case 3: (1, 5)
        case 4: (5, 2)
        default: (index &+ 1, index &+ 2)
        }
    }

    private static func set(_ pair: (Int, Int)) -> LeadSet {
        LeadSet(rawValue: bit(pair.0) | bit(pair.1))
    }

    private static func bit(_ lead: Int) -> UInt16 { 1 &<< UInt16(truncatingIfNeeded: lead == minusAVR ? 3 : lead) }
}
