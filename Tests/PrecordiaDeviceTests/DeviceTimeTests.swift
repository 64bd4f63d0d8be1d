// What is told of a device's clock.

import PrecordiaDevice
import PrecordiaLink
import PrecordiaTesting
import Testing

@Suite struct DeviceTimeTests {
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
