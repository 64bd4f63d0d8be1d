// Which exams a trial takes, and which of its alarms are false.

import FoundationEssentials
import PrecordiaTestSupport
import Testing

@testable import PrecordiaEvaluation

@Suite struct PolicyTrialTests {
    @Test("an exam with two targets serves one of them, the rarer")
    func once() throws {
        let folder = try TemporaryFolder()
        var rows = ["patient_id,scp_codes,strat_fold,filename_lr"]
        for (number, codes) in ["'AFIB': 100.0", "'AFIB': 0.0, '3AVB': 100.0", "'AFIB': 0.0", "'NORM': 100.0", "'AFLT': 0.0, 'AFIB': 0.0"]
            .enumerated()
        {
            rows.append("\(number),\"{\(codes)}\",9,r\(number)")
        }
        try (rows.joined(separator: "\n") + "\n").write(toFile: folder.file("ptbxl_database.csv"), atomically: true, encoding: .utf8)
        var pool = try ExamPool(folder: folder.path, folds: [9], alarms: ["AFIB", "AFLT", "3AVB"], seed: 1)
        let drawn = pool.takeAlarming(["AFIB", "AFLT", "3AVB", "STE_"])
        #expect(drawn.map(\.target) == ["AFIB", "AFLT", "3AVB", "STE_"])
        #expect(drawn.map { $0.exams.map { String($0.path.suffix(2)) }.sorted() } == [["r0", "r2"], ["r4"], ["r1"], []])
        #expect(pool.alarming.isEmpty && pool.normal.count == 1)
    }

    @Test("only an alarm that may tell of the episode is right in it")
    func judged() {
        var stream = StitchedStream(name: "made")
        stream.episodes = [.init(target: "AFIB", start: 1000, end: 2000)]
        var judged = PolicyTrial.Judged()
        judged.alarms = [
            ("AFIB", 999), ("AFIB", 1700), ("heart-rate-high", 1800), ("AFIB", 3499), ("AFIB", 3500), ("vt-suspected", 9000),
        ]
        PolicyTrial.judge(&judged, stream)
        #expect(judged.delays == ["AFIB": [7.0]])
        #expect(judged.falseAlarms == ["AFIB": 2, "heart-rate-high": 1, "vt-suspected": 1])
    }
}
