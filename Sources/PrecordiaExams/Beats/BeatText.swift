// A record's beats in words and as JSON lines.

import PrecordiaBeats
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSignal

/// Writes a ``BeatListing``.
package enum BeatText {
    /// A summary, and unless `isShort` a line for each beat.
    package static func table(_ listing: BeatListing, isShort: Bool) -> [String] {
        let record = listing.record
        var lines: [String] = []
        if !isShort {
            lines.append("    time  kind  interval  rate")
            for listed in listing.beats {
                let time = Text.seconds(sample: UInt64(max(0, listed.beat.position)), rate: record.rate)
                let interval =
                    listed.beat.interval > 0 ? Text.fixed(1000 * Double(listed.beat.interval) / Double(record.rate), decimals: 0) : ""
                let rate = listed.beatsPerMinute.map { Text.fixed($0, decimals: 0) } ?? ""
                lines.append("\(padded(time, 8))  \(padded(symbol(listed.beat.kind), 4))  \(padded(interval, 8))  \(padded(rate, 4))")
            }
        }
        let ventricular = listing.beats.count { $0.beat.kind == .ventricular }
        let names = Lead.allCases.filter { record.leads.contains($0) }.map(\.name).joined(separator: " ")
        lines.append(
            "\(Text.counted(listing.beats.count, "beat")) in \(Text.fixed(record.duration, decimals: 1)) s, \(ventricular) like premature ventricular ones; leads \(names)"
        )
        return lines
    }

    /// One object for each beat, with `seconds` one for each whole second, one for each stretch that was not heard, then one `end`.
    package static func lines(_ listing: BeatListing, record path: String, seconds: Bool = false) -> [[UInt8]] {
        let rate = listing.record.rate
        var lines = seconds ? Self.seconds(listing, record: path) : []
        for listed in listing.beats {
            var line = JSONLine()
            line.add("event", "beat")
            line.add("record", path)
            line.add("sample", Int(listed.beat.position))
            line.add("time", Double(listed.beat.position) / Double(rate), decimals: 3)
            line.add("kind", symbol(listed.beat.kind))
            line.add("interval", listed.beat.interval > 0 ? Double(listed.beat.interval) / Double(rate) : nil, decimals: 3)
            line.add("width", listed.beat.width > 0 ? Double(listed.beat.width) : nil, decimals: 0)
            line.add("likeness", listed.beat.likeness.isNaN ? nil : Double(listed.beat.likeness), decimals: 3)
            line.add("bpm", listed.beatsPerMinute, decimals: 1)
            line.add("known", Int(listed.known))
            lines.append(line.line)
        }
        for stretch in listing.unheardStretches {
            var line = JSONLine()
            line.add("event", "unheard")
            line.add("record", path)
            line.add("sample", stretch.lowerBound)
            line.add("time", Double(stretch.lowerBound) / Double(rate), decimals: 3)
            line.add("to", stretch.upperBound)
            lines.append(line.line)
        }
        var line = JSONLine()
        line.add("event", "end")
        line.add("record", path)
        line.add("sample", listing.record.sampleCount)
        line.add("time", listing.record.duration, decimals: 3)
        line.add("rate", rate)
        line.add("beats", listing.beats.count)
        line.add("ventricular", listing.beats.count { $0.beat.kind == .ventricular })
        line.add("bpm", listing.rates.last ?? nil, decimals: 1)
        line.add("unheard", listing.unheard)
        line.add("pause", Double(listing.rhythm.map(\.pause).max() ?? 0), decimals: 2)
        line.add("ventricularRun", Int(listing.rhythm.map(\.ventricularRun).max() ?? 0))
        line.add("fibrillation", Double(listing.rhythm.map(\.fibrillation).max() ?? 0), decimals: 1)
        line.add("irregularity", listing.rhythm.last?.irregularity.map(Double.init), decimals: 1)
        return lines + [line.line]
    }

    /// What rhythm and rate were at the end of each whole second: what the engine's rules are given.
    private static func seconds(_ listing: BeatListing, record path: String) -> [[UInt8]] {
        zip(listing.rhythm, listing.rates).enumerated().map { index, each in
            var line = JSONLine()
            line.add("event", "second")
            line.add("record", path)
            line.add("sample", (index + 1) * listing.record.rate - 1)
            line.add("time", Double(index + 1), decimals: 3)
            line.add("bpm", each.1, decimals: 1)
            line.add("pause", Double(each.0.pause), decimals: 2)
            line.add("ventricularRun", Int(each.0.ventricularRun))
            line.add("fibrillation", Double(each.0.fibrillation), decimals: 1)
            return line.line
        }
    }

    private static func symbol(_ kind: BeatKind) -> String {
        switch kind {
        case .usual: Annotation.Code.normal.symbol
        case .ventricular: Annotation.Code.ventricular.symbol
        case .paced: Annotation.Code.paced.symbol
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }
}
