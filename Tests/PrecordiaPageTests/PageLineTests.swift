// Lines taken apart, and what is no line.

import Testing

@testable import PrecordiaPage

@Suite struct PageLineTests {
    @Test("fields are found whatever stands around them, and not inside other objects")
    func fields() {
        let line = PageLine(
            #"{"event":"alarm","in":{"condition":"no","list":[1,"}"]},"condition":"AFIB" , "value":-1.5e1,"leads":["I","II"],"n":null}"#
                + "\n")
        #expect(line.isObject)
        #expect(line.text("event") == "alarm" && line.text("condition") == "AFIB")
        #expect(line.number("value") == -15 && line.number("event") == nil && line.number("n") == nil)
        #expect(line.raw("leads").map { String(decoding: $0, as: UTF8.self) } == #"["I","II"]"#)
        #expect(line.raw("in").map { String(decoding: $0, as: UTF8.self) } == #"{"condition":"no","list":[1,"}"]}"#)
        #expect(line.raw("list") == nil && line.raw("other") == nil)
    }

    @Test("escapes of quote, backslash and slash are read, and any other makes no text")
    func escapes() {
        #expect(PageLine(#"{"a":"x\"y\\z\/"}"#).text("a") == #"x"y\z/"#)
        #expect(PageLine(#"{"a":"\u0041"}"#).text("a") == nil)
    }

    @Test("every cut, every changed byte and random bytes are answered without a trap")
    func damage() {
        let whole = Array(#"{"event":"alarm","in":{"a":[1,2,"x\"y"]},"condition":"AFIB","n":-1.5}"#.utf8)
        for count in 0..<whole.count {
            let cut = PageLine(whole[..<count])
            #expect(!cut.isObject)
            _ = (cut.text("condition"), cut.number("n"), cut.raw("in"))
        }
        for place in whole.indices {
            for byte in [0, 0x22, 0x5C, 0x7B, 0x7D, 0x5D, 0x2C, 0xFF] as [UInt8] {
                var damaged = whole
                damaged[place] = byte
                let line = PageLine(damaged)
                _ = (line.isObject, line.text("condition"), line.number("n"), line.raw("in"))
            }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let line = PageLine(
                (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8.random(in: 0x20...0x7F, using: &generator) })
            _ = (line.isObject, line.text("do"), line.number("id"))
        }
    }
}
