// The table `[log]` of a policy: read from its text, and said in words.
// Apart from the rules themselves, which whoever keeps a log knows and who reads no policies.

import PrecordiaCompanion
import PrecordiaHost

extension LogRules {
    /// For a person.
    var words: String {
        let safety =
            switch synchronous {
            case .full: "each entry is flushed before it counts as stored"
            case .normal: "entries are flushed some seconds later, which a loss of power may cost"
            }
        return "log, where one is kept: \(safety); \(entries) MiB of entries and \(snippets) MiB of ECG at most, for \(days) days"
    }

    /// Takes a value of the table.
    mutating func take(_ entry: PolicyEntry, _ file: String) throws(RuntimeError) {
        guard entry.path.count > 1 else {
            guard case .table = entry.value else { throw entry.refused(file, "a table, [log],") }
            return
        }
        let most = 1 << 20
        switch entry.path[1] {
        case "synchronous":
            let right = "\"full\" or \"normal\""
            guard let value = Synchronous(rawValue: try entry.text(file, right)) else { throw entry.refused(file, right) }
            synchronous = value
        case "entries": entries = try entry.whole(file, 1...most, " MiB")
        case "snippets": snippets = try entry.whole(file, 0...most, " MiB")
        case "days": days = try entry.whole(file, 1...most)
        default:
            throw entry.error(
                file, "\(entry.path.joined(separator: ".")): not known; synchronous, entries, snippets or days would be right")
        }
    }
}
