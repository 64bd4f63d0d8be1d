// What the session asks the sound thread for, in one atomic word.
// One word, because then neither thread can see half an order, and neither ever waits.

import PrecordiaAlerts

/// What is to sound. Packed: priority (bits 0-2), melody (3-6), cut (7), onset (8-15), microseconds of the monotonic clock (16-63: nine years).
struct AlarmOrder: Equatable {
    var priority = AlertPriority.none
    var melody = AlarmMelody.general
    /// Whether a burst that is sounding is left at the end of its pulse, because a person said so.
    var isCut = false
    /// Counts new alarms, so that one of the same priority is heard as such.
    var onset: UInt8 = 0
    /// When the order was given.
    var microseconds: UInt64 = 0

    init() {}

    init(word: UInt64) {
        priority = AlertPriority(rawValue: UInt8(truncatingIfNeeded: word & 7)) ?? .none
        melody = AlarmMelody(rawValue: UInt8(truncatingIfNeeded: word >> 3 & 15)) ?? .general
        isCut = word & 128 != 0
        onset = UInt8(truncatingIfNeeded: word >> 8)
        microseconds = word >> 16
    }

    var word: UInt64 {
        UInt64(priority.rawValue) | UInt64(melody.rawValue) << 3 | (isCut ? 128 : 0) | UInt64(onset) << 8 | microseconds << 16
    }

    /// This order with what `set` was told; nil if that changes nothing.
    func changed(to priority: AlertPriority, _ melody: AlarmMelody, isNew: Bool, isCut: Bool, microseconds: UInt64) -> AlarmOrder? {
        guard isNew || priority != self.priority || melody != self.melody || isCut != self.isCut else { return nil }
        var order = self
        order.priority = priority
        order.melody = melody
        order.isCut = isCut
        if isNew { order.onset &+= 1 }
        order.microseconds = microseconds
        return order
    }
}
