// Which records a file of rows has already, so that a run that was killed goes on where it was.
// Apart from the rows' writer: this reads what may have been cut off anywhere.

import Glibc
package import PrecordiaHost

/// Names of the records of an earlier output of `classify`, CSV or JSON lines.
///
/// The rows of the last record are not believed: whoever wrote them may have been killed between two. They are cut off where the rows that follow
/// are to stand behind them.
///
/// - Memory: a name a record. Cost: one pass over the file.
package struct DoneRecords: Sendable {
    /// The first field of each row as it stands there, quotes included.
    private var fields: Set<String> = []
    /// Bytes up to the last record's first row.
    package private(set) var wholeBytes = 0
    private let format: ExamFormat

    /// - Throws: ``RuntimeError/cannotRead(file:reason:)``. A file that is not there has no records.
    package init(path: String, format: ExamFormat) throws(RuntimeError) {
        self.format = format
        guard let file = fopen(path, "re") else {
            guard errno == ENOENT else { throw .cannotRead(file: path, reason: String(cString: strerror(errno))) }
            return
        }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        defer { free(line) }
        var capacity = 0
        var offset = 0
        var last: String?
        while case let count = getline(&line, &capacity, file), count > 0 {
            let text = UnsafeRawBufferPointer(start: line, count: count)
            defer { offset += count }
            // A line without its end was cut off.
            guard text.last == 0x0A else { break }
            if offset == 0, format == .csv {
                wholeBytes = count
                continue
            }
            guard let field = Self.field(text, format) else { continue }
            guard field != last else { continue }
            if let last { fields.insert(last) }
            last = field
            wholeBytes = offset
        }
        guard ferror(file) == 0 else { throw .cannotRead(file: path, reason: String(cString: strerror(errno))) }
    }

    /// Whether the file has this record's rows.
    package func contains(_ record: String) -> Bool { fields.contains(Self.written(record, format)) }

    package var count: Int { fields.count }

    /// A record's name as a row has it.
    private static func written(_ record: String, _ format: ExamFormat) -> String {
        guard format == .json else { return Text.csv(record) }
        var line = JSONLine()
        line.add("record", record)
        return String(decoding: line.line.dropLast(2), as: UTF8.self)
    }

    /// The first field of a row: up to the comma, or the quote, that ends it.
    private static func field(_ line: UnsafeRawBufferPointer, _ format: ExamFormat) -> String? {
        let first = format == .json ? 10 : 0
        guard line.count > first + 1 else { return nil }
        let isQuoted = line[first] == 0x22
        var end = first + (isQuoted ? 1 : 0)
        while end < line.count, line[end] != (isQuoted ? 0x22 : 0x2C) || (isQuoted && format != .json && line[end + 1] == 0x22) {
            let skips = isQuoted && (format == .json ? line[end] == 0x5C : line[end] == 0x22)
            end += skips ? 2 : 1
        }
        guard end < line.count else { return nil }
        return String(decoding: line[..<(end + (isQuoted ? 1 : 0))], as: UTF8.self)
    }
}
