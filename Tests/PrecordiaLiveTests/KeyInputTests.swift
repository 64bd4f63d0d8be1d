// Which bytes of a terminal are keys, and when the sound's failing is news.

import Testing

@testable import PrecordiaLive

@Suite struct KeyInputTests {
    func keys(_ text: String) -> [AlarmKey] {
        var reader = KeyReader()
        return text.utf8.compactMap { reader.take($0, at: 1_000_000_000) }
    }

    @Test("letters are keys, large or small, and nothing else is")
    func letters() {
        #expect(keys("apoAPO") == [.acknowledge, .pause, .off, .acknowledge, .pause, .off])
        #expect(keys("bcxyz 1\r\n\u{1}\u{10}\u{F}áöпо").isEmpty)
    }

    @Test(
        "no other key of a terminal is one",
        arguments: [
            "\u{1B}OP", "\u{1B}OA", "\u{1B}[A", "\u{1B}[1;5A", "\u{1B}[15~", "\u{1B}[[A", "\u{1B}a", "\u{1B}p", "\u{1B}\u{1B}[A",
            "\u{1B}\u{1B}OP",
            "\u{1B}]11;rgb:0000/0000/aaaa\u{7}", "\u{1B}P1+r6f=70\u{1B}\\", "\u{1B}[?62;1;4c", "\u{1B}[<0;10;10M",
        ])
    func sequences(text: String) {
        #expect(keys(text).isEmpty)
        #expect(keys(text + "a") == [.acknowledge], "and the letter after it is one")
    }

    @Test("a sequence may come in pieces, and Escape alone does not swallow the next key for long")
    func pieces() {
        var reader = KeyReader()
        #expect(reader.take(0x1B, at: 0) == nil)
        #expect(reader.take(UInt8(ascii: "O"), at: KeyReader.patience) == nil)
        #expect(reader.take(UInt8(ascii: "P"), at: 2 * KeyReader.patience) == nil)
        #expect(reader.take(0x1B, at: 3_000_000_000) == nil)
        #expect(reader.take(UInt8(ascii: "a"), at: 3_000_000_001 + KeyReader.patience) == .acknowledge)
    }

    @Test("a key that was down all the while nobody looked is the same press, and one that was seen up for a second is another")
    func held() {
        var held = HeldKeys()
        func press(_ milliseconds: Int64) -> Bool {
            held.look(at: milliseconds * 1_000_000)
            return held.isPress(.acknowledge)
        }
        #expect(press(0) && !press(33) && !press(1_000))
        #expect(!press(9_000), "a terminal that took no text for 8 s held up the looking, and the key may have been down")
        for time in stride(from: 9_066, through: 10_200, by: 66) { held.look(at: Int64(time) * 1_000_000) }
        #expect(press(10_250))
        held.look(at: 10_300_000_000)
        #expect(held.isPress(.pause) && !held.isPress(.acknowledge), "each key for itself")
    }

    @Test("sound that fails for a second is news, once, and so is its coming back")
    func soundWatch() {
        var watch = SoundWatch()
        let told = [(0, true), (999, true), (1000, true), (1500, true), (2000, false), (2100, true), (2500, false), (3000, true)].map {
            watch.news(isFailing: $0.1, at: Int64($0.0))
        }
        #expect(told == [nil, nil, true, nil, false, nil, nil, nil])
    }

    @Test("a fault is told once, when it changes")
    func sessionFault() {
        var fault = SessionFault()
        #expect(fault.news() == nil)
        fault.value = 1
        #expect(fault.news() == 1 && fault.news() == nil)
        fault.value = 3
        #expect(fault.news() == 3)
        fault.value = 0
        #expect(fault.news() == 0 && fault.news() == nil)
    }
}
