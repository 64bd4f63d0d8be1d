// What a person says about a record's leads: which signal is which, and which to hear. The text of `--leads`.
// Apart from the map of a record, because it is read before any record and may be meant for many.

package import PrecordiaSignal

/// Names for signals whose own names say no lead, and the leads to be heard.
///
///     MLII=II             the signal called MLII is lead II; all others as their names say
///     ECG=II,ECG=V1       the first signal called ECG is lead II, the second V1
///     1=II,2=V1           the record's first signal is lead II, its second V1
///     V=none              the signal called V is left out
///     II,V5               only leads II and V5 are heard
package struct LeadNaming: Sendable, Equatable {
    /// A signal's name, or its number in the record from 1, and the lead that it is; nil if it is to be left out.
    struct Entry: Sendable, Equatable {
        var signal: String
        var lead: Lead?
    }

    var entries: [Entry] = []
    /// A lead whose samples do not add up to the header's checksum is heard, and told, instead of being left out: `--ignore-checksums`.
    package var ignoresChecksums = false
    /// The only leads to hear; nil for all that there are.
    package private(set) var only: LeadSet?

    /// Whether it says of any signal which lead it is.
    package var namesSignals: Bool { !entries.isEmpty }

    /// What is wrong with a text, and what would be right.
    package struct Problem: Error, Equatable, Sendable {
        package let entry: String
        package let remedy: String
    }

    /// Every signal is what its name says.
    package init() {}

    /// Reads a list of entries, separated by commas.
    package init(_ text: String) throws(Problem) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let entry = String(part)
            guard let sign = entry.lastIndex(of: "=") else {
                guard let lead = Lead(spelling: entry) else {
                    throw Problem(
                        entry: entry, remedy: "I, II, III, aVR, aVL, aVF and V1 to V6 are leads; NAME=II says that signal NAME is lead II")
                }
                only = (only ?? .empty).union(LeadSet(lead))
                continue
            }
            let signal = String(entry[..<sign]).trimmed, target = String(entry[entry.index(after: sign)...]).trimmed
            guard !signal.isEmpty else { throw Problem(entry: entry, remedy: "a signal's name or number comes before the =") }
            let lead = Lead(spelling: target)
            guard lead != nil || target.lowercased() == "none" else {
                throw Problem(
                    entry: entry, remedy: "after the = comes I, II, III, aVR, aVL, aVF, V1 to V6, or none to leave the signal out")
            }
            if let lead, entries.contains(where: { $0.lead == lead }) {
                throw Problem(entry: entry, remedy: "lead \(lead.name) can be one signal only")
            }
            entries.append(Entry(signal: signal, lead: lead))
        }
        // Named signals are heard with the leads that are asked for.
        if let asked = only {
            only = entries.reduce(into: asked) { all, entry in if let lead = entry.lead { all.formUnion(LeadSet(lead)) } }
        }
    }

    /// For each of a record's signals what was said of it: a lead, or that it is to be left out; nothing for the others.
    ///
    /// - Parameter names: the signals' names, in the record's order.
    /// - Returns: by signal; or the first entry that fits none.
    func resolved(_ names: [String]) -> (said: [Int: Lead?], unknown: String?) {
        var said: [Int: Lead?] = [:]
        for entry in entries {
            let exact = names.indices.filter { names[$0] == entry.signal }
            let alike = exact.isEmpty ? names.indices.filter { names[$0].lowercased() == entry.signal.lowercased() } : exact
            var place = alike.first { said[$0] == nil }
            if alike.isEmpty, let number = Int(entry.signal), number >= 1, number <= names.count, said[number - 1] == nil {
                place = number - 1
            }
            guard let place else { return (said, entry.signal) }
            said[place] = .some(entry.lead)
        }
        return (said, nil)
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
