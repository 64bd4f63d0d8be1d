// A patient's folder among others: its name, the exams in it, and the name of the next one.

import Glibc
package import PrecordiaFormats
package import PrecordiaHost

/// Where one patient's exams lie; its owner alone may look into it.
package struct PatientFolder {
    package let path: String

    /// The folder of a patient below another one, made if it is not there.
    ///
    /// - Parameters:
    ///   - parent: must be there.
    ///   - id: the patient's number; the name stands in where there is none, and "unnamed" for both.
    package init(in parent: String, id: String?, name: String?) throws(RuntimeError) {
        path = parent + "/" + (Self.plain(id ?? "") ?? Self.plain(name ?? "") ?? "unnamed")
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw .cannotWrite(file: path, reason: String(cString: strerror(errno))) }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .cannotWrite(file: path, reason: "it is no folder")
        }
    }

    /// A text as a file's name: letters, digits, points, dashes and underscores, anything else a dash; nil where nothing remains.
    package static func plain(_ text: String) -> String? {
        var name = ""
        for character in text.withoutOuterSpaces {
            let isPlain = character.isLetter || character.isNumber || "._-".contains(character)
            let next = isPlain ? character : "-"
            if next == "-", name.hasSuffix("-") { continue }
            guard name.utf8.count + String(next).utf8.count <= 120 else { break }
            name.append(next)
        }
        let kept = name.drop { ".-".contains($0) }
        return kept.isEmpty ? nil : String(kept)
    }

    /// Exams that lie in it, the newest last: their records' paths without an ending.
    package var exams: [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let item = readdir(stream) {
            let name = withUnsafeBytes(of: item.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix("exam-"), name.hasSuffix(".hea") { found.append(String(name.dropLast(4))) }
        }
        return found.sorted().map { path + "/" + $0 }
    }

    /// A record's path that is free: by the time of the exam, or by a number where nobody knows it.
    package func next(_ time: WFDBHeader.StartTime?) -> String {
        var name = "exam"
        if let time, let date = time.date {
            name += "-\(Text.padded(date.year, 4))\(Text.padded(date.month, 2))\(Text.padded(date.day, 2))"
            name += "-\(Text.padded(time.hour, 2))\(Text.padded(time.minute, 2))\(Text.padded(time.second, 2))"
            if !isTaken(name) { return path + "/" + name }
        }
        var number = 1
        while isTaken("\(name)-\(Text.padded(number, 3))") { number += 1 }
        return path + "/\(name)-\(Text.padded(number, 3))"
    }

    private func isTaken(_ name: String) -> Bool {
        [".hea", ".dat", ".pdf"].contains { access(path + "/" + name + $0, F_OK) == 0 }
    }
}
