// SHA-256 as in FIPS 180-4, over bytes in memory.
// Here because the loader must check a model before its first use, and nothing above the line may import a library for it.

import CPrecordiaKernels
import PrecordiaSignal

/// The SHA-256 hash function.
public enum SHA256 {
    /// A digest: eight words, the first of them first, each most significant byte first when written as bytes.
    public typealias Digest = InlineArray<8, UInt32>

    /// One implementation of the compression function. All give the same bits.
    public struct Kernel: @unchecked Sendable {
        let table: OpaquePointer

        /// The fastest that this processor can run. Asks the processor.
        public static var best: Kernel { Kernel(table: precordia_sha256_best()) }
        /// How many were compiled in for this architecture.
        public static var count: Int { Int(precordia_sha256_count()) }

        init(table: OpaquePointer) { self.table = table }

        /// The implementation at `index`, 0 ..< ``count``; 0 is the reference that every processor can run.
        public init(_ index: Int) {
            precondition(index >= 0 && index < Kernel.count, "no such kernel")
            table = precordia_sha256_at(Int32(index))
        }

        /// Whether this processor can run it.
        public var isSupported: Bool { precordia_sha256_supported(table) }
        /// A stable name, zero-terminated UTF-8 that lives as long as the program: portable, shani, armv8.
        public var name: UnsafePointer<CChar> { precordia_sha256_name(table) }
    }

    /// The digest of `bytes`. Half a nanosecond a byte by the processor's own instructions, 2 to 3 without them.
    public static func digest(of bytes: UnsafeRawBufferPointer, kernel: Kernel = .best) -> Digest {
        var state: Digest = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]
        var tail = InlineArray<16, UInt64>(repeating: 0)
        let rest = bytes.count & 63
        let blocks = rest < 56 ? 1 : 2
        withUnsafeMutableBytes(of: &state) { words in
            withUnsafeMutableBytes(of: &tail) { end in
                // What follows the last whole block: the rest, the bit 1, zeros, and the length in bits.
                for i in 0..<rest { end[i] = bytes[bytes.count - rest + i] }
                end[rest] = 0x80
                end.storeBytes(of: (UInt64(bytes.count) << 3).bigEndian, toByteOffset: blocks * 64 - 8, as: UInt64.self)
                let words = words.baseAddress!.assumingMemoryBound(to: UInt32.self)
                if let start = bytes.baseAddress, bytes.count >= 64 {
                    precordia_sha256_absorb(kernel.table, words, start.assumingMemoryBound(to: UInt8.self), bytes.count / 64)
                }
                precordia_sha256_absorb(kernel.table, words, end.baseAddress!.assumingMemoryBound(to: UInt8.self), blocks)
            }
        }
        return state
    }

    /// Whether the 32 bytes at `written` are the digest.
    public static func matches(_ digest: Digest, _ written: UnsafeRawBufferPointer) -> Bool {
        var difference: UInt32 = 0
        for i in 0..<8 {
            difference |= digest[i] ^ UInt32(bigEndian: written.loadUnaligned(fromByteOffset: i * 4, as: UInt32.self))
        }
        return difference == 0
    }
}
