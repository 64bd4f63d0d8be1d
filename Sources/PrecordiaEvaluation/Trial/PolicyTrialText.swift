// The tables of a policy's trial, as Markdown, so that documents quote what the command printed.

import PrecordiaHost

extension PolicyTrial {
    /// False alarms by stream, episodes by target, and AF's trade-off.
    package var lines: [String] {
        var lines = ["| stream | hours | false alarms an hour, policy | naive | ratio |", "| --- | --: | --: | --: | --: |"]
        for result in results {
            let (own, naive) = (Self.rate(result.policy, result.hours), Self.rate(result.naive, result.hours))
            lines.append(
                "| \(result.name) | \(Text.fixed(result.hours, decimals: 2)) | \(Text.fixed(own, decimals: 2)) | \(Text.fixed(naive, decimals: 2)) | "
                    + "\(own > 0 ? Text.fixed(naive / own, decimals: 1) : naive > 0 ? "no false alarm" : "-") |")
        }
        lines += [
            "", "| episode | episodes | found, policy | median seconds to alarm | found, naive | median seconds |",
            "| --- | --: | --: | --: | --: | --: |",
        ]
        for target in results.flatMap({ $0.policy.delays.keys }).sorted() {
            let own = results.flatMap { $0.policy.delays[target] ?? [] }
            let naive = results.flatMap { $0.naive.delays[target] ?? [] }
            lines.append("| \(target) | \(own.count) | \(Self.found(own)) | \(Self.found(naive)) |")
        }
        lines += [
            "", "False alarms by condition, policy: " + Self.list(results.map(\.policy)), "", "Naive: " + Self.list(results.map(\.naive)),
        ]
        lines += [
            "", "| AF: persistence | threshold | false alarms an hour | episodes found | median seconds to alarm |",
            "| --- | --: | --: | --: | --: |",
        ]
        let points = tradeOff(
            "AFIB", persistence: [(1, 1), (3, 5), (8, 10), (16, 20)], thresholds: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
        for point in points {
            lines.append(
                "| \(point.required) of \(point.hops) | \(Text.fixed(Double(point.threshold), decimals: 2)) | \(Text.fixed(point.falseAlarmsAnHour, decimals: 2)) | "
                    + "\(point.delays.count) of \(point.episodes) | \(point.medianDelay.map { Text.fixed($0, decimals: 0) } ?? "-") |")
        }
        return lines
    }

    private static func rate(_ judged: Judged, _ hours: Double) -> Double {
        hours > 0 ? Double(judged.falseAlarms.values.reduce(0, +)) / hours : 0
    }

    private static func found(_ delays: [Double?]) -> String {
        let found = delays.compactMap { $0 }.sorted()
        return "\(found.count) | \(found.isEmpty ? "-" : Text.fixed(found[found.count / 2], decimals: 1))"
    }

    private static func list(_ judged: [Judged]) -> String {
        var counts: [String: Int] = [:]
        for each in judged { counts.merge(each.falseAlarms) { $0 + $1 } }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
