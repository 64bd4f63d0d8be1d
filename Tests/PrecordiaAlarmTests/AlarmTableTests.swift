// The table of sounds against the ranges that docs/alarm.md lists, and the samples that are made of it.

import PrecordiaAlerts
import Testing

@testable import PrecordiaAlarm

@Suite("Table of alarm sounds")
struct AlarmTableTests {
    @Test("Every time lies within its range, measured at 10, 50 or 90 % of the amplitude", arguments: AlarmTable.sounds.indices)
    func ranges(index: Int) {
        let sound = AlarmTable.sounds[index]
        let isHigh = sound.priority == .high
        let pulses = isHigh ? 75.0...200.0 : 125.0...250.0
        let spacings = isHigh ? 50.0...125.0 : 125.0...250.0
        // Half a cosine reaches 10, 50 and 90 % at intervals of half the rise.
        for shift in [-sound.rise, 0, sound.rise] {
            #expect(pulses.contains(sound.pulse + shift))
            #expect(spacings.contains(sound.spacing - shift))
            #expect((0.1...0.2).contains(sound.rise / (sound.pulse + shift)))
            if isHigh { #expect((350.0...1300.0).contains(sound.gap - shift)) }
        }
        #expect(sound.pulses == (isHigh ? 10 : sound.priority == .medium ? 3 : 2))
        let bursts: ClosedRange<Double> = isHigh ? 2500...15_000 : sound.priority == .medium ? 2500...30_000 : 15_000...60_000
        #expect(bursts.contains(sound.interburst) && bursts.contains(sound.shortestInterburst))
        #expect(sound.shortestInterburst <= sound.interburst)
        // The pause within a group of five: twice the spacing and a pulse.
        if isHigh { #expect(sound.pause == 2 * sound.spacing + sound.pulse) }
    }

    @Test(
        "Each note has its fundamental and at least four components between 300 Hz and 4 kHz within 15 dB",
        arguments: AlarmTable.sounds.indices)
    func harmonics(index: Int) {
        let sound = AlarmTable.sounds[index]
        for note in sound.notes {
            #expect((150.0...1000.0).contains(note.frequency))
            let heard = sound.harmonics.enumerated().filter {
                (300.0...4000.0).contains(note.frequency * Double($0.offset + 1)) && abs($0.element - sound.harmonics[0]) <= 15
            }
            #expect(heard.count >= 4)
        }
    }

    @Test("Every priority that sounds has one row for each melody, and no other has any")
    func rows() {
        for priority in [AlertPriority.low, .medium, .high] {
            for melody in AlarmMelody.allCases {
                let rows = AlarmTable.sounds.filter { $0.priority == priority && $0.melody == melody }
                #expect(rows.count == 1)
                #expect(AlarmTable.index(priority, melody).map { AlarmTable.sounds[$0].priority } == priority)
            }
        }
        #expect(AlarmTable.index(.none, .general) == nil)
        #expect(AlarmTable.index(.information, .general) == nil)
    }

    @Test("Samples have the table's times, to a frame, and its peak", arguments: AlarmTable.sounds.indices, [16_000, 44_100, 48_000])
    func samples(index: Int, rate: Int) {
        let sound = AlarmTable.sounds[index]
        let rendered = RenderedSound(sound, rate: rate)
        #expect(rendered.pulses.count == sound.pulses && rendered.rests.count == sound.pulses)
        for pulse in 0..<sound.pulses {
            let period = (sound.pulse + sound.restAfter(pulse)) * Double(rate) / 1000
            #expect(abs(Double(rendered.pulses[pulse].count + rendered.rests[pulse]) - period) <= 1)
            #expect(rendered.pulses[pulse].first == 0 && abs(rendered.pulses[pulse].last!) <= 1)
        }
        let peaks = rendered.pulses.map { $0.map { abs(Int($0)) }.max()! }
        let expected = [AlertPriority.high: 30_000, .medium: 21_238, .low: 15_036][sound.priority]!
        #expect(peaks.allSatisfy { $0 == expected })
    }

    @Test("An order survives its word, whatever it says")
    func orders() {
        for priority in [AlertPriority.none, .information, .low, .medium, .high] {
            for melody in AlarmMelody.allCases {
                for isCut in [false, true] {
                    for onset in [UInt8(0), 1, 255] {
                        for microseconds: UInt64 in [0, 1, 1 << 47, 0xFFFF_FFFF_FFFF] {
                            var order = AlarmOrder()
                            order.priority = priority
                            order.melody = melody
                            order.isCut = isCut
                            order.onset = onset
                            order.microseconds = microseconds
                            #expect(AlarmOrder(word: order.word) == order)
                        }
                    }
                }
            }
        }
    }

    @Test("An order that repeats the last changes nothing, unless an alarm is new")
    func repeated() throws {
        let first = try #require(AlarmOrder().changed(to: .high, .general, isNew: false, isCut: false, microseconds: 5))
        #expect(first.changed(to: .high, .general, isNew: false, isCut: false, microseconds: 9) == nil)
        let second = try #require(first.changed(to: .high, .general, isNew: true, isCut: false, microseconds: 9))
        #expect(second.onset == 1 && second.microseconds == 9)
    }
}
