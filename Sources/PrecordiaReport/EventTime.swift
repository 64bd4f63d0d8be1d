// When an event was, by the wall clock: attached at the edge of a live session and never asked for by the engine.
// Text of a date by integer arithmetic, because no library above the line knows a calendar.

import PrecordiaSignal
package import PrecordiaText

/// A time of the host's clock.
package struct EventTime: Equatable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package var utc: Int64
    /// One standard uncertainty, microseconds, against the host's clock; nil if it is not known.
    package var uncertainty: UInt64?

    @_noAllocation @_noLocks
    package init(utc: Int64, uncertainty: UInt64?) {
        self.utc = utc
        self.uncertainty = uncertainty
    }
}

extension JSONText {
    /// Adds `utc`, as in "2026-11-27T04:42:42.123456Z", and `uncertainty` in seconds.
    @_noAllocation @_noLocks
    package mutating func fields(of time: EventTime) {
        key("utc")
        raw(0x22)
        date(microseconds: time.utc)
        raw(0x22)
        key("uncertainty")
        if let uncertainty = time.uncertainty { fixed(Double(uncertainty) / 1e6, decimals: 6) } else { raw("null") }
    }

    /// A date and time after ISO 8601; of the years 1970 to 9999, otherwise their nearest.
    ///
    /// The calendar's arithmetic is H. Hinnant's `civil_from_days` (chrono-compatible low-level date algorithms, 2013).
    @_noAllocation @_noLocks
    package mutating func date(microseconds: Int64) {
        let clamped = UInt64(max(0, min(microseconds, 253_402_300_799_999_999)))
        let seconds = clamped / 1_000_000
        let shifted = seconds / 86_400 &+ 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra &- dayOfEra / 1460 &+ dayOfEra / 36_524 &- dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra &- (365 &* yearOfEra &+ yearOfEra / 4 &- yearOfEra / 100)
        let fromMarch = (5 &* dayOfYear &+ 2) / 153
        let month = fromMarch < 10 ? fromMarch &+ 3 : fromMarch &- 9
        digits(yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0), width: 4)
        raw(0x2D)
        digits(month, width: 2)
        raw(0x2D)
        digits(dayOfYear &- (153 &* fromMarch &+ 2) / 5 &+ 1, width: 2)
        raw(0x54)
        digits(seconds / 3600 % 24, width: 2)
        raw(0x3A)
        digits(seconds / 60 % 60, width: 2)
        raw(0x3A)
        digits(seconds % 60, width: 2)
        raw(0x2E)
        digits(clamped % 1_000_000, width: 6)
        raw(0x5A)
    }
}
