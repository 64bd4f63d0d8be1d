// Records of few, odd or damaged leads through the program: played, listed, classified and described, with words for what is left out.

import Foundation
import PrecordiaEngine
import PrecordiaExams
import PrecordiaFormats
import PrecordiaHost
import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator
import PrecordiaTestSupport
import Testing

@Suite("Records of few leads") struct FewLeadRecordTests {
    private let folder = try! TemporaryFolder()
    private let model = try! LoadedModel.shipped()

    /// A simulated record whose signals are called so; each name's lead is the one behind it.
    private func record(_ signals: [(name: String, lead: Lead)], seconds: Int = 12, rate: Int = 250) throws -> String {
        let path = folder.file("r")
        var simulator = Simulator(rate: rate, seed: 5, rhythm: .normalSinus, noise: .resting)
        var bytes: [UInt8] = []
        var sums = [Int](repeating: 0, count: signals.count)
        var frame = Frame(index: 0)
        for _ in 0..<(seconds * rate) {
            simulator.next(into: &frame)
            for (place, signal) in signals.enumerated() {
                let count = Int16(frame.counts[Int(signal.lead.rawValue)])
                sums[place] += Int(count)
                bytes += [UInt8(truncatingIfNeeded: count), UInt8(truncatingIfNeeded: count >> 8)]
            }
        }
        var header = "r \(signals.count) \(rate) \(seconds * rate)\n"
        for (place, signal) in signals.enumerated() {
            header += "r.dat 16 1000(0)/mV 16 0 0 \(Int16(truncatingIfNeeded: sums[place])) 0 \(signal.name)\n"
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path + ".dat"))
        try Data(header.utf8).write(to: URL(fileURLWithPath: path + ".hea"))
        return path
    }

    private func played(_ path: String, _ naming: LeadNaming = LeadNaming()) throws -> (lines: String, warnings: [String]) {
        let output = ByteOutput.collecting()
        let replay = Replay(model: model, options: .init(), speed: .max, format: .lines(top: 1), output: output, naming: naming)
        var warnings: [String] = []
        _ = try replay.play(record: path) { warnings = $0.warnings }
        return (text(output.collected), warnings)
    }

    @Test("two leads give beats and a rate, no fault, and a classifier that says too few leads")
    func two() throws {
        let path = try record([("MLII", .II), ("V5", .V5)])
        let (lines, warnings) = try played(path)
        #expect(warnings.isEmpty && lines.contains("\"leads\":[\"II\",\"V5\"],\"frames\"") && !lines.contains("unplaced"))
        #expect(lines.contains("\"event\":\"heartRate\"") && !lines.contains("alertRaised") && lines.contains("\"samplesMissing\":0"))
        #expect(lines.contains("\"reasons\":[\"tooFewLeads\",\"absentLeads\"],\"leads\":[]") && !lines.contains("\"event\":\"window\""))
        #expect(try BeatListing(record: path).beats.count >= 9)
        let result = try ExamClassifier(model: model).classify(record: path)
        #expect(result.quality == "unknown;absent:I+III+aVR+aVL+aVF+V1+V2+V3+V4+V6" && result.noAnswer == "too few leads")
        let window = try #require(try RecordQuality.windows(record: path).first)
        #expect(window.isAcceptable && window.report.index.worst > 0.9)
        let cells = RecordQuality.row(window, record: "r").split(separator: ",", omittingEmptySubsequences: false)
        #expect(cells.count == 18 && cells[6...].indices.filter { !cells[$0].isEmpty } == [7, 16])
    }

    @Test("signals called ECG give beats in free places, and --leads says which they are")
    func unnamed() throws {
        let path = try record([("ECG", .II), ("ECG", .V1)])
        let (lines, warnings) = try played(path)
        #expect(warnings.count == 1 && lines.contains("\"unplaced\":[\"II\",\"V5\"]"))
        #expect(try BeatListing(record: path).beats.count >= 9)
        #expect(try ExamClassifier(model: model).classify(record: path).quality.hasSuffix(";unplaced:II+V5"))
        let naming = try LeadNaming("ECG=II,ECG=V1")
        let named = try played(path, naming)
        #expect(named.warnings.isEmpty && named.lines.contains("\"leads\":[\"II\",\"V1\"],\"frames\""))
        #expect(try BeatListing(record: path, naming: naming).beats.count >= 9)
        #expect(
            try ExamClassifier(model: model, naming: naming).classify(record: path).quality.hasSuffix(
                "absent:I+III+aVR+aVL+aVF+V2+V3+V4+V5+V6"))
        #expect(try RecordReport.lines(path: path, naming: naming).lines.contains("Leads: II V1"))
    }

    @Test("a lead of twelve that is damaged is left out of the answer and named, and the exam is answered")
    func damaged() throws {
        let path = try record(Lead.allCases.map { ($0.name, $0) })
        let whole = try ExamClassifier(model: model).classify(record: path)
        #expect(whole.quality == "good")
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path + ".dat")))
        bytes[2 * (12 * 1000 + 7)] ^= 1
        _ = try folder.write(bytes, to: "r.dat")
        let result = try ExamClassifier(model: model).classify(record: path)
        #expect(result.quality == "absent:V2;left-out:V2" && result.noAnswer == nil && result.logitBits != whole.logitBits)
        #expect(try played(path).warnings.first?.hasPrefix("lead V2 is left out: ") == true)
        let report = try RecordReport.lines(path: path)
        #expect(!report.isWhole)
    }

    @Test("a simulated cable sends its own leads, and the electrodes that they hang on")
    func cable() throws {
        var noise = Noise.none
        noise.electrodesOff = ElectrodeSet.chest(1).union(.leftLeg)
        let simulator = Simulator(rate: 250, seed: 1, rhythm: .normalSinus, noise: noise)
        var source = SignalSource(simulator: simulator, frames: 500, name: "s", leads: LeadSet(.II))
        #expect(source.description.leads == LeadSet(.II) && source.format.absent == LeadSet.all.subtracting(LeadSet(.II)))
        var frame = Frame(index: 0)
        #expect(try source.next(into: &frame))
        #expect(frame.off == .leftLeg && frame.missing == source.format.absent)
    }
}
