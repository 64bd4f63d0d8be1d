// What `classify` is to do of what its arguments mean: a list from standard input, and one machine's share of it.
// Apart from RecordList, which opens folders and lists by their names.

import Glibc
package import PrecordiaHost

/// Arguments of records.
package enum RecordArguments {
    /// The arguments with `@-` replaced by the lines of standard input, a record or folder each; `#` begins a comment line.
    package static func withStandardInput(_ arguments: [String]) -> [String] {
        arguments.flatMap { argument -> [String] in
            guard argument == "@-" else { return [argument] }
            var found: [String] = []
            while let line = readLine() {
                let name = line.utf8.drop { $0 == 0x20 || $0 == 0x09 }
                let end = name.lastIndex { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
                guard let end, name.first != UInt8(ascii: "#") else { continue }
                let record = String(decoding: name[...end], as: UTF8.self)
                // A line is a record, never another list.
                found.append(record.utf8.first == UInt8(ascii: "@") ? "./" + record : record)
            }
            return found
        }
    }
}

/// One of several machines' share of a list.
package struct Shard: Equatable, Sendable {
    /// 1 ... ``count``.
    package let index: Int
    package let count: Int

    /// "2/5" for the second of five.
    package init(_ text: String) throws(RuntimeError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1, count <= 1_000_000, index >= 1, index <= count
        else {
            throw .badSetting(name: "--shard", value: text, allowed: "1/5 to 5/5 would be right for five machines")
        }
        self.index = index
        self.count = count
    }

    /// Every ``count``th entry from the ``index``th on.
    package func of<Entry>(_ entries: [Entry]) -> [Entry] {
        stride(from: index - 1, to: entries.count, by: count).map { entries[$0] }
    }
}
