// Captures with one thing wrong each: what the conformance check must find in them, and nothing else.
// Apart from the tests, which are few; these are many.

import PrecordiaBoards
import PrecordiaLink
import PrecordiaTesting
import Testing

/// A capture with one thing wrong, and every rule that it breaks.
struct PlantedFault: CustomTestStringConvertible, Sendable {
    var rule: ConformanceRule
    var also: Set<ConformanceRule> = []
    var framing = LinkFraming.plain
    var bytes: [UInt8]
    var testDescription: String { rule.rawValue }

    init(_ rule: ConformanceRule, also: Set<ConformanceRule> = [], _ wire: Wire) {
        self.rule = rule
        self.also = also
        bytes = wire.bytes
    }

    init(_ rule: ConformanceRule, also: Set<ConformanceRule> = [], framing: LinkFraming = .plain, bytes: [UInt8]) {
        self.rule = rule
        self.also = also
        self.framing = framing
        self.bytes = bytes
    }
}

extension PlantedFault {
    /// A good second with something before its data block 5.
    static func at5(_ edit: @escaping (inout Wire) -> Void) -> Wire { Wire.session { wire, index in if index == 5 { edit(&wire) } } }

    /// A packet of a serial line.
    static func packet(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: COBS.maximumBytes(bytes.count)) { memory, count in
            count = bytes.withUnsafeBytes { COBS.encode($0, into: UnsafeMutableRawBufferPointer(memory)) }
        }
    }

    static let all: [PlantedFault] = {
        let good = Wire.session()
        var list: [PlantedFault] = []
        func plant(_ rule: ConformanceRule, also: Set<ConformanceRule> = [], _ edit: @escaping (inout Wire) -> Void) {
            list.append(PlantedFault(rule, also: also, at5(edit)))
        }
        let lost: Set<ConformanceRule> = [.sequenceJump, .samplesMissing]

        list.append(PlantedFault(.noBlock, bytes: []))
        list.append(PlantedFault(.skippedBytes, bytes: [1, 2, 3] + good.bytes))
        list.append(PlantedFault(.badCheck, also: lost, bytes: flipped(good, 300)))
        list.append(PlantedFault(.badLength, bytes: [0x9E, 0x45, 0x43, 0x47, 1, 3, 0xFF, 0xFF] + good.bytes))
        list.append(PlantedFault(.cutBlock, bytes: Array(good.bytes.dropLast(10))))
        list.append(PlantedFault(.brokenPacket, also: [.skippedBytes], framing: .cobs, bytes: packet(first(good)) + [9, 1, 0]))
        list.append(PlantedFault(.crowdedPacket, framing: .cobs, bytes: packet(first(good) + second(good))))

        plant(.otherVersion, also: lost) { wire in
            wire.version = 2
            wire.data()
            wire.version = 1
        }
        plant(.unknownType) { $0.block(66, []) }
        plant(.tickRate, also: []) { wire in
            wire.tickRate = nil
            wire.status()
            wire.tickRate = 1_000_000
        }
        plant(.tickRate) { wire in
            wire.tickRate = 0
            wire.status()
            wire.tickRate = 1_000_000
        }
        plant(.sequenceJump) { $0.sequence += 3 }
        plant(.repeatedBlock) { wire in
            wire.sequence -= 1
            wire.status()
        }
        list.append(PlantedFault(.newSession, Wire.session { wire, index in if index == 25 { next(&wire, 8) } }))
        list.append(PlantedFault(.sessionReused, Wire.session { wire, index in if index == 25 { next(&wire, 7) } }))
        list.append(PlantedFault(.beginsInside, Wire.session { wire, index in if index == 0 { wire = inside() } }))
        list.append(PlantedFault(.helloFirst, withoutHello()))
        list.append(PlantedFault(.helloLate, Wire.repeating { $0.hello() }))
        list.append(PlantedFault(.configurationLate, Wire.repeating { $0.configuration() }))
        list.append(PlantedFault(.statusLate, Wire.repeating { $0.status() }))
        list.append(PlantedFault(.dataUnconfigured, unconfigured()))
        plant(.blockTooLong) { $0.data(of: 51) }
        plant(.ticksJump) { $0.ticks! += 80_000 }
        plant(.ticksJump) { $0.ticks! -= 20_000 }
        list.append(PlantedFault(.rateError, Wire.session(seconds: 2) { wire, _ in wire.ticks! += 40 }))

        plant(.malformed) { $0.block(1, [1, 2, 3]) }
        plant(.malformed) { $0.hello { $0[3] = 17 } }
        plant(.malformed) { $0.configuration { $0[2] = 0 } }
        plant(.malformed) { $0.configuration { $0[7] = 0xFF } }
        plant(.malformed) { $0.configuration { $0[48] = 0 } }
        plant(.malformed) { $0.block(4, [0]) }
        plant(.malformed) { $0.block(5, [0]) }
        plant(.malformed) { $0.block(6, [0]) }
        plant(.malformed) { $0.block(7, [0]) }
        for (at, value) in [(7, 0x80), (10, 0), (11, 5), (12, 3), (13, 0), (16, 9), (16, 0), (14, 1)] as [(Int, UInt8)] {
            plant(.malformed, also: [.samplesMissing]) { $0.data { $0[at] = value } }
        }
        plant(.malformed, also: [.samplesMissing]) { $0.data { $0.append(0) } }
        plant(.malformed, also: [.samplesMissing]) { wire in
            wire.data {
                $0[14] = 1
                $0.insert(contentsOf: [10, 0, 0, 0, 0, 0, 0, 0], at: 22)
            }
        }

        plant(.reservedBits) { $0.hello { $0[6] = 1 } }
        plant(.reservedBits) { $0.hello { $0[9] = 1 } }
        list.append(PlantedFault(.reservedBits, configured { $0[3] = 1 }))
        list.append(PlantedFault(.reservedBits, configured { $0[23] = 1 }))
        list.append(PlantedFault(.reservedBits, configured { $0[25] = 1 }))
        list.append(PlantedFault(.reservedBits, configured { $0[17] |= 0x80 }))
        plant(.reservedBits) { $0.data { $0[15] = 1 } }
        plant(.reservedBits) { $0.data { $0[17] = 1 } }
        plant(.reservedBits) { $0.data { $0[19] |= 0x80 } }
        plant(.reservedBits) { wire in
            wire.data {
                $0[14] = 1
                $0.insert(contentsOf: [9, 1, 0, 0, 0, 0, 0, 0], at: 22)
            }
        }
        plant(.reservedBits) { $0.block(6, Wire.little(1 as UInt16) + [0, 1, 0, 0, 0, 0]) }
        plant(.reservedBits) { $0.block(7, [0x81, 0, 1, 0, 0, 0, 0, 0]) }
        plant(.badText) { $0.hello { $0[12] = 0xFF } }
        plant(.badText) { $0.hello { $0[43] = 0x41 } }
        plant(.badText) { $0.block(5, Wire.little(UInt64.max) + [1, 0, 1, 0, 0xC3]) }
        plant(.badText) { $0.block(6, [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0x41, count: 129)) }
        for (at, value) in [(0, 2), (1, 0), (2, 17), (5, 4)] as [(Int, UInt8)] { plant(.badValue) { $0.hello { $0[at] = value } } }
        plant(.badValue) { $0.hello { $0.replaceSubrange(124..<128, with: Wire.little(0 as UInt32)) } }
        plant(.badValue) {
            $0.hello { hello in
                hello[4] = 1
                hello += [0, 0]
            }
        }
        list.append(PlantedFault(.badValue, configured { $0.replaceSubrange(32..<40, with: Wire.little((0.0).bitPattern)) }))
        list.append(PlantedFault(.badValue, configured { $0.replaceSubrange(4..<8, with: Wire.little(499 as UInt32)) }))
        for (at, value) in [(17, 4), (19, 4), (22, 4), (23, 2)] as [(Int, UInt8)] { plant(.badValue) { $0.status { $0[at] = value } } }
        plant(.badValue) { $0.block(5, Wire.little(UInt64.max) + [9, 0, 1, 0]) }
        plant(.badValue) { $0.block(6, [9, 0, 0, 0, 0, 0, 0, 0]) }
        plant(.badValue) { $0.block(6, [1, 0, 3, 0, 0, 0, 0, 0]) }
        plant(.badValue) { $0.block(7, [0x81, 5, 0, 0, 0, 0, 0, 0]) }

        // Everything that a device does which its hello says it cannot.
        for capability in [0, 1] { list.append(PlantedFault(.capability, able(without: capability) { _ in })) }
        list.append(
            PlantedFault(
                .capability,
                able(without: 2) { wire in
                    wire.data {
                        $0[14] = 1
                        $0.insert(contentsOf: [9, 0, 0, 0, 0, 0, 0, 0], at: 22)
                    }
                }))
        list.append(PlantedFault(.capability, able(without: 3) { $0.block(7, [0x81, 0, 0, 0, 0, 0, 0, 0]) }))
        list.append(PlantedFault(.capability, able(without: 4) { $0.status() }))
        list.append(PlantedFault(.capability, able(without: 5) { $0.status() }))
        list.append(PlantedFault(.capability, able(without: 6) { $0.block(5, Wire.little(UInt64.max) + [3, 0, 0, 0]) }))
        plant(.capability) { $0.status { $0.replaceSubrange(0..<8, with: Wire.little(UInt64.max)) } }
        list.append(PlantedFault(.suspiciousZero, able(without: 4) { $0.status { $0.replaceSubrange(18..<20, with: [0, 0]) } }))
        list.append(PlantedFault(.suspiciousZero, able(without: 5) { $0.status { $0.replaceSubrange(20..<22, with: [0, 0]) } }))
        list.append(PlantedFault(.suspiciousZero, able(without: 7) { $0.status() }))
        list.append(PlantedFault(.suspiciousZero, configured { $0.replaceSubrange(26..<28, with: [0, 0]) }))
        plant(.configurationReused) { $0.configuration { $0[26] = 1 } }
        list.append(
            PlantedFault(
                .answerUnasked,
                at5 { wire in
                    wire.block(7, [0x81, 0, 0, 0, 9, 0, 0, 0])
                }.asking()))

        plant(.samplesMissing) { $0.pass(samples: 10) }
        plant(.samplesRepeated) { wire in
            wire.sample -= 5
            wire.ticks! -= 10_000
        }
        plant(.offNotSensed) { $0.data { $0[19] = 2 } }
        plant(.clippedNotWatched) { $0.data { $0[20] = 4 } }
        plant(.wideValues) { wire in
            wire.data {
                $0[11] = 3
                $0.replaceSubrange(22..., with: [UInt8](repeating: 0, count: 60))
            }
        }
        plant(.dropCounter) { $0.status { $0[0] = 3 } }
        list.append(
            PlantedFault(
                .dropCounter, also: [.samplesMissing],
                at5 { wire in
                    wire.pass(samples: 10)
                    wire.status { $0[0] = 5 }
                    wire.status { $0[0] = 4 }
                }))
        list.append(PlantedFault(.endsEarly, configured { $0.replaceSubrange(8..<16, with: Wire.little(501 as UInt64)) }))
        return list
    }()

    static func first(_ wire: Wire) -> [UInt8] { Array(wire.bytes[..<160]) }
    static func second(_ wire: Wire) -> [UInt8] { Array(wire.bytes[160..<264]) }

    /// A bit wrong in the payload of the first data block.
    static func flipped(_ wire: Wire, _ at: Int) -> [UInt8] {
        var bytes = wire.bytes
        bytes[at] ^= 1
        return bytes
    }

    static func next(_ wire: inout Wire, _ session: UInt32) {
        wire.session = session
        wire.sequence = 0
        wire.sample = 0
        wire.hello()
        wire.configuration()
    }

    static func inside() -> Wire {
        var wire = Wire()
        wire.sequence = 100
        wire.hello()
        wire.configuration()
        return wire
    }

    static func withoutHello() -> Wire {
        var wire = Wire()
        wire.configuration()
        for _ in 0..<10 { wire.data() }
        return wire
    }

    static func unconfigured() -> Wire {
        var wire = Wire()
        wire.hello()
        wire.data()
        wire.configuration()
        wire.data()
        return wire
    }

    /// A second whose configuration is another.
    static func configured(_ edit: (inout [UInt8]) -> Void) -> Wire {
        var wire = Wire()
        wire.hello()
        wire.configuration(edit)
        for _ in 0..<50 { wire.data() }
        return wire
    }

    /// A device that can do all but one thing, and `edit`.
    static func able(without capability: Int, _ edit: (inout Wire) -> Void) -> Wire {
        var wire = Wire()
        wire.hello { $0[8] = ~(1 << UInt8(capability)) }
        wire.configuration()
        wire.data()
        edit(&wire)
        return wire
    }
}

extension Wire {
    /// The session with something left out after the first second.
    fileprivate static func repeating(_ leftOut: (inout Wire) -> Void) -> Wire {
        var nothing = Wire()
        leftOut(&nothing)
        let type = nothing.bytes[5]
        var wire = Wire()
        wire.hello()
        wire.configuration()
        for index in 0..<150 {
            if index > 0, index % 50 == 0 {
                if type != 1 { wire.hello() }
                if type != 2 { wire.configuration() }
                if type != 4 { wire.status() }
            }
            wire.data()
        }
        return wire
    }

    /// A data block of so many samples.
    fileprivate mutating func data(of count: UInt8) {
        var payload = Wire.little(sample) + Wire.little(1 as UInt16) + [count, 2, 2, 1, 0, 0] + [count, 0, 0, 0, 0, 0]
        payload += [UInt8](repeating: 1, count: Int(count) * 4)
        block(3, payload)
        pass(samples: UInt64(count))
    }

    /// The same with a host's identify before it.
    fileprivate func asking() -> Wire {
        var host = Wire()
        host.session = 99
        host.sequence = 8
        host.block(0x81, [])
        var wire = self
        wire.bytes = host.bytes + bytes
        return wire
    }
}
