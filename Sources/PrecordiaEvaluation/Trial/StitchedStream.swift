// Hours of stream with known onsets, made of a data set's ten-second exams: no patient occurs twice.
// Apart from the trial that plays them; here is only what stands where.

import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator

/// A stream at 100 Hz and what is true of it.
struct StitchedStream {
    /// A stretch in which something alarming is there.
    struct Episode: Equatable {
        var target: String
        var start: UInt64
        var end: UInt64
    }

    var name: String
    var frames: [Frame] = []
    var episodes: [Episode] = []

    static let rate = 100
    /// Frames over which one exam passes into the next.
    private static let fade = 25
    /// The unit of the stitched samples, microvolts a count.
    static var format: StreamFormat { StreamFormat(rate: rate) }

    init(name: String) { self.name = name }

    var hours: Double { Double(frames.count) / Double(Self.rate) / 3600 }

    /// Appends an exam, each lead moved so that its median is 0, and faded into over a quarter of a second.
    mutating func append(_ exam: [Frame]) {
        var exam = exam
        for lead in 0..<12 {
            let median = exam.map { $0.counts[lead] }.sorted()[exam.count / 2]
            for index in exam.indices { exam[index].counts[lead] -= median }
        }
        if let last = frames.last {
            for index in 0..<min(Self.fade, exam.count) {
                for lead in 0..<12 {
                    let rest = Int32(Self.fade - index)
                    exam[index].counts[lead] =
                        (last.counts[lead] * rest + exam[index].counts[lead] * (Int32(Self.fade) - rest)) / Int32(Self.fade)
                }
            }
        }
        for var frame in exam {
            frame.index = UInt64(frames.count)
            frames.append(frame)
        }
    }

    /// Appends exams as an episode.
    mutating func append(episode target: String, _ exams: [[Frame]]) {
        let start = UInt64(frames.count)
        for exam in exams { append(exam) }
        episodes.append(Episode(target: target, start: start, end: UInt64(frames.count)))
    }

    /// An exam's frames in microvolts.
    static func exam(_ path: String) throws(RuntimeError) -> [Frame] {
        var source = try SignalSource(record: path)
        guard source.format.rate == rate else {
            throw .badRecord(file: path, problem: "\(source.format.rate) Hz; \(rate) Hz would be right")
        }
        let format = source.format
        guard format.absent.isEmpty else {
            throw .badRecord(file: path, problem: "\(Text.counted(source.description.leads.count, "lead")); all twelve would be right")
        }
        var frames: [Frame] = []
        var frame = Frame(index: 0)
        while try source.next(into: &frame) {
            for lead in 0..<12 {
                let value = Double(frame.counts[lead] - format.baseline[lead]) * format.microvoltsPerCount[lead]
                frame.counts[lead] = Int32(max(-1e6, min(1e6, value)).rounded())
            }
            frames.append(frame)
        }
        return frames
    }

    /// Simulated frames in microvolts.
    static func simulated(_ rhythm: Rhythm, seconds: Int, seed: UInt64) -> [Frame] {
        var simulator = Simulator(rate: rate, seed: seed, rhythm: rhythm, noise: .resting)
        return (0..<seconds * rate).map { index in
            var frame = Frame(index: 0)
            simulator.next(into: &frame)
            return frame
        }
    }
}

/// A data set's exams by what they are for a policy, one for each patient, in an order drawn from a seed.
struct ExamPool {
    struct Exam {
        var path: String
        var codes: Set<String>
    }

    private(set) var normal: [Exam] = []
    private(set) var abnormal: [Exam] = []
    private(set) var alarming: [Exam] = []

    /// Reads PTB-XL's table.
    ///
    /// - Parameters:
    ///   - alarms: statements that the policy makes alarms of; an exam with one of them is no background.
    ///   - seed: of the order.
    init(folder: String, folds: Set<Int>, alarms: Set<String>, seed: UInt64) throws(RuntimeError) {
        let table = try CSVTable(path: folder + "/ptbxl_database.csv")
        let columns = (
            fold: try table.column("strat_fold"), codes: try table.column("scp_codes"), patient: try table.column("patient_id"),
            name: try table.column("filename_lr")
        )
        var patients: Set<String> = []
        var exams: [Exam] = []
        for row in table.rows {
            guard let fold = Double(row.fields[columns.fold]).flatMap(Int.init(exactly:)), folds.contains(fold) else { continue }
            guard let codes = PTBXLDataset.scpCodes(row.fields[columns.codes]) else {
                throw table.error(row, "scp_codes is \(Text.printable(row.fields[columns.codes])); a list such as {'NORM': 100.0} is right")
            }
            guard patients.insert(row.fields[columns.patient]).inserted else { continue }
            exams.append(Exam(path: folder + "/" + row.fields[columns.name], codes: Set(codes.keys)))
        }
        var random = Random(seed: seed)
        for place in stride(from: exams.count - 1, to: 0, by: -1) { exams.swapAt(place, random.index(below: place + 1)) }
        for exam in exams {
            if !exam.codes.isDisjoint(with: alarms) {
                alarming.append(exam)
            } else if exam.codes.contains("NORM") {
                normal.append(exam)
            } else {
                abnormal.append(exam)
            }
        }
    }

    /// Takes the exams with these codes, each once: one with several is of the code that the fewest have. In the order of `targets`.
    mutating func takeAlarming(_ targets: [String]) -> [(target: String, exams: [Exam])] {
        var taken: [String: [Exam]] = [:]
        func count(_ target: String) -> Int { alarming.count { $0.codes.contains(target) } }
        let counts = Dictionary(uniqueKeysWithValues: targets.map { ($0, count($0)) })
        for target in targets.sorted(by: { (counts[$0]!, $0) < (counts[$1]!, $1) }) {
            taken[target] = alarming.filter { $0.codes.contains(target) }
            alarming.removeAll { $0.codes.contains(target) }
        }
        return targets.map { ($0, taken[$0] ?? []) }
    }

    /// Takes up to `count` exams of background, normal and abnormal in turn.
    mutating func background(_ count: Int) -> [Exam] {
        (0..<count).compactMap { index in index % 2 == 0 ? normal.popLast() ?? abnormal.popLast() : abnormal.popLast() ?? normal.popLast() }
    }
}
