// The figures of an evaluation against scikit-learn's, and the bootstrap against itself.
// Apart from the data sets: nothing here reads a record.

import Foundation
import PrecordiaHost
import PrecordiaSimulator
import Testing

@testable import PrecordiaEvaluation

@Suite struct EvaluationFigureTests {
    /// A case of Vectors/figures.txt.
    struct Case: CustomTestStringConvertible {
        var name: String
        var probabilities: [Double] = []
        var stated: [Bool] = []
        var named: [Bool] = []
        var weights: [UInt16] = []
        var expected: [String: Double] = [:]

        var testDescription: String { name }

        static let all: [Case] = {
            let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/figures.txt")
            let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
            var cases: [Case] = []
            for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                let fields = line.split(separator: " ").map(String.init)
                guard fields[0] != "case" else {
                    cases.append(Case(name: fields[1]))
                    continue
                }
                cases[cases.count - 1].take(fields)
            }
            return cases
        }()

        private mutating func take(_ fields: [String]) {
            guard fields[0] == "exam" else {
                expected[fields[0]] = Double(fields[1])
                return
            }
            probabilities.append(Double(fields[1]) ?? .nan)
            stated.append(fields[2] == "1")
            named.append(fields[3] == "1")
            weights.append(UInt16(fields[4]) ?? 0)
        }

        var ranked: RankedLabel { RankedLabel(probabilities: probabilities, stated: stated, named: named) }
    }

    @Test("there are cases to compare with") func cases() { #expect(Case.all.count == 13) }

    @Test("every figure is scikit-learn's", arguments: Case.all)
    func figures(of example: Case) throws {
        let found = example.ranked.figures(weights: example.weights)
        for figure in Figure.allCases {
            let expected = try #require(example.expected[figure.name])
            #expect(found[figure].isNaN == expected.isNaN, "\(figure)")
            if !expected.isNaN { #expect((found[figure] - expected).magnitude < 1e-12, "\(figure): \(found[figure]), \(expected)") }
        }
        if let threshold = example.expected["f_max_threshold"] {
            #expect(example.ranked.fMaxThreshold == (threshold.isNaN ? nil : threshold))
        }
    }

    @Test("an exam that counts twice is as good as two exams")
    func weights() {
        let label = RankedLabel(
            probabilities: [0.9, 0.5, 0.5, 0.2], stated: [true, false, true, false], named: [true, true, true, false])
        let repeated = RankedLabel(
            probabilities: [0.9, 0.5, 0.5, 0.5, 0.2, 0.2], stated: [true, false, true, true, false, false],
            named: [true, true, true, true, false, false])
        let twice = label.figures(weights: [1, 1, 2, 2])
        let once = repeated.figures(weights: [1, 1, 1, 1, 1, 1])
        for figure in Figure.allCases { #expect((twice[figure] - once[figure]).magnitude < 1e-15) }
    }

    @Test("a sample that holds no exam leaves every figure undefined")
    func empty() {
        let none = RankedLabel(probabilities: [0.5], stated: [true], named: [true]).figures(weights: [0])
        #expect(Figure.allCases.allSatisfy { none[$0].isNaN })
        #expect(RankedLabel(probabilities: [], stated: [], named: []).figures(weights: [])[.auroc].isNaN)
    }

    @Test("the mean is over labels with positives")
    func mean() {
        let good = RankedLabel(probabilities: [0.9, 0.1], stated: [true, false], named: [true, false]).figures(weights: [1, 1])
        let bad = RankedLabel(probabilities: [0.1, 0.9], stated: [true, false], named: [false, true]).figures(weights: [1, 1])
        let none = RankedLabel(probabilities: [0.9, 0.9], stated: [false, false], named: [true, true]).figures(weights: [1, 1])
        let all = RankedLabel(probabilities: [0.9, 0.9], stated: [true, true], named: [true, true]).figures(weights: [1, 1])
        let mean = Figures.mean([good, bad, none, all])
        #expect(mean[.auroc] == 0.5)
        #expect(mean[.specificity] == 0.5)
        #expect(mean[.sensitivity] == 2.0 / 3.0)
        #expect(Figures.mean([none])[.brier].isNaN)
    }

    @Test("percentiles are numpy's")
    func percentiles() throws {
        let interval = try #require(Interval([4, .nan, 1, 3, 2]))
        #expect((interval.low - 1.075).magnitude < 1e-15)
        #expect((interval.high - 3.925).magnitude < 1e-15)
        #expect(Interval([7]) == Interval([7, 7, .nan]))
        #expect(Interval([.nan]) == nil && Interval([]) == nil)
    }

    private func intervals(_ samples: Int, seed: UInt64) throws -> Bootstrap.Intervals {
        let labels = Case.all.filter { $0.probabilities.count == 60 }.map(\.ranked)
        return try Bootstrap(samples: samples, seed: seed).intervals(labels, exams: 60) { (_) throws(RuntimeError) in }
    }

    @Test("the same seed gives the same intervals, another seed others")
    func determinism() throws {
        let first = try intervals(200, seed: 1)
        let again = try intervals(200, seed: 1)
        let other = try intervals(200, seed: 2)
        #expect(first.mean == again.mean && first.labels == again.labels)
        #expect(first.mean != other.mean)
        #expect(Random(seed: 1).firstThree == [0x910A_2DEC_8902_5CC1, 0xBEEB_8DA1_658E_EC67, 0xF893_A2EE_FB32_555E])
    }

    @Test("an interval holds the figure of a label with exams enough")
    func coverage() throws {
        let example = try #require(Case.all.first { $0.name == "distinct" })
        let figures = example.ranked.figures(weights: Array(repeating: 1, count: 60))
        let interval = try #require(try intervals(500, seed: 1).labels[0][.auroc])
        #expect(interval.low < figures[.auroc] && figures[.auroc] < interval.high)
        #expect(interval.high - interval.low > 0.02)
    }

    @Test("no samples, no intervals; an interruption ends the drawing")
    func ends() throws {
        #expect(try intervals(0, seed: 1).mean.isEmpty)
        var drawn = 0
        #expect(throws: RuntimeError.interrupted(file: "x")) {
            try Bootstrap(samples: 100).intervals([Case.all[0].ranked], exams: 2) { (sample) throws(RuntimeError) in
                drawn = sample
                if sample == 3 { throw .interrupted(file: "x") }
            }
        }
        #expect(drawn == 3)
    }
}

extension Random {
    fileprivate var firstThree: [UInt64] {
        var copy = self
        return [copy.bits(), copy.bits(), copy.bits()]
    }
}
