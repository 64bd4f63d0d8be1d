// Limits of ST by lead, age and sex, and what else explains a level.

import PrecordiaSignal
import Testing

@testable import PrecordiaMeasure

/// A measurement of all leads at 0 with R of 0.5 mV, but for levels given by lead's name.
private func measured(_ levels: [Lead: Float], qrs: Float = 100, change: (inout Measurement) -> Void = { _ in }) -> Measurement {
    var values = Measurement()
    values.qrs = qrs
    values.qt = 400
    values.interval = 1000
    for lead in 0..<12 {
        values.lead[lead].r = 0.5
        values.lead[lead].slope = -1
        values.lead[lead].j = levels[Lead(rawValue: UInt8(lead))!] ?? 0
        values.lead[lead].j60 = values.lead[lead].j
    }
    change(&values)
    return values
}

private func set(_ leads: Lead...) -> LeadSet { leads.reduce(.empty) { $0.union(LeadSet($1)) } }

private func judged(
    _ values: Measurement, _ patient: PatientFacts = PatientFacts(), leads: LeadSet = .all, baseline: STBaseline = STBaseline()
) -> STFindings {
    STCriteria.judge(values, patient: patient, leads: leads, baseline: baseline)
}

@Suite("Criteria of ST")
struct STCriteriaTests {
    @Test("two neighbours at 0.1 mV are at the limit, and one alone is not")
    func pair() {
        let both = judged(measured([.II: 0.1, .aVF: 0.12]))
        #expect(both.elevation == 1 && both.elevationLeads == set(.II, .aVF) && both.isKnown)
        #expect(judged(measured([.II: 0.5])).elevation == 0)
        #expect(judged(measured([.I: 0.2, .III: 0.2])).elevation == 0, "no neighbours")
        #expect(judged(measured([.aVR: -0.2, .I: 0.2])).elevation == 2, "aVR turned round lies between I and II")
    }

    @Test(
        "V2 and V3 have the limits of age and sex, and the lowest where these are not known",
        arguments: [
            (PatientFacts(), 0.3 / 0.15), (PatientFacts(age: 30, sex: .male), 0.3 / 0.25), (PatientFacts(age: 40, sex: .male), 0.3 / 0.2),
            (PatientFacts(sex: .male), 0.3 / 0.2), (PatientFacts(age: 30, sex: .female), 0.3 / 0.15), (PatientFacts(age: 30), 0.3 / 0.15),
        ] as [(PatientFacts, Float)])
    func people(patient: PatientFacts, ratio: Float) {
        #expect(abs(judged(measured([.V2: 0.3, .V3: 0.3]), patient).elevation - ratio) < 1e-5)
    }

    @Test("depression counts at J and 60 ms later, in two neighbours")
    func depression() {
        let low = judged(measured([.V4: -0.1, .V5: -0.15]))
        #expect(low.depression == 2 && low.depressionLeads == set(.V4, .V5))
        #expect(judged(measured([.V4: -0.1, .V5: -0.1]) { $0.lead[9].j60 = 0 }).depression <= 0)
    }

    @Test("a lead whose place is not certain says nothing")
    func uncertain() {
        #expect(judged(measured([.II: 0.3, .aVF: 0.3]), leads: set(.V1, .V2)).elevation == 0)
        #expect(!judged(measured([.II: 0.3, .aVF: 0.3]), leads: set(.V1)).isKnown)
        #expect(!judged(Measurement()).isKnown)
    }

    @Test(
        "elevation against a wide negative complex counts from a quarter of S on, with a positive one from 0.1 mV, and depression under it never"
    )
    func wide() {
        let block = { (level: Float) in
            measured([.V1: level, .V2: level, .V6: -0.1], qrs: 160) { values in
                for lead in 6...8 { (values.lead[lead].r, values.lead[lead].s) = (0.1, -2) }
            }
        }
        let usual = judged(block(0.3))
        #expect(usual.explanation == .leftBlock && usual.elevation < 1 && usual.depression < 0)
        #expect(judged(block(0.6)).elevation >= 1)
        let same = judged(measured([.V6: 0.15], qrs: 160) { $0.lead[6].s = -1 })
        #expect(same.elevation >= 1 && same.elevationLeads == set(.V6), "one lead suffices")
        #expect(!judged(measured([.V6: 0.15], qrs: 160) { $0.heartRate = 121 }).isKnown)
        let right = judged(measured([.II: 0.2, .aVF: 0.2], qrs: 160) { $0.lead[6].rPrime = 0.8 })
        #expect(right.explanation == .rightBlock && right.elevation == 2)
    }

    @Test("under hypertrophy V1 to V3 count from a quarter of S on, and depression of lateral leads does not")
    func hypertrophy() {
        let strain = judged(
            measured([.V1: 0.3, .V2: 0.3, .V5: -0.2, .V6: -0.2]) { values in
                values.sokolowLyon = 4.5
                for lead in 6...8 { values.lead[lead].s = -2.5 }
            })
        #expect(strain.explanation == .hypertrophy && strain.elevation < 1 && strain.depression <= 0)
        #expect(judged(measured([.II: 0.2, .aVF: 0.2]) { $0.cornell = 3 }).elevation == 2)
    }

    @Test("a rising anterior ST before tall R is early repolarisation, and none with a lowered lead, a falling ST or small R")
    func early() {
        let anterior = { (r: Float, slope: Float, inferior: Float) in
            measured([.V2: 0.2, .V3: 0.2, .III: inferior]) { values in
                values.lead[9].r = r
                for lead in 7...9 { values.lead[lead].slope = slope }
            }
        }
        let usual = judged(anterior(1.8, 1, 0))
        #expect(usual.explanation == .earlyRepolarisation && usual.elevation < 1)
        for other in [anterior(0.3, 1, 0), anterior(1.8, -1, 0), anterior(1.8, 1, -0.1)] {
            #expect(judged(other).explanation == .none && judged(other).elevation > 1)
        }
    }

    @Test("what has changed against the patient's own levels counts, what was there does not count again, and not beside another complex")
    func baseline() {
        var baseline = STBaseline()
        for _ in 0..<STBaseline.needed { baseline.add(measured([.V2: 0.1, .V3: 0.1, .II: -0.04, .aVF: -0.04]), leads: .all) }
        #expect(baseline.isWhole && baseline.qrs == 100)
        let same = judged(measured([.V2: 0.1, .V3: 0.1, .II: -0.04, .aVF: -0.04]), baseline: baseline)
        #expect(same.elevation < 1 && same.depression < 1)
        #expect(judged(measured([.I: 0.1, .aVL: 0.1]), baseline: baseline).elevation == 1)
        let man = PatientFacts(age: 30, sex: .male)
        #expect(judged(measured([.V2: 0.36, .V3: 0.36], qrs: 100) { $0.cornell = 3 }, man, baseline: baseline).elevation > 1)
        let lower = judged(measured([.II: -0.14, .aVF: -0.14]) { $0.qrs = 125 }, baseline: baseline)
        #expect(lower.depression < 1, "the complex is another")
        var late = STBaseline()
        late.add(measured([.V2: 0.1]), leads: set(.V2))
        #expect(!late.isWhole && late.level(7) == nil)
    }
}
