// Dates by integer arithmetic, compared with Foundation's calendar.

import Foundation
import PrecordiaReport
import PrecordiaText
import Testing

@Suite struct EventTimeTests {
    func text(_ microseconds: Int64) -> String {
        var memory = [UInt8](repeating: 0, count: 64)
        return memory.withUnsafeMutableBytes { memory in
            var text = JSONText(memory)
            text.date(microseconds: microseconds)
            return String(decoding: memory[..<text.count], as: UTF8.self)
        }
    }

    @Test("the calendar's corners")
    func corners() {
        #expect(text(0) == "1970-01-01T00:00:00.000000Z")
        #expect(text(951_782_400_000_000) == "2000-02-29T00:00:00.000000Z")
        #expect(text(1_709_251_199_999_999) == "2024-02-29T23:59:59.999999Z")
        #expect(text(4_107_542_400_000_000) == "2100-03-01T00:00:00.000000Z")
        #expect(text(-5) == "1970-01-01T00:00:00.000000Z")
        #expect(text(.max) == "9999-12-31T23:59:59.999999Z")
    }

    @Test("every day of 400 years is Foundation's")
    func days() {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        for day in 0..<146_097 {
            let parts = calendar.dateComponents([.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let expected = String(format: "%04d-%02d-%02dT00:00:01.000002Z", parts.year!, parts.month!, parts.day!)
            let found = text((Int64(day) * 86_400 + 1) * 1_000_000 + 2)
            guard found == expected else {
                Issue.record("\(found) instead of \(expected)")
                return
            }
        }
    }

    @Test("a line of an event has the time at its end, and without one it has not")
    func fields() {
        var memory = [UInt8](repeating: 0, count: 256)
        memory.withUnsafeMutableBytes { memory in
            var text = JSONText(memory)
            text.open(0x7B)
            text.field("a", 1)
            text.fields(of: EventTime(utc: 1_000_000, uncertainty: nil))
            text.fields(of: EventTime(utc: 1_000_000, uncertainty: 2500))
            text.close(0x7D)
            #expect(
                String(decoding: memory[..<text.count], as: UTF8.self)
                    == "{\"a\":1,\"utc\":\"1970-01-01T00:00:01.000000Z\",\"uncertainty\":null,\"utc\":\"1970-01-01T00:00:01.000000Z\",\"uncertainty\":0.002500}"
            )
        }
    }
}
