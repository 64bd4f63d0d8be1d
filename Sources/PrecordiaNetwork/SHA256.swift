// SHA-256 as in FIPS 180-4, over bytes in memory.
// Here because the loader must check a model before its first use, and nothing above the line may import a library for it.

import PrecordiaSignal

/// The SHA-256 hash function.
public enum SHA256 {
    /// A digest: eight words, the first of them first, each most significant byte first when written as bytes.
    public typealias Digest = InlineArray<8, UInt32>

    /// The digest of `bytes`. About 4 ns a byte.
    public static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
        var state: Digest = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]
        var constants = roundConstants(), words = InlineArray<16, UInt32>(repeating: 0), tail = InlineArray<16, UInt64>(repeating: 0)
        let rest = bytes.count & 63
        let blocks = rest < 56 ? 1 : 2
        // Raw pointers, because a debug build checks an array's every access: three times slower, and it loads models too.
        withUnsafeMutableBytes(of: &tail) { end in
            // What follows the last whole block: the rest, the bit 1, zeros, and the length in bits.
            for i in 0..<rest { end[i] = bytes[bytes.count - rest + i] }
            end[rest] = 0x80
            end.storeBytes(of: (UInt64(bytes.count) << 3).bigEndian, toByteOffset: blocks * 64 - 8, as: UInt64.self)
            withUnsafeMutableBytes(of: &constants) { k in
                withUnsafeMutableBytes(of: &words) { w in
                    let k = k.baseAddress!.assumingMemoryBound(to: UInt32.self), w = w.baseAddress!.assumingMemoryBound(to: UInt32.self)
                    if bytes.count >= 64 { absorb(bytes.baseAddress!, bytes.count / 64, into: &state, k, w) }
                    absorb(UnsafeRawPointer(end.baseAddress!), blocks, into: &state, k, w)
                }
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

    private static func absorb(
        _ start: UnsafeRawPointer, _ blocks: Int, into state: inout Digest, _ constants: UnsafeMutablePointer<UInt32>,
        _ words: UnsafeMutablePointer<UInt32>
    ) {
        var block = start
        let end = start + blocks &* 64
        while block < end {
            absorb(block, into: &state, constants, words)
            block += 64
        }
    }

    private static func absorb(
        _ block: UnsafeRawPointer, into state: inout Digest, _ constants: UnsafeMutablePointer<UInt32>,
        _ words: UnsafeMutablePointer<UInt32>
    ) {
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        var i = 0
        while i < 64 {
            if i < 16 {
                words[i] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: i &* 4, as: UInt32.self))
            } else {
                let w15 = words[(i &+ 1) & 15], w2 = words[(i &+ 14) & 15]
                let s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 &>> 3)
                let s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 &>> 10)
                words[i & 15] = words[i & 15] &+ s0 &+ words[(i &+ 9) & 15] &+ s1
            }
            let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let t1 = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ constants[i] &+ words[i & 15]
            let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let t2 = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
            h = g
            g = f
            f = e
            e = d &+ t1
            d = c
            c = b
            b = a
            a = t1 &+ t2
            i &+= 1
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
        state[5] &+= f
        state[6] &+= g
        state[7] &+= h
    }

    @inline(__always)
    private static func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { (x &>> n) | (x &<< (32 &- n)) }

    /// The fractional parts of the cube roots of the first 64 primes.
    private static func roundConstants() -> InlineArray<64, UInt32> {
        [
            0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
            0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
            0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
            0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
            0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
            0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
            0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
            0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
        ]
    }
}
