// Who an exam is of, as the comments of its header say it and a person adds. Apart, because two patients must never be mixed here.

package import PrecordiaFindings
package import PrecordiaHost

/// What a person says about the patient on the command line; nil for what was not said.
package struct PatientWords: Sendable {
    package var name: String?
    package var id: String?
    package var birthDate: String?
    package var sex: String?
    package var age: String?
    package var device: String?

    package init() {}
}

/// What a header says of the patient.
package struct PatientHeader: Equatable, Sendable {
    package private(set) var patient = PatientFindings()
    package private(set) var device: String?

    /// Reads lines such as "Age: 74", "Sex: F", "patient: 1234", "birth date: 1952-02-03", "name: Ana", as `precordia-convert` and PhysioNet write them.
    package init(_ comments: [String]) {
        // PhysioNet's older headers have several in one line: "<age>: 69  <sex>: M".
        for comment in comments.flatMap({ $0.hasPrefix("<") ? $0.split(separator: "<").map(String.init) : [$0] }) {
            let parts = comment.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let key = parts[0].lowercased().filter { !"<>_".contains($0) }.split(separator: " ").joined(separator: " ")
            let value = String(parts[1]).withoutOuterSpaces
            guard !value.isEmpty, !["unknown", "nan", "none", "n/a"].contains(value.lowercased()) else { continue }
            take(key, value)
        }
    }

    private mutating func take(_ key: String, _ value: String) {
        switch key {
        case "name", "patient name": patient.name = patient.name ?? value
        case "patient", "patient id", "id": patient.id = patient.id ?? value
        case "birth date", "date of birth", "born": patient.birthDate = patient.birthDate ?? value
        case "age": patient.age = patient.age ?? value
        case "sex", "gender": patient.sex = patient.sex ?? Self.sex(value)
        case "device": device = device ?? value
        default: break
        }
    }

    /// "female" and "male" for what begins so; anything else as it is.
    static func sex(_ text: String) -> String {
        switch text.lowercased() {
        case "f", "female": "female"
        case "m", "male": "male"
        default: text
        }
    }

    /// The header's patient with what a person adds.
    ///
    /// - Throws: ``RuntimeError/badSetting(name:value:allowed:)`` where both say something else: then nobody knows whose exam it is.
    package func joined(with words: PatientWords) throws(RuntimeError) -> PatientFindings {
        var joined = patient
        joined.name = try Self.one(patient.name, words.name, "--name")
        joined.id = try Self.one(patient.id, words.id, "--id")
        joined.birthDate = try Self.one(patient.birthDate, words.birthDate, "--birth-date")
        joined.sex = try Self.one(patient.sex, words.sex.map(Self.sex), "--sex")
        joined.age = try Self.one(patient.age, words.age, "--age")
        return joined
    }

    private static func one(_ header: String?, _ word: String?, _ option: String) throws(RuntimeError) -> String? {
        guard let word, !word.withoutOuterSpaces.isEmpty else { return header }
        guard let header, header.lowercased() != word.lowercased() else { return word }
        throw .badSetting(
            name: option, value: word, allowed: "the record says '\(header)'; leave \(option) out, or see whether it is the right record")
    }
}

extension PatientFindings {
    /// The same without what tells who it is. Ages from 90 on are told together, as few people have them.
    package var anonymous: PatientFindings {
        var kept = PatientFindings()
        kept.isAnonymous = true
        kept.sex = sex
        kept.age = age.map { Int($0).map { $0 >= 90 ? "90 or more" : "\($0)" } ?? "" }.flatMap { $0.isEmpty ? nil : $0 }
        return kept
    }

    /// What keeps two exams from being of one patient, in words; nil where nothing does.
    package func contradiction(to other: PatientFindings) -> String? {
        for (what, own, others) in [
            ("id", id, other.id), ("name", name, other.name), ("birth date", birthDate, other.birthDate), ("sex", sex, other.sex),
        ] {
            if let own, let others, own.lowercased() != others.lowercased() { return "\(what) '\(own)' here and '\(others)' there" }
        }
        return nil
    }
}
