// The session's own line of JSON, and the same in words for a person: everything that can be lost, and the clock.
// Beside the lines of PrecordiaReport, which know the engine and the wire but no threads.

import PrecordiaReport

extension EventReport {
    /// The line `session`, as docs/events.md has it.
    func session(_ figures: LiveFigures, into text: inout JSONText) {
        text.open(0x7B)
        text.field("event", "session")
        text.field("record", name)
        text.field("epoch", figures.epoch)
        text.field("streams", figures.streams)
        text.key("counters")
        text.open(0x7B)
        for (name, value) in figures.counters { text.field(name, value) }
        text.close(0x7D)
        text.key("clock")
        text.open(0x7B)
        let clock = figures.clock
        text.field("source", clock.observations == 0 ? "none" : clock.isFromTicks ? "ticks" : "sampleIndex")
        text.field("ppm", clock.isKnown ? clock.partsPerMillion : .nan, decimals: 3)
        text.field("ppmUncertainty", clock.isKnown ? clock.partsPerMillionUncertainty : .nan, decimals: 3)
        text.field("offsetUncertainty", clock.isKnown ? clock.offsetUncertainty / 1e9 : .nan, decimals: 6)
        text.field("outliers", clock.outliers)
        text.field("resets", clock.resets)
        text.field("hostError", clock.hostError < 0 ? .nan : Double(clock.hostError) / 1e6, decimals: 6)
        text.close(0x7D)
        latency("eventLatency", figures.eventLatency, &text)
        latency("transferLatency", figures.transferLatency, &text)
        end(&text)
    }

    /// Seconds.
    private func latency(_ name: StaticString, _ latency: LatencySummary, _ text: inout JSONText) {
        text.key(name)
        text.open(0x7B)
        text.field("count", UInt64(latency.count))
        text.field("median", latency.count > 0 ? Double(latency.median) / 1e9 : .nan, decimals: 9)
        text.field("p99.9", latency.count > 0 ? Double(latency.permille999) / 1e9 : .nan, decimals: 9)
        text.field("longest", latency.count > 0 ? Double(latency.longest) / 1e9 : .nan, decimals: 9)
        text.close(0x7D)
    }
}

extension LiveFigures {
    /// The session's counters with their stable names; those of the wire are the link's.
    var counters: [(name: StaticString, value: UInt64)] {
        [
            ("opened", transport.opened), ("lost", transport.lost), ("refused", transport.refused), ("silences", silences),
            ("bytes", transport.bytes), ("transfers", transport.transfers), ("transfersEmpty", transport.transfers_empty),
            ("stalls", transport.stalls), ("overflows", transport.overflows), ("errors", transport.errors),
            ("sent", transport.sent), ("unsent", transport.unsent), ("chunksDropped", chunksRefused), ("bytesDropped", bytesRefused),
            ("outputDropped", sinkRefused), ("framesUnheard", framesUnheard),
        ]
    }

    /// What a person wants to know at the end, a line each.
    public var summary: [String] {
        func some(_ count: UInt64, _ noun: String) -> String? { count == 0 ? nil : Text.counted(Int(clamping: count), noun) }
        var lines = ["link: \(Text.counted(Int(clamping: link.blocks), "block")), \(Text.counted(Int(clamping: link.frames), "frame"))"]
        let lost = [
            some(link.bytesSkipped, "byte").map { $0 + " skipped" }, some(link.checksumFailures, "wrong check"),
            some(link.blocksMissing, "block").map { $0 + " missing" }, some(link.blocksRepeated, "block").map { $0 + " repeated" },
            some(link.blocksOtherVersion, "block").map { $0 + " of another version" },
            some(link.blocksUnknown, "block").map { $0 + " of an unknown type" }, some(link.blocksMalformed, "malformed block"),
            some(link.framesMissing, "frame").map { $0 + " missing" }, some(link.framesRepeated, "frame").map { $0 + " repeated" },
            some(link.framesUnconfigured, "frame").map { $0 + " without a configuration" },
            some(link.deviceSamplesDropped, "sample").map { $0 + " dropped by the device" },
            some(chunksRefused, "chunk").map { $0 + " found the engine busy" },
            some(sinkRefused, "message").map { $0 + " found the output busy" },
            some(framesUnheard, "frame").map { $0 + " without an engine" }, some(transport.stalls, "stall"),
            some(transport.overflows, "overflow"), some(transport.errors, "transfer error"),
        ].compactMap { $0 }
        lines.append(lost.isEmpty ? "nothing was lost" : "lost or left out: " + lost.joined(separator: ", "))
        if transport.lost + silences > 0 {
            lines.append("connections: \(transport.opened), lost \(transport.lost) times, silent \(silences) times")
        }
        if clock.isKnown { lines.append("device clock: \(clockText)") }
        if eventLatency.count > 0 {
            lines.append("from transfer to event:  \(eventLatency.text) of \(Text.counted(Int(eventLatency.count), "event"))")
        }
        if transferLatency.count > 0 {
            lines.append("from transfer to frames: \(transferLatency.text) of \(Text.counted(Int(transferLatency.count), "transfer"))")
        }
        return lines
    }

    /// The clock's rate error, as "+12.3 ± 0.4 ppm".
    var clockText: String {
        let sign = clock.partsPerMillion < 0 ? "" : "+"
        let rate =
            "\(sign)\(Text.fixed(clock.partsPerMillion, decimals: 1)) ± \(Text.fixed(clock.partsPerMillionUncertainty, decimals: 1)) ppm"
        return rate + ", times ± \(Text.duration(nanoseconds: Int64(clock.offsetUncertainty)))"
    }

    /// One line for the foot of a screen.
    var footer: String {
        let missing = link.framesMissing + link.framesUnconfigured
        var parts = ["lost \(Text.grouped(Int(clamping: missing))) of \(Text.grouped(Int(clamping: link.frames + missing))) frames"]
        if epoch > 1 { parts.append("connection \(epoch)") }
        if chunksRefused + sinkRefused > 0 { parts.append("dropped \(chunksRefused)+\(sinkRefused)") }
        if link.bytesSkipped > 0 { parts.append("\(Text.grouped(Int(clamping: link.bytesSkipped))) bytes bad") }
        if clock.isKnown {
            parts.append("clock \(clock.partsPerMillion < 0 ? "" : "+")\(Text.fixed(clock.partsPerMillion, decimals: 1)) ppm")
        }
        if eventLatency.count > 0 {
            parts.append(
                "\(Text.duration(nanoseconds: eventLatency.median)), 99.9 % \(Text.duration(nanoseconds: eventLatency.permille999))")
        }
        return " " + parts.joined(separator: "; ")
    }
}

extension LatencySummary {
    /// Median, 99.9 % and longest.
    public var text: String {
        "\(Text.duration(nanoseconds: median)) median, \(Text.duration(nanoseconds: permille999)) at 99.9 %, \(Text.duration(nanoseconds: longest)) longest"
    }
}
