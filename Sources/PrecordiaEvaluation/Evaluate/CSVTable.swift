// A table of labels as RFC 4180 writes it: fields by column name, and the line on which each row begins.
// Strict, because a shifted column would give every figure behind it without a sign that it is wrong.

import PrecordiaFormats
package import PrecordiaHost

/// A CSV file with a header, in memory.
///
/// Lines end with LF or CRLF; a byte order mark and empty lines are passed over. Every row has as many fields as the header.
/// - Cost: PTB-XL's table of 21,799 rows takes a few tenths of a second.
package struct CSVTable: Sendable {
    /// The file, for errors.
    package let path: String
    /// The header's names, each once.
    package let columns: [String]
    /// The rows below the header.
    package let rows: [Row]

    /// One row.
    package struct Row: Sendable {
        /// The line of the file on which it begins, from 1.
        package let line: Int
        /// One field for each column.
        package let fields: [String]
    }

    /// Tables above this size are refused, bytes.
    static var sizeLimit: Int { 1 << 30 }

    /// Reads a file.
    ///
    /// - Throws: ``RuntimeError/cannotRead(file:reason:)``, or ``RuntimeError/badTable(file:problem:)`` with the line.
    package init(path: String) throws(RuntimeError) {
        let bytes: [UInt8]
        do throws(RecordError) {
            bytes = try fileBytes(path: path, limit: Self.sizeLimit)
        } catch {
            throw .cannotRead(file: path, reason: error.remedy.isEmpty ? error.problem : "\(error.problem); \(error.remedy)")
        }
        try self.init(path: path, bytes: bytes)
    }

    /// Reads a table in memory; `path` is what errors call it.
    package init(path: String, bytes: [UInt8]) throws(RuntimeError) {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw .badTable(file: path, problem: "is not UTF-8; save the table as UTF-8")
        }
        var parser = CSVParser(path: path, bytes: bytes)
        guard let header = try parser.nextRow() else {
            throw .badTable(file: path, problem: "the table is empty; a line with the names of its columns is expected first")
        }
        for (index, name) in header.fields.enumerated() where header.fields[..<index].contains(name) {
            throw .badTable(file: path, problem: "line \(header.line): column \(name) is there twice; each once is right")
        }
        var rows: [Row] = []
        while let row = try parser.nextRow() {
            guard row.fields.count == header.fields.count else {
                throw .badTable(
                    file: path,
                    problem: "line \(row.line): \(Text.counted(row.fields.count, "field")); the header has \(header.fields.count)")
            }
            rows.append(row)
        }
        self.path = path
        columns = header.fields
        self.rows = rows
    }

    /// The place of a column.
    package func column(_ name: String) throws(RuntimeError) -> Int {
        guard let index = columns.firstIndex(of: name) else {
            let found = columns.prefix(8).map { Text.printable($0) }.joined(separator: ", ") + (columns.count > 8 ? ", ..." : "")
            let wanted = name.isEmpty ? "column without a name, which holds the codes" : "column \(name)"
            let isDivided = columns.count > 1 || !columns[0].contains { ";\t\r".contains($0) }
            let remedy = isDivided ? "" : "; save the table with commas between columns"
            throw .badTable(file: path, problem: "has no \(wanted); its columns are \(found)\(remedy)")
        }
        return index
    }

    /// Refuses a field that has stood in a row before; `seen` has the lines of those so far.
    func requireNew(_ field: Int, _ row: Row, _ seen: inout [String: Int]) throws(RuntimeError) {
        guard let first = seen.updateValue(row.line, forKey: row.fields[field]) else { return }
        let name = "\(columns[field]) \(Text.printable(row.fields[field]))"
        throw error(row, "\(name) has a row already, on line \(first); one row for each is right")
    }

    /// An error about a row.
    func error(_ row: Row, _ problem: String) -> RuntimeError { .badTable(file: path, problem: "line \(row.line): \(problem)") }
}

/// Takes rows off a file's bytes.
private struct CSVParser {
    let path: String
    let bytes: [UInt8]
    private var at: Int
    private var line = 1

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    private enum End { case field, row }

    /// The next row that is no empty line; nil at the end of the file.
    mutating func nextRow() throws(RuntimeError) -> CSVTable.Row? {
        while at < bytes.count, takeLineEnd() {}
        guard at < bytes.count else { return nil }
        let first = line
        var fields: [String] = []
        while true {
            fields.append(at < bytes.count && bytes[at] == UInt8(ascii: "\"") ? try quoted() : try plain())
            if try takeEnd() == .row { return CSVTable.Row(line: first, fields: fields) }
        }
    }

    private mutating func plain() throws(RuntimeError) -> String {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: ","), bytes[at] != 0x0A, !isCarriageReturn {
            guard bytes[at] != UInt8(ascii: "\"") else {
                throw fault(line, "a quote within a field; quote the whole field and write \"\" for a quote in it")
            }
            at += 1
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func quoted() throws(RuntimeError) -> String {
        let first = line
        var text: [UInt8] = []
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            if byte == 0x0A { line += 1 }
            if byte == UInt8(ascii: "\"") {
                guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return String(decoding: text, as: UTF8.self) }
                at += 1
            }
            text.append(byte)
        }
        throw fault(first, "a quote is opened and not closed before the end of the file")
    }

    private mutating func takeEnd() throws(RuntimeError) -> End {
        guard at < bytes.count else { return .row }
        if bytes[at] == UInt8(ascii: ",") {
            at += 1
            return .field
        }
        if takeLineEnd() { return .row }
        throw fault(line, "text after a closing quote; a comma or the line's end is expected")
    }

    private var isCarriageReturn: Bool { bytes[at] == 0x0D && at + 1 < bytes.count && bytes[at + 1] == 0x0A }

    private mutating func takeLineEnd() -> Bool {
        let isPair = isCarriageReturn
        guard isPair || bytes[at] == 0x0A else { return false }
        at += isPair ? 2 : 1
        line += 1
        return true
    }

    private func fault(_ line: Int, _ problem: String) -> RuntimeError { .badTable(file: path, problem: "line \(line): \(problem)") }
}
