// What is asked of a log: how sure it must be and how much it may take. A session hands it to the recorder as options.
// Apart from the recorder, which knows the database that it means, and from the policy, in whose text it stands.

import PrecordiaHost

/// When what was stored is safe from a loss of power.
package enum Synchronous: String, Sendable, CaseIterable {
    /// Before it is called stored: each group of entries is flushed to the medium, its number before it.
    case full
    /// Some seconds or entries later; a killed program loses nothing either way.
    case normal
}

/// The table `[log]` of a policy. The defaults are for a small flash card: 64 MiB in all, some three months.
package struct LogRules: Equatable, Sendable {
    package var synchronous = Synchronous.full
    /// MiB of entries and of snippets at most, and days after which both go.
    package var entries = 16
    package var snippets = 48
    package var days = 90

    package init() {}

    /// Words of the recorder's command line.
    package var options: [String] {
        ["--synchronous", synchronous.rawValue, "--entries", "\(entries)", "--snippets", "\(snippets)", "--days", "\(days)"]
    }
}
