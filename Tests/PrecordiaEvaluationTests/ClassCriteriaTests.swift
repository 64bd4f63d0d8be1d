// The criteria that the program answers are those of models/code66-sources.csv, and an exam gets what its values say.

import PrecordiaExams
import PrecordiaFormats
import PrecordiaMeasure
import PrecordiaSession
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@testable import PrecordiaEvaluation

@Suite("Criteria of classes")
struct ClassCriteriaTests {
    @Test("are those of the table, in its order")
    func table() throws {
        #expect(try ClassRules.shipped().criteria == ClassCriteria.codes)
    }

    @Test(
        "are met by what they are named after and not by a normal exam",
        arguments: [
            (Rhythm.normalSinus, []), (.sinusBradycardia, ["SB"]), (.sinusTachycardia, ["ST"]), (.firstDegreeBlock, ["1AVB"]),
            (.leftBundleBranchBlock, ["LBBB"]), (.rightBundleBranchBlock, ["RBBB"]), (.ventricularTachycardia, []),
            (.anteriorElevation, ["STEMI"]), (.inferiorElevation, ["STEMI", "STD"]), (.lateralElevation, ["STEMI", "STD"]),
            (.wenckebach, ["2AVB-I"]), (.mobitz2, ["2AVB-II"]), (.twoToOneBlock, ["2AVB-21"]), (.completeBlock, ["3AVB", "VESC", "RBBB"]),
            (.atrialFibrillation, []), (.prematureAtrial, []), (.prematureVentricular, []),
        ] as [(Rhythm, [String])])
    func named(rhythm: Rhythm, met: [String]) throws {
        let folder = try TemporaryFolder()
        let listing = try MeasureListing(record: try folder.record("a", seconds: 10, rhythm: rhythm))
        let criteria = ClassCriteria(listing)
        let looked = [
            "ST", "SB", "1AVB", "SPR", "LBBB", "RBBB", "VT", "NSVT", "AIVR", "STEMI", "STD", "TECH-REV", "TECH-PREC", "SPAUSE", "BRU",
            "LVH", "BVH", "BAE", "ER",
            "EAR", "AT", "JR", "AJR", "VESC", "PAC-NC", "IAVD", "2AVB-I", "2AVB-II", "2AVB-21", "AVB-HG", "3AVB",
        ]
        #expect(Set(looked.filter { criteria.isMet($0) == true }) == Set(met))
        #expect(criteria.isMet("WAP") == nil)
        // Beats of a run that fills an exam are not named one by one: that is no "no".
        guard rhythm == .ventricularTachycardia else { return }
        for code in ["VT", "NSVT", "STEMI", "STD"] { #expect(criteria.isMet(code) == nil, "\(code)") }
    }

    @Test("exchanged chest electrodes are told, and those that are not are not")
    func chest() throws {
        let folder = try TemporaryFolder()
        let record = try folder.record("a", seconds: 10)
        #expect(ClassCriteria(try MeasureListing(record: record)).isMet("TECH-PREC") == false)
        let exchanged = try LeadNaming("V2=V4,V4=V2")
        #expect(ClassCriteria(try MeasureListing(record: record, naming: exchanged)).isMet("TECH-PREC") == true)
        let few = try LeadNaming("V3=none")
        #expect(ClassCriteria(try MeasureListing(record: record, naming: few)).isMet("TECH-PREC") == nil)
    }

    @Test("a combination asks the network and the value alike, and neither is a probability of 0 or 1")
    func combined() throws {
        let slow = try #require(ClassCombination.all.first { $0.code == "SB" })
        let unsure = slow.probability(network: 0.2, value: 75)
        #expect(slow.probability(network: 0.2, value: 48) > slow.threshold && unsure < slow.threshold)
        #expect(slow.probability(network: 0.9, value: 75) > unsure && slow.probability(network: 0.2, value: nil) < 1)
        for network in [0, 1] as [Double] {
            for value in [nil, -1e9, 1e9] as [Double?] { #expect((0...1).contains(slow.probability(network: network, value: value))) }
        }
        let folder = try TemporaryFolder()
        let listing = try MeasureListing(record: try folder.record("a", seconds: 10, rhythm: .firstDegreeBlock))
        let told = MeasuredColumns(listing) { $0 == "1AVB" ? 0.5 : nil }
        let place = try #require(MeasuredColumns.combined.firstIndex(of: "combined:1AVB"))
        #expect(told.scores[place].isMet == true && abs(told.scores[place].value! - 300) < 10)
        #expect(told.scores.indices.allSatisfy { $0 == place || told.scores[$0].isMet == nil })
    }

    @Test("age and sex are read from a header's comments")
    func people() {
        let facts = ClassCriteria.patient(["Age: 74", "Sex: Male", "Dx: RBBB"])
        #expect(facts.age == 74 && facts.sex == .male)
        let none = ClassCriteria.patient(["Age: NaN", "Dx: STE"])
        #expect(none.age == 0 && none.sex == .unknown)
    }
}
