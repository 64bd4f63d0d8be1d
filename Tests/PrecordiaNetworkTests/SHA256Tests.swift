// The hash against the examples of FIPS 180-4 and of NIST's test vectors.
// Separate because everything else in these tests is rehashed with it.

import PrecordiaNetwork
import Testing

private func digits(_ bytes: [UInt8], _ kernel: SHA256.Kernel = .best) -> String {
    let digest = bytes.withUnsafeBytes { SHA256.digest(of: $0, kernel: kernel) }
    return (0..<8).map { i in
        let text = String(digest[i], radix: 16)
        return String(repeating: "0", count: 8 - text.count) + text
    }.joined()
}

@Suite struct SHA256Tests {
    /// The kernels that this machine can run, the reference first.
    static var kernels: [Int] { (0..<SHA256.Kernel.count).filter { SHA256.Kernel($0).isSupported } }

    @Test("The digests of the published examples, by every implementation that runs here", arguments: kernels)
    func examples(number: Int) {
        func hex(_ bytes: [UInt8]) -> String { digits(bytes, SHA256.Kernel(number)) }
        #expect(hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(hex(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hex(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            hex([UInt8](repeating: 0x61, count: 100_000).prefix(1000).map { $0 })
                == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3")
        #expect(hex([0xbd]) == "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b")
    }

    @Test("Every implementation gives the reference's digest of random bytes, at any length and alignment", arguments: kernels)
    func agreement(number: Int) {
        var random = SplitMix(256)
        random.bytes(1100).withUnsafeBytes { all in
            for count in Array(0...200) + [511, 512, 1000] {
                let part = UnsafeRawBufferPointer(rebasing: all[(count % 16)..<(count % 16 + count)])
                let mine = SHA256.digest(of: part, kernel: SHA256.Kernel(number)),
                    reference = SHA256.digest(of: part, kernel: SHA256.Kernel(0))
                #expect((0..<8).allSatisfy { mine[$0] == reference[$0] }, "\(count) bytes from \(count % 16)")
            }
        }
    }

    @Test(
        "Lengths on both sides of a block's end differ in their digest and do not trap", arguments: [55, 56, 57, 63, 64, 65, 119, 120, 128])
    func lengths(count: Int) {
        let zeros = [UInt8](repeating: 0, count: count)
        #expect(digits(zeros) != digits(zeros + [0]))
        #expect(count != 64 || digits(zeros) == "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b")
        #expect(count != 55 || digits(zeros) == "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7")
        #expect(count != 56 || digits(zeros) == "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb")
    }
}
