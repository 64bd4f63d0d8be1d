// JSON byte by byte: numbers, quoting and memory that is too small.
// Exact strings: other programs compare them.

import PrecordiaText
import Testing

/// What `write` puts into `room` bytes, and the bytes that it needed.
func written(room: Int = 4096, _ write: (inout JSONText) -> Void) -> (text: String, needed: Int) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: room + 16, alignment: 1)
    defer { memory.deallocate() }
    for index in memory.indices { memory[index] = 0xEE }
    var text = JSONText(UnsafeMutableRawBufferPointer(rebasing: memory[..<room]))
    write(&text)
    #expect(memory[room...].allSatisfy { $0 == 0xEE }, "nothing is written behind the memory")
    #expect(text.isWhole == (text.count <= room))
    return (String(decoding: memory[..<min(room, text.count)], as: UTF8.self), text.count)
}

func quoted(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { bytes in written { $0.quoted(bytes) }.text } }

@Suite struct JSONTextTests {
    @Test("numbers are rounded half away from zero")
    func fixed() {
        func text(_ value: Double, _ decimals: Int) -> String { written { $0.fixed(value, decimals: decimals) }.text }
        #expect(text(0.5, 0) == "1")
        #expect(text(-0.25, 1) == "-0.3")
        #expect(text(-0.0000001, 6) == "0.000000")
        #expect(text(0.9999996, 6) == "1.000000")
        #expect(text(12.3456789, 3) == "12.346")
        #expect(text(999_999_999, 6) == "999999999.000000")
        #expect(text(1e12, 6) == "null")
        #expect(text(.nan, 2) == "null")
        #expect(text(-.infinity, 6) == "null")
    }

    @Test("a million floats have the digits that rounding their exact decimal value gives")
    func fixedAgainstIntegers() {
        var seed: UInt64 = 1
        var wrong = 0
        for _ in 0..<1_000_000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Double(Float(bitPattern: UInt32(seed >> 34) % 0x3F80_0001))
            let expected = UInt64((value * 1e6).rounded(.toNearestOrAwayFromZero))
            if JSONText.scaled(value, decimals: 6) != expected { wrong += 1 }
        }
        #expect(wrong == 0)
    }

    @Test("integers and times have all their digits, up to the largest index")
    func integers() {
        #expect(written { $0.integer(0) }.text == "0")
        #expect(written { $0.integer(.max) }.text == "18446744073709551615")
        #expect(written { $0.seconds(sample: 5000, rate: 500) }.text == "10.000")
        #expect(written { $0.seconds(sample: 1, rate: 360) }.text == "0.003")
        #expect(written { $0.seconds(sample: 1999, rate: 2000) }.text == "1.000")
        #expect(written { $0.seconds(sample: UInt64(1) << 50, rate: 1999) }.text == "563231569205.915")
        #expect(written { $0.seconds(sample: .max, rate: 100) }.text == "184467440737095516.150")
    }

    @Test("quotes, backslashes and control characters are escaped")
    func escapes() {
        #expect(quoted(Array("a\"b\\c\n\u{07}\u{7F} ü".utf8)) == "\"a\\\"b\\\\c\\n\\u0007\\u007f ü\"")
    }

    @Test("bytes that are no UTF-8 become what Swift's strings make of them")
    func invalid() {
        let pieces: [UInt8] = [0x41, 0x80, 0xC2, 0xE0, 0xA0, 0xED, 0xBF, 0xF0, 0x90, 0xF4, 0x8F, 0xFF, 0xC0]
        var bytes: [UInt8] = []
        for number in 0..<28_561 {
            var rest = number
            bytes.removeAll()
            for _ in 0..<4 {
                bytes.append(pieces[rest % pieces.count])
                rest /= pieces.count
            }
            let expected = "\"" + String(decoding: bytes, as: UTF8.self) + "\""
            #expect(quoted(bytes) == expected, "\(bytes)")
        }
    }

    @Test("a text that finds no room is counted, and nothing is written behind the memory")
    func room() {
        let whole = written { $0.field("leads", UInt64(12)) }
        for room in 0..<whole.needed {
            let part = written(room: room) { $0.field("leads", UInt64(12)) }
            #expect(part.needed == whole.needed)
            #expect(whole.text.hasPrefix(part.text))
        }
    }

    @Test("objects and lists put commas where they belong")
    func commas() {
        let text = written { text in
            text.open(0x7B)
            text.key("a")
            text.open(0x5B)
            text.close(0x5D)
            text.key("b")
            text.open(0x5B)
            text.next()
            text.integer(1)
            text.next()
            text.integer(2)
            text.close(0x5D)
            text.field("c", true)
            text.close(0x7D)
        }
        #expect(text.text == "{\"a\":[],\"b\":[1,2],\"c\":true}")
    }
}
