// Little-endian fields at any address, which is how everything on the wire is read and written.
// Apart, so that no other file of this room asks about alignment or byte order.

import PrecordiaSignal

extension UnsafeRawBufferPointer {
    @_noAllocation @_noLocks @inline(__always)
    func u16(_ offset: Int) -> UInt16 { UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self)) }
    @_noAllocation @_noLocks @inline(__always)
    func u32(_ offset: Int) -> UInt32 { UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
    @_noAllocation @_noLocks @inline(__always)
    func u64(_ offset: Int) -> UInt64 { UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    @_noAllocation @_noLocks @inline(__always)
    func i16(_ offset: Int) -> Int16 { Int16(bitPattern: u16(offset)) }
    @_noAllocation @_noLocks @inline(__always)
    func i32(_ offset: Int) -> Int32 { Int32(bitPattern: u32(offset)) }
    @_noAllocation @_noLocks @inline(__always)
    func f64(_ offset: Int) -> Double { Double(bitPattern: u64(offset)) }

    /// The bytes from `offset` on, `count` of them.
    @_noAllocation @_noLocks @inline(__always)
    func part(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: baseAddress.map { $0 + offset }, count: count)
    }

    /// The text in a field of `count` bytes that zeros fill up.
    @_noAllocation @_noLocks
    func text(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        var length = 0
        while length < count && self[offset &+ length] != 0 { length &+= 1 }
        return part(offset, length)
    }
}

extension UnsafeMutableRawBufferPointer {
    @_noAllocation @_noLocks @inline(__always)
    func put(_ value: UInt8, _ offset: Int) { storeBytes(of: value, toByteOffset: offset, as: UInt8.self) }
    @_noAllocation @_noLocks @inline(__always)
    func put(_ value: UInt16, _ offset: Int) { storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt16.self) }
    @_noAllocation @_noLocks @inline(__always)
    func put(_ value: UInt32, _ offset: Int) { storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self) }
    @_noAllocation @_noLocks @inline(__always)
    func put(_ value: UInt64, _ offset: Int) { storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self) }

    /// Puts a text into a field of `count` bytes, cut to fit, and zeros behind it.
    @_noAllocation @_noLocks
    func put(_ text: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) {
        for index in 0..<count { self[offset &+ index] = index < text.count ? text[index] : 0 }
    }
}
