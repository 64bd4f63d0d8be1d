// Bytes of a signal file to integers, a block at a time.
// Separate from the file handling so that each layout can be read beside its paragraph of signal(5).

extension WFDBFormat {
    /// Decodes `count` samples from `bytes` into `samples`. Format 8 yields differences, which the caller sums signal by signal.
    ///
    /// - Parameter bytes: `byteCount(samples: count)` bytes that begin at the first sample of a group.
    /// - Cost: about a nanosecond a sample in a release build; the 16-bit formats much less.
    func decode(_ bytes: UnsafePointer<UInt8>, count: Int, into samples: UnsafeMutablePointer<Int32>) {
        switch self {
        case .null: samples.update(repeating: 0, count: count)
        case .format8: for i in 0..<count { samples[i] = Int32(Int8(bitPattern: bytes[i])) }
        case .format80: for i in 0..<count { samples[i] = Int32(bytes[i]) &- 128 }
        case .format16: decode16(bytes, count, samples)
        case .format61:
            for i in 0..<count { samples[i] = Int32(Int16(truncatingIfNeeded: Int32(bytes[2 &* i]) << 8 | Int32(bytes[2 &* i &+ 1]))) }
        case .format160: for i in 0..<count { samples[i] = (Int32(bytes[2 &* i]) | Int32(bytes[2 &* i &+ 1]) << 8) &- 32768 }
        case .format24:
            for i in 0..<count {
                let b = bytes + 3 &* i
                samples[i] = (Int32(b[0]) << 8 | Int32(b[1]) << 16 | Int32(b[2]) << 24) >> 8
            }
        case .format32:
            let raw = UnsafeRawPointer(bytes)
            for i in 0..<count { samples[i] = Int32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 &* i, as: Int32.self)) }
        case .format212: decode212(bytes, count, samples)
        case .format310: decode310(bytes, count, samples)
        case .format311: decode311(bytes, count, samples)
        }
    }

    private func decode16(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ samples: UnsafeMutablePointer<Int32>) {
        let raw = UnsafeRawPointer(bytes)
        for i in 0..<count {
            samples[i] = Int32(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 &* i, as: Int16.self)))
        }
    }

    private func decode212(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ samples: UnsafeMutablePointer<Int32>) {
        var b = bytes
        var i = 0
        while i < count {
            let middle = Int32(b[1])
            samples[i] = signed(Int32(b[0]) | middle << 8, bits: 12, from: 0)
            if i &+ 1 < count { samples[i &+ 1] = signed(Int32(b[2]) | (middle & 0xF0) << 4, bits: 12, from: 0) }
            b += 3
            i &+= 2
        }
    }

    /// Two little-endian words; each has a sample in bits 1 to 10, and bits 11 to 15 of the two are the third one, low half first.
    private func decode310(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ samples: UnsafeMutablePointer<Int32>) {
        var b = bytes
        var i = 0
        while i < count {
            let first = Int32(b[0]) | Int32(b[1]) << 8
            samples[i] = signed(first, bits: 10, from: 1)
            if i &+ 1 < count {
                let second = Int32(b[2]) | Int32(b[3]) << 8
                samples[i &+ 1] = signed(second, bits: 10, from: 1)
                if i &+ 2 < count { samples[i &+ 2] = signed(first >> 11 | (second >> 11) << 5, bits: 10, from: 0) }
            }
            b += 4
            i &+= 3
        }
    }

    /// One little-endian word with samples in bits 0 to 9, 10 to 19 and 20 to 29.
    private func decode311(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ samples: UnsafeMutablePointer<Int32>) {
        var b = bytes
        var i = 0
        while i < count {
            var word = Int32(b[0]) | Int32(b[1]) << 8
            if i &+ 1 < count { word |= Int32(b[2]) << 16 }
            if i &+ 2 < count { word |= Int32(b[3]) << 24 }
            samples[i] = signed(word, bits: 10, from: 0)
            if i &+ 1 < count { samples[i &+ 1] = signed(word, bits: 10, from: 10) }
            if i &+ 2 < count { samples[i &+ 2] = signed(word, bits: 10, from: 20) }
            b += 4
            i &+= 3
        }
    }

    /// The two's complement number in `bits` bits of `word`, the lowest one being bit `low`.
    @inline(__always)
    private func signed(_ word: Int32, bits: Int32, from low: Int32) -> Int32 {
        (word &<< (32 &- bits &- low)) &>> (32 &- bits)
    }
}
