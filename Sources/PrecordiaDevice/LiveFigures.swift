// Everything that a live session counts and measures outside the engine, as one value that threads copy to each other.
// The engine's own counters stand in the `end` line of each stream.

package import CPrecordiaTransport
package import PrecordiaHost
package import PrecordiaLink

/// The clock of a device against the host's.
package struct ClockFigures: Equatable, Sendable {
    /// Parts per million that the device's clock is fast, and one standard uncertainty.
    package var partsPerMillion = 0.0
    package var partsPerMillionUncertainty = 0.0
    /// One standard uncertainty of a sample's time, nanoseconds.
    package var offsetUncertainty = 0.0
    /// Blocks that the estimate rests on, those left out as too late, and how often it began anew.
    package var observations: UInt64 = 0
    package var outliers: UInt64 = 0
    package var resets: UInt64 = 0
    /// Whether an estimate exists, and whether it rests on the device's own clock and not on the nominal rate alone.
    package var isKnown = false
    package var isFromTicks = false
    /// Estimated error of the host's own clock against UTC, microseconds; -1 where nothing keeps it synchronised.
    package var hostError: Int64 = -1
}

/// Latency from the moment at which the system handed over the bytes, nanoseconds.
package struct LatencySummary: Equatable, Sendable {
    package var count: Int64 = 0
    package var median: Int64 = 0
    package var permille999: Int64 = 0
    package var longest: Int64 = 0

    package init() {}

    package init(_ histogram: LatencyHistogram) {
        count = histogram.count
        median = histogram.quantile(0.5)
        permille999 = histogram.quantile(0.999)
        longest = histogram.longest
    }
}

/// What can be lost on the way, counted; and how long the way took.
package struct LiveFigures: Sendable {
    package var link = LinkCounters()
    package var signal = SignalWatch.Counters()
    package var transport = precordia_transport_counters()
    /// Chunks and bytes that found the ring to the engine full.
    package var chunksRefused: UInt64 = 0
    package var bytesRefused: UInt64 = 0
    /// What found the ring to the first outlet full, which is whoever started the session.
    package var sinkRefused: UInt64 = 0
    /// The same of the other outlets, by their place in the session's list; the first's place stays 0.
    package var outletsRefused = InlineArray<8, UInt64>(repeating: 0)
    /// Connections so far; the first is 1.
    package var epoch: UInt64 = 0
    /// Streams begun.
    package var streams: UInt64 = 0
    /// Times that an open line fell silent.
    package var silences: UInt64 = 0
    /// Frames that came for no stream, because no engine could be made for it.
    package var framesUnheard: UInt64 = 0
    package var clock = ClockFigures()
    /// An ``AlarmHearing``.
    package var hearing: UInt8 = 0
    /// From the completion of the transfer to the event's leaving the engine, and to the engine's having taken all frames of the transfer.
    package var eventLatency = LatencySummary()
    package var transferLatency = LatencySummary()

    package init() {}

    /// Whether anything was lost or left out anywhere.
    package var hasLoss: Bool {
        let transfers = transport.lost | transport.unsent | transport.stalls | transport.overflows | transport.errors
        let unheard = signal.same | signal.mistimed | signal.skipped | signal.silent | signal.cuts
        for place in 0..<8 where outletsRefused[place] != 0 { return true }
        return link.hasLoss || unheard | chunksRefused | sinkRefused | framesUnheard | silences | transfers != 0
    }
}
