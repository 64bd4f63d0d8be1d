// What a policy says of the log: how sure it must be and how much it may take. A session hands it to the recorder as options.
// Apart from the recorder, which knows the database that it means.

/// When what was stored is safe from a loss of power.
public enum Synchronous: String, Sendable, CaseIterable {
    /// Before it is called stored: each group of entries is flushed to the medium, its number before it.
    case full
    /// Some seconds or entries later; a killed program loses nothing either way.
    case normal
}

/// The table `[log]` of a policy. The defaults are for a small flash card: 64 MiB in all, some three months.
public struct LogRules: Equatable, Sendable {
    public var synchronous = Synchronous.full
    /// MiB of entries and of snippets at most, and days after which both go.
    public var entries = 16
    public var snippets = 48
    public var days = 90

    public init() {}

    /// Words of the recorder's command line.
    public var options: [String] {
        ["--synchronous", synchronous.rawValue, "--entries", "\(entries)", "--snippets", "\(snippets)", "--days", "\(days)"]
    }

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
