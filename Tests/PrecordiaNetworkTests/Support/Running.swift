// A network with its model and memory, and streams for it.
// Separate because a ~Copyable network cannot be kept in the arrays that tests like.

import Foundation
import PrecordiaNetwork

/// A network whose memory has the size that it asks for and not a byte more, between guards that it must not touch.
final class Running {
    static let guardBytes = 256
    let file: Aligned
    let memory: Aligned
    var network: Network

    init(_ bytes: [UInt8], maximumHop: Int, kernel: Kernel = .best, shift: Int = 0) throws {
        file = Aligned(bytes)
        let model = try ModelView(file.bytes)
        let count = Network.requiredBytes(model: model, maximumHop: maximumHop)
        memory = Aligned(count: count + 2 * Running.guardBytes)
        let start = Running.guardBytes + shift
        let inner = UnsafeMutableRawBufferPointer(rebasing: memory.buffer[start..<start + count])
        network = try Network(model: model, maximumHop: maximumHop, memory: inner, kernel: kernel)
    }

    var guardsIntact: Bool {
        memory.bytes.prefix(Running.guardBytes).allSatisfy { $0 == 0xA5 }
            && memory.bytes.suffix(Running.guardBytes - 64).allSatisfy { $0 == 0xA5 }
    }

    func push(_ samples: some Sequence<[UInt8]>) { for sample in samples { network.push(sample) } }

    /// The answer of every label now: integers and bits.
    func answers() -> [[UInt32]] {
        network.classify()
        return (0..<network.model.labelCount).map { label in
            let products = network.products(label)
            return [
                UInt32(bitPattern: products.mean), UInt32(bitPattern: products.maximum), network.logit(label).bitPattern,
                network.probability(label).bitPattern,
            ]
        }
    }

    func features(columnsAgo: Int) -> [UInt8] {
        (0..<network.model.featureChannels).map { network.feature($0, columnsAgo: columnsAgo) }
    }

    func newestFeatures() -> [UInt8] { (0..<network.model.featureChannels).map { network.feature($0) } }
}

/// A stream of random samples of a byte a lead, some of them at the limits.
func randomStream(_ count: Int, _ seed: UInt64, leads: Int = 12) -> [[UInt8]] {
    var random = SplitMix(seed)
    return (0..<count).map { index in
        if index / 50 % 4 == 3 { return (0..<leads).map { _ in Bool.random(using: &random) ? 255 : 0 } }
        return random.bytes(leads)
    }
}

/// The kernels that this machine can run.
let runnable = (0..<Kernel.count).map { Kernel($0) }.filter(\.isSupported)
