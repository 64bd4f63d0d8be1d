// The session's own line of JSON, and the same in words for a person: everything that can be lost, and the clock.
// Beside the lines of PrecordiaReport, which know the engine and the wire but no threads.

import CPrecordiaTransport
import PrecordiaDevice
import PrecordiaHost
import PrecordiaLink
import PrecordiaReport
import PrecordiaText

extension EventReport {
    /// The line `session`, as docs/events.md has it.
    ///
    /// - Parameter outlets: names by place; those that missed something are told.
    func session(_ figures: LiveFigures, outlets: [String] = [], into text: inout JSONText) {
        beginSession(epoch: figures.epoch, streams: figures.streams, &text)
        text.field("alarms", (AlarmHearing(rawValue: figures.hearing) ?? .unheard).name)
        text.key("counters")
        text.open(0x7B)
        for (name, value) in figures.counters { text.field(name, value) }
        text.close(0x7D)
        missed(figures, outlets, &text)
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

    /// What outlets beside the first missed; nothing where none did.
    private func missed(_ figures: LiveFigures, _ outlets: [String], _ text: inout JSONText) {
        let slow = outlets.indices.filter { $0 < 8 && figures.outletsRefused[$0] > 0 }
        guard !slow.isEmpty else { return }
        text.key("outlets")
        text.open(0x7B)
        for place in slow {
            outlets[place].utf8Bytes { text.key($0) }
            text.integer(figures.outletsRefused[place])
        }
        text.close(0x7D)
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
            ("framesSame", signal.same), ("framesMistimed", signal.mistimed), ("framesSkipped", signal.skipped),
            ("framesSilent", signal.silent), ("cuts", signal.cuts), ("ratesWrong", signal.ratesWrong),
        ]
    }

    /// Everything that was lost, left out or went wrong, in words; empty if nothing was.
    var losses: [String] {
        let found: [(count: UInt64, noun: String, rest: String)] = [
            (link.framesMissing, "frame", "missing"), (link.framesUnconfigured, "frame", "without a configuration"),
            (link.framesRepeated, "frame", "repeated"), (framesUnheard, "frame", "without an engine"),
            (signal.same, "frame", "once more"), (signal.mistimed, "frame", "at a wrong rate"),
            (signal.skipped, "frame", "missed in the device, by its clock"), (signal.silent, "frame", "of time that was not heard"),
            (signal.cuts, "restart", "in a stream"),
            (link.deviceSamplesDropped, "sample", "dropped by the device"), (link.blocksMissing, "block", "missing"),
            (link.blocksRepeated, "block", "repeated"), (link.blocksOtherVersion, "block", "of another version"),
            (link.blocksUnknown, "block", "of an unknown type"), (link.blocksMalformed, "malformed block", ""),
            (link.checksumFailures, "wrong check", ""), (link.packetsBroken, "broken packet", ""),
            (link.bytesSkipped, "byte", "skipped"), (bytesRefused, "byte", "found the engine busy"),
            (sinkRefused, "message", "found the output busy"), (transport.lost, "connection", "lost"), (silences, "silence", ""),
            (transport.stalls, "stall", ""), (transport.overflows, "overflow", ""), (transport.errors, "transfer error", ""),
            (transport.unsent, "command", "not sent"),
        ]
        return found.filter { $0.count > 0 }.map { loss in
            Text.counted(Int(clamping: loss.count), loss.noun) + (loss.rest.isEmpty ? "" : " " + loss.rest)
        }
    }

    /// What a person wants to know at the end, a line each.
    package var summary: [String] {
        var lines = ["link: \(Text.counted(Int(clamping: link.blocks), "block")), \(Text.counted(Int(clamping: link.frames), "frame"))"]
        lines.append(losses.isEmpty ? "nothing was lost" : "lost or left out: " + losses.joined(separator: ", "))
        // A device that is started begins another session, so this is no loss.
        if epoch > 1 || link.restarts > 0 { lines.append("connections: \(epoch), sessions of the device: \(link.restarts + 1)") }
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

    /// The foot of a screen, its parts with a semicolon between them.
    package var footer: String {
        let missing = link.framesMissing + link.framesUnconfigured
        var parts = ["lost \(Text.grouped(Int(clamping: missing))) of \(Text.grouped(Int(clamping: link.frames + missing))) frames"]
        parts += losses
        if epoch > 1 { parts.append("connection \(epoch)") }
        if link.restarts > 0 { parts.append("device session \(link.restarts + 1)") }
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
    package var text: String {
        "\(Text.duration(nanoseconds: median)) median, \(Text.duration(nanoseconds: permille999)) at 99.9 %, \(Text.duration(nanoseconds: longest)) longest"
    }
}
