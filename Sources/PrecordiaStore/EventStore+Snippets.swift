// Which snippets stay: what bounds their bytes, and what no entry knows of any more.

import GRDB
import Glibc

extension EventStore {
    /// Removes snippets beyond their bytes, those whose entry has gone, and files that no entry knows of. Of an alert of less priority they go before one of more,
    /// then those of the condition of which there are most, the oldest first.
    ///
    /// - Parameter scans: whether to look through the folder; at a start.
    func removeStraySnippets(scans: Bool = false) throws(StoreError) {
        try mend()
        if scans {
            try write { db in
                try db.execute(sql: "UPDATE snippet SET state = 'lost' WHERE state = 'waiting'")
                try count("snippetsLost", Int64(db.changesCount), db)
            }
        }
        let stray = try write { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT snippet.entry, snippet.path, entry.sequence FROM snippet LEFT JOIN entry ON entry.sequence = snippet.entry
                    WHERE state = 'kept' OR entry.sequence IS NULL ORDER BY entry.worth DESC,
                        row_number() OVER (PARTITION BY entry.condition ORDER BY snippet.entry DESC), snippet.entry DESC
                    """)
            // Of the files' own bytes: a damaged number of the table must not cost the ECG of other alerts.
            var total = 0
            let stray = rows.compactMap { row -> (entry: Int64, path: String?)? in
                guard let entry: Int64 = row.value("entry") else { return nil }
                let path = snippet(entry, row.value("path"))
                if let path { total += [".dat", ".hea"].reduce(0) { $0 + SnippetRecorder.size(folder + "/" + path + $1) } }
                let isWanted = (row.value("sequence") as Int64?) != nil && total <= policy.snippetBytes
                return isWanted ? nil : (entry, path)
            }
            for item in stray { try db.execute(sql: "DELETE FROM snippet WHERE entry = ?", arguments: [item.entry]) }
            try count("snippetsPruned", Int64(stray.count), db)
            return stray.compactMap(\.path)
        }
        for path in stray { [".dat", ".hea"].forEach { unlink(folder + "/" + path + $0) } }
        if scans { try removeUnknownFiles() }
    }

    /// A snippet's path; nil where it is not the entry's own, which only damage can make so.
    private func snippet(_ entry: Int64, _ path: String?) -> String? {
        guard let path, path.hasPrefix("snippets/s"), path.hasSuffix(SnippetRecorder.ending(entry)), !path.dropFirst(9).contains("/") else {
            return nil
        }
        return path
    }

    private func removeUnknownFiles() throws(StoreError) {
        let known = Set(
            try read { db in try String.fetchAll(db, sql: "SELECT path FROM snippet WHERE state = 'kept' AND path IS NOT NULL") })
        guard let listing = opendir(folder + "/snippets") else { return }
        defer { closedir(listing) }
        while let item = readdir(listing) {
            let name = withUnsafeBytes(of: item.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            let isRecord = name.hasPrefix("s") && name.contains("-e")
            if isRecord, !known.contains("snippets/" + name.prefix { $0 != "." }) { unlink(folder + "/snippets/" + name) }
        }
    }
}
