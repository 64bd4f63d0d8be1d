// Text as a test compares it; the like of it in the tests of PrecordiaText, which no other room sees.

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
