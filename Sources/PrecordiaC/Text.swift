// Swift's fixed texts and a model's strings as C sees them.
// Apart from the functions that return them, because they are where pointers change their type.

import CPrecordia

extension StaticString {
    /// The text as C's: literals are zero-terminated and live as long as the program.
    var c: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }

    /// The text without its terminator.
    var text: precordia_text { precordia_text(bytes: c, count: utf8CodeUnitCount) }
}

/// A zero-terminated text in place, without its terminator.
func bytesOf(_ text: UnsafePointer<CChar>) -> UnsafeRawBufferPointer {
    var length = 0
    while text[length] != 0 { length &+= 1 }
    return UnsafeRawBufferPointer(start: text, count: length)
}

extension precordia_text {
    /// A string of a model, in place.
    init(_ string: UnsafeRawBufferPointer) {
        self.init(bytes: (string.baseAddress ?? StaticString("").bytes).assumingMemoryBound(to: CChar.self), count: string.count)
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeRawPointer { UnsafeRawPointer(utf8Start) }
}
