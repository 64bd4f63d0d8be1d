// Conversions, shifts, comparisons and stores of 64 bits for processors of 32, written out.
// The standard library's generic forms run over words there and bring arrays along, which Embedded Swift without allocation refuses; the
// compiler prefers these to them. On a processor of 64 bits the library's own are used and this file is empty.

#if _pointerBitWidth(_32)
    /// The two halves of a 64-bit integer, as a little-endian processor stores them.
    struct Halves {
        var low, high: UInt32
        @_noAllocation @_noLocks init(_ low: UInt32, _ high: UInt32) { (self.low, self.high) = (low, high) }
    }

    extension UInt64 {
        @_noAllocation @_noLocks public init(_ value: UInt8) { self = unsafeBitCast(Halves(UInt32(value), 0), to: UInt64.self) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: UInt8) { self.init(value) }
        @_noAllocation @_noLocks public init(_ value: UInt16) { self = unsafeBitCast(Halves(UInt32(value), 0), to: UInt64.self) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: UInt16) { self.init(value) }
        @_noAllocation @_noLocks public init(_ value: UInt32) { self = unsafeBitCast(Halves(value, 0), to: UInt64.self) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: UInt32) { self.init(value) }
        @_noAllocation @_noLocks public init(_ value: UInt) { self.init(UInt32(truncatingIfNeeded: value)) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: UInt) { self.init(value) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: Int) { self.init(bitPattern: Int64(value)) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: Int32) { self.init(bitPattern: Int64(value)) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: Int64) { self.init(bitPattern: value) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: UInt64) { self = value }
        @_noAllocation @_noLocks public init(_ value: Int) {
            precondition(value >= 0)
            self.init(UInt32(truncatingIfNeeded: value))
        }
        @_noAllocation @_noLocks public init(_ value: Int32) {
            precondition(value >= 0)
            self.init(UInt32(truncatingIfNeeded: value))
        }
        @_noAllocation @_noLocks public init(_ value: Int64) {
            precondition(value >= 0)
            self.init(bitPattern: value)
        }
        @_noAllocation @_noLocks public init(clamping value: Int) { self.init(value < 0 ? 0 : value) }
        @_noAllocation @_noLocks public init(clamping value: Int64) { self.init(value < 0 ? 0 : value) }
        @_noAllocation @_noLocks public static func << (value: UInt64, count: Int) -> UInt64 {
            precondition(count >= 0)
            return count < 64 ? value &<< UInt64(count) : 0
        }
        @_noAllocation @_noLocks public static func >> (value: UInt64, count: Int) -> UInt64 {
            precondition(count >= 0)
            return count < 64 ? value &>> UInt64(count) : 0
        }
    }

    extension Int64 {
        @_noAllocation @_noLocks public init(_ value: Int32) {
            self = unsafeBitCast(Halves(UInt32(bitPattern: value), UInt32(bitPattern: value &>> 31)), to: Int64.self)
        }
        @_noAllocation @_noLocks public init(_ value: Int) { self.init(Int32(truncatingIfNeeded: value)) }
        @_noAllocation @_noLocks public init(_ value: Int16) { self.init(Int32(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt8) { self.init(Int32(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt16) { self.init(Int32(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt32) { self.init(bitPattern: UInt64(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt) { self.init(bitPattern: UInt64(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt64) {
            precondition(value <= 0x7FFF_FFFF_FFFF_FFFF)
            self.init(bitPattern: value)
        }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: Int) { self.init(value) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: Int32) { self.init(value) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: UInt32) { self.init(value) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: UInt) { self.init(value) }
        @_noAllocation @_noLocks public init(truncatingIfNeeded value: UInt64) { self.init(bitPattern: value) }
        @_noAllocation @_noLocks public static func << (value: Int64, count: Int) -> Int64 {
            Int64(bitPattern: UInt64(bitPattern: value) << count)
        }
        @_noAllocation @_noLocks public static func >> (value: Int64, count: Int) -> Int64 {
            precondition(count >= 0)
            return value &>> Int64(count < 63 ? count : 63)
        }
    }

    extension Int {
        @_noAllocation @_noLocks public init(_ value: Int64) {
            precondition(value >= -0x8000_0000 && value <= 0x7FFF_FFFF)
            self.init(truncatingIfNeeded: value)
        }
        @_noAllocation @_noLocks public init(_ value: UInt64) {
            precondition(value <= 0x7FFF_FFFF)
            self.init(truncatingIfNeeded: value)
        }
        @_noAllocation @_noLocks public init(clamping value: Int64) {
            self.init(truncatingIfNeeded: value > 0x7FFF_FFFF ? 0x7FFF_FFFF : value < -0x8000_0000 ? -0x8000_0000 : value)
        }
        @_noAllocation @_noLocks public init(clamping value: UInt64) {
            self.init(truncatingIfNeeded: value > 0x7FFF_FFFF ? 0x7FFF_FFFF : value)
        }
    }

    extension Double {
        @_noAllocation @_noLocks public init(_ value: UInt8) { self.init(Int(value)) }
        @_noAllocation @_noLocks public init(_ value: Int16) { self.init(Int(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt16) { self.init(Int(value)) }
        @_noAllocation @_noLocks public init(_ value: Int32) { self.init(Int(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt32) { self.init(Int64(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt) { self.init(Int64(value)) }
        /// Rounded once: a value of 64 bits is halved first, and the bit that this loses is kept in the last place.
        @_noAllocation @_noLocks public init(_ value: UInt64) {
            if value &>> 63 == 0 {
                self.init(Int64(bitPattern: value))
            } else {
                self = Double(Int64(bitPattern: value &>> 1 | value & 1)) * 2
            }
        }
    }

    extension Float {
        @_noAllocation @_noLocks public init(_ value: UInt8) { self.init(Int(value)) }
        @_noAllocation @_noLocks public init(_ value: Int16) { self.init(Int(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt16) { self.init(Int(value)) }
        @_noAllocation @_noLocks public init(_ value: Int32) { self.init(Int(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt32) { self.init(Int64(value)) }
        @_noAllocation @_noLocks public init(_ value: UInt) { self.init(Int64(value)) }
        /// Rounded once: a value of 64 bits is halved first, and the bit that this loses is kept in the last place.
        @_noAllocation @_noLocks public init(_ value: UInt64) {
            if value &>> 63 == 0 {
                self.init(Int64(bitPattern: value))
            } else {
                self = Float(Int64(bitPattern: value &>> 1 | value & 1)) * 2
            }
        }
    }

    extension UnsafeMutableRawPointer {
        @_noAllocation @_noLocks public func storeBytes(of value: UInt8, toByteOffset offset: Int = 0, as type: UInt8.Type) {
            (self + offset).assumingMemoryBound(to: UInt8.self).pointee = value
        }
        @_noAllocation @_noLocks public func storeBytes(of value: UInt16, toByteOffset offset: Int = 0, as type: UInt16.Type) {
            storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: offset, as: UInt8.self)
            storeBytes(of: UInt8(truncatingIfNeeded: value &>> 8), toByteOffset: offset + 1, as: UInt8.self)
        }
        @_noAllocation @_noLocks public func storeBytes(of value: UInt32, toByteOffset offset: Int = 0, as type: UInt32.Type) {
            storeBytes(of: UInt16(truncatingIfNeeded: value), toByteOffset: offset, as: UInt16.self)
            storeBytes(of: UInt16(truncatingIfNeeded: value &>> 16), toByteOffset: offset + 2, as: UInt16.self)
        }
        @_noAllocation @_noLocks public func storeBytes(of value: UInt64, toByteOffset offset: Int = 0, as type: UInt64.Type) {
            storeBytes(of: UInt32(truncatingIfNeeded: value), toByteOffset: offset, as: UInt32.self)
            storeBytes(of: UInt32(truncatingIfNeeded: value &>> 32), toByteOffset: offset + 4, as: UInt32.self)
        }
        @_noAllocation @_noLocks public func storeBytes(of value: Double, toByteOffset offset: Int = 0, as type: Double.Type) {
            storeBytes(of: value.bitPattern, toByteOffset: offset, as: UInt64.self)
        }
    }

    extension UnsafeMutableRawBufferPointer {
        @_noAllocation @_noLocks public func storeBytes(of value: UInt8, toByteOffset offset: Int = 0, as type: UInt8.Type) {
            precondition(offset >= 0 && offset + 1 <= count)
            baseAddress!.storeBytes(of: value, toByteOffset: offset, as: type)
        }
        @_noAllocation @_noLocks public func storeBytes(of value: UInt16, toByteOffset offset: Int = 0, as type: UInt16.Type) {
            precondition(offset >= 0 && offset + 2 <= count)
            baseAddress!.storeBytes(of: value, toByteOffset: offset, as: type)
        }
        @_noAllocation @_noLocks public func storeBytes(of value: UInt32, toByteOffset offset: Int = 0, as type: UInt32.Type) {
            precondition(offset >= 0 && offset + 4 <= count)
            baseAddress!.storeBytes(of: value, toByteOffset: offset, as: type)
        }
        @_noAllocation @_noLocks public func storeBytes(of value: UInt64, toByteOffset offset: Int = 0, as type: UInt64.Type) {
            precondition(offset >= 0 && offset + 8 <= count)
            baseAddress!.storeBytes(of: value, toByteOffset: offset, as: type)
        }
        @_noAllocation @_noLocks public func storeBytes(of value: Double, toByteOffset offset: Int = 0, as type: Double.Type) {
            storeBytes(of: value.bitPattern, toByteOffset: offset, as: UInt64.self)
        }
    }
#endif
