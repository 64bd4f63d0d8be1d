// CPSC2018 and the PhysioNet/CinC sets of 2020 and 2021 as plans: diagnoses stand in each record's header, after "Dx:".
// Nothing of them was seen in training but PTB-XL's own records, which are left out.

import Glibc
import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaSession

/// Reads folders whose headers hold diagnoses as `#Dx: 164889003,59118001` or `# Dx: AF`.
package enum CinCDataset {
    /// CPSC2018's nine classes, stated by name or by SNOMED CT code.
    package static func cpsc2018(folder: String, vocabulary: Vocabulary) throws(RuntimeError) -> EvaluationPlan {
        let table = try SnomedTable.shipped()
        let labels = table.cpsc2018Labels(ModelLabels(vocabulary))
        let task = EvaluationTask(name: "cpsc2018", title: "the nine classes of CPSC2018", labels: labels, needsLabel: false)
        var plan = EvaluationPlan(dataset: "cpsc2018", title: "CPSC2018", exams: [], tasks: [task])
        plan.remarks = ["Zero-shot: a class's probability is the largest of its statements' in snomed.csv; Normal is NORM alone."]
        try fill(&plan, folder: folder)
        plan.tellUnknown()
        return plan
    }

    /// The diagnoses of CinC 2020 and 2021. Records named HRnnnnn are PTB-XL's, whose folds 1 to 9 the model was trained and tuned on.
    package static func cinc2021(folder: String, vocabulary: Vocabulary) throws(RuntimeError) -> EvaluationPlan {
        let table = try SnomedTable.shipped()
        let labels = table.labels(ModelLabels(vocabulary))
        let task = EvaluationTask(name: "cinc2021", title: "diagnoses of CinC 2021", labels: labels, needsLabel: false)
        var plan = EvaluationPlan(dataset: "cinc2021", title: "CinC 2021", exams: [], tasks: [task])
        plan.remarks = [
            "Zero-shot: a diagnosis's probability is the largest of its statements' in snomed.csv.",
            "426783006 is both normal ECG and sinus rhythm in CinC, so it is judged as SR or NORM.",
        ]
        try fill(&plan, folder: folder, isTraining: isPTBXL)
        plan.tellUnknown()
        plan.dropUnstated()
        return plan
    }

    /// The codes of a header's comments; nil without a line of diagnoses.
    static func diagnoses(_ comments: [String]) -> Set<String>? {
        for comment in comments {
            guard let colon = comment.firstIndex(of: ":"), comment[..<colon].allSatisfy({ $0 != "," }) else { continue }
            guard comment[..<colon].lowercased().filter({ $0 != " " }) == "dx" else { continue }
            return Set(comment[comment.index(after: colon)...].split { $0 == "," || $0 == ";" || $0.isWhitespace }.map(String.init))
        }
        return nil
    }

    private static func isPTBXL(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasPrefix("HR") && name.count == 7 && name.dropFirst(2).allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// Adds the folder's records with their diagnoses, leaves out what cannot be judged, and drops labels that no exam states.
    private static func fill(
        _ plan: inout EvaluationPlan, folder: String, isTraining: (String) -> Bool = { _ in false }
    ) throws(RuntimeError) {
        var training: [String] = []
        var unlabelled: [String] = []
        for entry in try RecordFolder.entries(folder) {
            if isTraining(entry.path) {
                training.append(entry.path)
                continue
            }
            // A header that cannot be read has no diagnosis here, and is reported when the record is opened.
            guard entry.failure == nil, let header = try? WFDBHeader(path: entry.path + ".hea") else {
                plan.exams.append(StatedExam(path: entry.path, codes: [], failure: entry.failure))
                continue
            }
            guard let codes = diagnoses(header.comments), !codes.isEmpty else {
                unlabelled.append(entry.path)
                continue
            }
            plan.exams.append(StatedExam(path: entry.path, codes: codes))
        }
        if !training.isEmpty {
            plan.leftOut.append(LeftOut(reason: "of PTB-XL, which the model was trained on (HRnnnnn)", names: training))
        }
        if !unlabelled.isEmpty { plan.leftOut.append(LeftOut(reason: "without a diagnosis in the header", names: unlabelled)) }
        guard !plan.exams.isEmpty else {
            let problem = plan.leftOut.map { "\(Text.counted($0.names.count, "record")) \($0.reason)" }.joined(separator: ", ")
            throw .badTable(
                file: folder, problem: "no record to judge: \(problem); headers with a line such as '# Dx: 164889003' are expected")
        }
    }
}

/// The records of a data set's folder.
enum RecordFolder {
    /// Every record in and below it; a folder in it that cannot be read is an entry with a failure.
    static func entries(_ folder: String) throws(RuntimeError) -> [RecordList.Entry] {
        var status = stat()
        guard stat(folder, &status) == 0 else {
            throw .cannotRead(file: folder, reason: "no such folder; check the name")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .cannotRead(file: folder, reason: "is no folder; a folder of WFDB records is expected")
        }
        let entries = RecordList.expand([folder.hasSuffix("/") ? folder : folder + "/"])
        if entries.allSatisfy({ $0.failure != nil }), let failure = entries.first?.failure { throw RuntimeError(failure) }
        return entries
    }
}

extension EvaluationPlan {
    private var statedCodes: Set<String> { exams.reduce(into: []) { $0.formUnion($1.codes) } }

    /// Drops labels that no exam states: their figures would be undefined.
    mutating func dropUnstated() {
        let stated = statedCodes
        for index in tasks.indices { tasks[index].labels.removeAll { $0.stated.isDisjoint(with: stated) } }
    }

    /// Adds a remark about stated codes that no label knows.
    mutating func tellUnknown() {
        let known = tasks.flatMap(\.labels).reduce(into: Set<String>()) { $0.formUnion($1.stated) }
        let unknown = statedCodes.subtracting(known).sorted()
        guard !unknown.isEmpty else { return }
        remarks.append("Stated codes that no label here knows: \(unknown.map { Text.printable($0) }.joined(separator: ", ")).")
    }
}
