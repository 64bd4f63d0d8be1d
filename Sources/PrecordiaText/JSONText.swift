// One line of JSON, written byte by byte into the caller's memory.
// Apart from what is said in it, so that every line of the project is separated, escaped and rounded by the same few functions.

import PrecordiaSignal

/// JSON being written into memory that the caller gives.
///
/// Never writes beyond the memory and never fails: ``count`` goes on counting, so that a caller whose memory was too small knows how much
/// the text needs. What stands in the memory is a text only if ``isWhole``.
///
/// - Memory: the caller's. Cost: a few nanoseconds a byte.
package struct JSONText {
    /// Bytes of the text so far, those that found no room included.
    package private(set) var count = 0
    /// Whether the next value of this object or list needs a comma before it.
    package private(set) var continues: Bool
    private let memory: UnsafeMutableRawBufferPointer

    /// A text that begins at the memory's first byte, or goes on inside an object that has fields already.
    @_noAllocation @_noLocks
    package init(_ memory: UnsafeMutableRawBufferPointer, continues: Bool = false) {
        self.memory = memory
        self.continues = continues
    }

    /// Whether the memory held everything.
    package var isWhole: Bool { @_noAllocation @_noLocks get { count <= memory.count } }

    /// Adds one byte as it is.
    @_noAllocation @_noLocks
    package mutating func raw(_ byte: UInt8) {
        if count < memory.count { memory[count] = byte }
        count &+= 1
    }

    /// Adds bytes as they are.
    @_noAllocation @_noLocks
    package mutating func raw(_ bytes: UnsafeRawBufferPointer) {
        for index in 0..<bytes.count { raw(bytes[index]) }
    }

    /// Adds text as it is.
    @_noAllocation @_noLocks
    package mutating func raw(_ text: StaticString) { raw(Self.bytes(of: text)) }

    /// Begins an object or a list: `{` or `[`.
    @_noAllocation @_noLocks
    package mutating func open(_ bracket: UInt8) {
        raw(bracket)
        continues = false
    }

    /// Ends it: `}` or `]`.
    @_noAllocation @_noLocks
    package mutating func close(_ bracket: UInt8) {
        raw(bracket)
        continues = true
    }

    /// Begins a value of a list: the comma before it, if one is due.
    @_noAllocation @_noLocks
    package mutating func next() {
        if continues { raw(0x2C) }
        continues = true
    }

    /// Begins a field: comma, name and colon.
    @_noAllocation @_noLocks
    package mutating func key(_ name: UnsafeRawBufferPointer) {
        next()
        quoted(name)
        raw(0x3A)
    }

    /// Begins a field: comma, name and colon.
    @_noAllocation @_noLocks
    package mutating func key(_ name: StaticString) { key(Self.bytes(of: name)) }

    /// A field of text.
    @_noAllocation @_noLocks
    package mutating func field(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        key(name)
        quoted(value)
    }

    /// A field of text.
    @_noAllocation @_noLocks
    package mutating func field(_ name: StaticString, _ value: StaticString) { field(name, Self.bytes(of: value)) }

    /// A field that holds a whole number.
    @_noAllocation @_noLocks
    package mutating func field(_ name: StaticString, _ value: UInt64) {
        key(name)
        integer(value)
    }

    /// A field that is true or false.
    @_noAllocation @_noLocks
    package mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        raw(value ? "true" : "false")
    }

    /// A field that holds a number with fixed decimals.
    @_noAllocation @_noLocks
    package mutating func field(_ name: StaticString, _ value: Double, decimals: Int) {
        key(name)
        fixed(value, decimals: decimals)
    }

    /// The bytes of a text that the program holds.
    @_noAllocation @_noLocks
    package static func bytes(of text: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
