// What a person is told of a live session's counters: each one that is not 0, at the foot of the screen and at the end.

import CPrecordiaTransport
import PrecordiaLink
import Testing

@testable import PrecordiaRuntime

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

    @Test("a source that is faster than time says nothing about a clock")
    func fasterThanTime() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: HostSession.requiredBytes, alignment: 8)
        defer { memory.deallocate() }
        let bytes = Wire.session(seconds: 60).bytes
        let starts = Wire.starts(bytes) + [bytes.count]
        for (speed, isKnown) in [(1.0, true), (1.004, true), (1.02, false), (100.0, false)] {
            var settings = HostSettings()
            settings.keepsTime = false
            var session = HostSession(settings, memory: memory)
            var time = DeviceTime()
            for (start, end) in zip(starts, starts.dropFirst()) {
                let ticks = bytes[start + 16..<start + 24].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
                let taken = bytes[start..<end].withUnsafeBytes { session.feed($0, at: Int64(Double(ticks) * 1000 / speed)) }
                #expect(taken == end - start)
                while let news = session.next() { if news == .frame { time.observe(session) } }
            }
            #expect(time.figures.isKnown == isKnown, "\(speed)")
        }
    }
}
