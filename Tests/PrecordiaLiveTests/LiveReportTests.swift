// What a person is told of a live session's counters: each one that is not 0, at the foot of the screen and at the end.

import CPrecordiaTransport
import PrecordiaDevice
import PrecordiaLink
import PrecordiaTesting
import Testing

@testable import PrecordiaLive

@Suite struct LiveReportTests {
    private let clean = LiveFigures()

    @Test("without a loss nothing was lost")
    func nothing() {
        #expect(!clean.hasLoss && clean.losses == [] && clean.summary.contains("nothing was lost"))
    }

    @Test("each counter of loss stands in the summary and in the foot")
    func each() {
        let link: [WritableKeyPath<LinkCounters, UInt64>] = [
            \.bytesSkipped, \.checksumFailures, \.packetsBroken, \.blocksMissing, \.blocksRepeated, \.blocksOtherVersion, \.blocksUnknown,
            \.blocksMalformed, \.framesMissing, \.framesRepeated, \.framesUnconfigured, \.deviceSamplesDropped,
        ]
        let transport: [WritableKeyPath<precordia_transport_counters, UInt64>] = [\.lost, \.stalls, \.overflows, \.errors, \.unsent]
        let own: [WritableKeyPath<LiveFigures, UInt64>] = [\.bytesRefused, \.sinkRefused, \.silences, \.framesUnheard]
        let linkOf: WritableKeyPath<LiveFigures, LinkCounters> = \.link
        let transportOf: WritableKeyPath<LiveFigures, precordia_transport_counters> = \.transport
        let paths = link.map { linkOf.appending(path: $0) } + transport.map { transportOf.appending(path: $0) }
        for path in paths + own {
            var figures = clean
            figures[keyPath: path] = 4321
            #expect(figures.losses.count == 1 && figures.losses[0].contains("4 321"), "\(path)")
            #expect(!figures.summary.contains("nothing was lost") && figures.summary.joined().contains(figures.losses[0]), "\(path)")
            #expect(figures.footer.contains(figures.losses[0]), "\(path)")
            #expect(figures.hasLoss || path == \LiveFigures.bytesRefused, "\(path)")
        }
    }

    @Test("further connections and sessions of the device are told and are no loss")
    func sessions() {
        var figures = clean
        figures.epoch = 2
        figures.link.restarts = 2
        #expect(figures.summary.contains("connections: 2, sessions of the device: 3") && figures.summary.contains("nothing was lost"))
        #expect(figures.footer.contains("connection 2; device session 3"))
    }
}
