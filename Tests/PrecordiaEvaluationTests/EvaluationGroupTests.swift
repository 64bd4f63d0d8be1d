// Parts of the exams and alarms: who belongs to which group, which labels groups share, what counts as found.
// Apart from the data sets' tests: here the answers are made up, so every figure can be worked out by hand.

import Foundation
import PrecordiaHost
import PrecordiaSession
import Testing

@testable import PrecordiaEvaluation

@Suite struct EvaluationGroupTests {
    @Test("exams are divided by age, sex and device; spellings of a device are one, and 300 is above 89")
    func groups() throws {
        func groups(_ who: String) throws -> [String] {
            try SmallPTBXL(rows: [SmallPTBXL.row(1, "{'SR': 0.0}", fold: 9, who: who)]).plan().exams[0].groups
        }
        #expect(try groups("39.0,0,") == ["under 40", "male", "not given"])
        #expect(try groups("40.0,1,CS-12   E") == ["40 to 59", "female", "other"])
        #expect(try groups("300.0,,AT-6") == ["80 and more", "not given", "other"])
        #expect(PTBXLGroups.device("AT-6 C 5.5") == "AT-6 C" && PTBXLGroups.device("AT-6 C") == "AT-6 C")
        #expect(PTBXLGroups.device("CS100    3") == "CS100" && PTBXLGroups.device("CS-12   E") == "CS-12 E")
        for (who, problem) in [("301,0,", "line 2: age is 301; years"), ("50,2,", "line 2: sex is 2; 0 (male)")] {
            let small = try SmallPTBXL(rows: [SmallPTBXL.row(1, "{'SR': 0.0}", fold: 9, who: who)])
            do throws(RuntimeError) {
                _ = try small.plan()
                Issue.record("\(who) was taken")
            } catch { #expect("\(error)".contains(problem), "\(error)") }
        }
    }

    /// Exams of which `positives` state the label and have the larger probability but for the last, which has the smallest of all.
    private func exams(_ group: String, positives: [String: Int], count: Int) -> [ExamAnswer] {
        let codes = ["A", "B"]
        return (0..<count).map { place in
            let stated = Set(codes.filter { place < positives[$0, default: 0] })
            let probabilities = codes.map { code in
                place + 1 == positives[code] ? 0.0 : stated.contains(code) ? 0.9 : 0.1
            }
            return ExamAnswer(codes: stated, groups: [group], probabilities: probabilities, classProbabilities: [])
        }
    }

    @Test("groups are compared over the labels that each large one has; alarms are counted at their own threshold")
    func subgroups() throws {
        func label(_ code: String, _ priority: UInt8) -> Vocabulary.Statement {
            Vocabulary.Statement(code: code, words: code, group: "", threshold: 0.05, alarmThreshold: 0.5, priority: priority)
        }
        let task = EvaluationTask(
            name: "all", title: "",
            labels: [0, 1].map { JudgedLabel(code: ["A", "B"][$0], words: "", stated: [["A", "B"][$0]], source: .labels([$0])) },
            needsLabel: false)
        let answers =
            exams("x", positives: ["A": 10, "B": 5], count: 100) + exams("y", positives: ["A": 5, "B": 4], count: 120)
            + exams("z", positives: ["B": 6], count: 20)
        let scorer = TaskScorer(vocabulary: Vocabulary(statements: [label("A", 3), label("B", 0)], classes: []), answers: answers)
        let score = try scorer.subgroups(
            Grouping(kind: "letter", groups: ["x", "nobody", "y", "z"]), place: 0, task, Bootstrap(samples: 20)
        ) { (_) throws(RuntimeError) in }
        #expect(score.shared == ["A"])
        #expect(score.groups.map(\.name) == ["x", "y", "z"] && score.groups.map(\.exams) == [100, 120, 20])
        #expect(score.groups.map(\.labels) == [2, 1, 1])
        #expect((score.groups[0].auroc - (0.9 + 0.8) / 2).magnitude < 1e-12)
        #expect((score.groups[0].sharedAUROC - 0.9).magnitude < 1e-12 && (score.groups[1].sharedAUROC - 0.8).magnitude < 1e-12)
        #expect(score.groups[2].sharedAUROC.isNaN && score.groups.map { $0.interval != nil } == [true, true, false])
        #expect(score.groups.map(\.alarmed) == [0.09, 4.0 / 120, 0] && score.groups.map(\.alertingStated) == [0.1, 5.0 / 120, 0])
        let alarms = scorer.alarms(task)
        #expect(alarms.statements.map(\.code) == ["A"] && alarms.quiet == 225 && alarms.disturbed == 0)
        #expect(alarms.statements[0].positives == 15 && alarms.statements[0].found == 13 && alarms.statements[0].falsely == 0)
    }
}
