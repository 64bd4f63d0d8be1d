// The conformance check: it finds each planted fault and nothing else, and counts what a decoder counts.

import Foundation
import PrecordiaLink
import Testing

import PrecordiaRuntime

private let protocolFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "firmware-protocol")

@Suite struct ConformanceTests {
    /// A capture with one thing wrong, and every rule that it breaks.
    struct Planted: CustomTestStringConvertible, Sendable {
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

    /// A good second with something before its data block 5.
    static func at5(_ edit: @escaping (inout Wire) -> Void) -> Wire { Wire.session { wire, index in if index == 5 { edit(&wire) } } }

    /// A packet of a serial line.
    static func packet(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: COBS.maximumBytes(bytes.count)) { memory, count in
            count = bytes.withUnsafeBytes { COBS.encode($0, into: UnsafeMutableRawBufferPointer(memory)) }
        }
    }

    static let planted: [Planted] = {
        let good = Wire.session()
        var list: [Planted] = []
        func plant(_ rule: ConformanceRule, also: Set<ConformanceRule> = [], _ edit: @escaping (inout Wire) -> Void) {
            list.append(Planted(rule, also: also, at5(edit)))
        }
        let lost: Set<ConformanceRule> = [.sequenceJump, .samplesMissing]

        list.append(Planted(.noBlock, bytes: []))
        list.append(Planted(.skippedBytes, bytes: [1, 2, 3] + good.bytes))
        list.append(Planted(.badCheck, also: lost, bytes: flipped(good, 300)))
        list.append(Planted(.badLength, bytes: [0x9E, 0x45, 0x43, 0x47, 1, 3, 0xFF, 0xFF] + good.bytes))
        list.append(Planted(.cutBlock, bytes: Array(good.bytes.dropLast(10))))
        list.append(Planted(.brokenPacket, also: [.skippedBytes], framing: .cobs, bytes: packet(first(good)) + [9, 1, 0]))
        list.append(Planted(.crowdedPacket, framing: .cobs, bytes: packet(first(good) + second(good))))

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
        list.append(Planted(.newSession, Wire.session { wire, index in if index == 25 { next(&wire, 8) } }))
        list.append(Planted(.sessionReused, Wire.session { wire, index in if index == 25 { next(&wire, 7) } }))
        list.append(Planted(.beginsInside, Wire.session { wire, index in if index == 0 { wire = inside() } }))
        list.append(Planted(.helloFirst, withoutHello()))
        list.append(Planted(.helloLate, Wire.repeating { $0.hello() }))
        list.append(Planted(.configurationLate, Wire.repeating { $0.configuration() }))
        list.append(Planted(.statusLate, Wire.repeating { $0.status() }))
        list.append(Planted(.dataUnconfigured, unconfigured()))
        plant(.blockTooLong) { $0.data(of: 51) }
        plant(.ticksJump) { $0.ticks! += 80_000 }
        plant(.ticksJump) { $0.ticks! -= 20_000 }
        list.append(Planted(.rateError, Wire.session(seconds: 2) { wire, _ in wire.ticks! += 40 }))

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
        plant(.reservedBits) { $0.status { _ in } }
        list.removeLast()
        list.append(Planted(.reservedBits, configured { $0[3] = 1 }))
        list.append(Planted(.reservedBits, configured { $0[23] = 1 }))
        list.append(Planted(.reservedBits, configured { $0[25] = 1 }))
        list.append(Planted(.reservedBits, configured { $0[17] |= 0x80 }))
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
        list.append(Planted(.badValue, configured { $0.replaceSubrange(32..<40, with: Wire.little((0.0).bitPattern)) }))
        list.append(Planted(.badValue, configured { $0.replaceSubrange(4..<8, with: Wire.little(499 as UInt32)) }))
        for (at, value) in [(17, 4), (19, 4), (22, 4), (23, 2)] as [(Int, UInt8)] { plant(.badValue) { $0.status { $0[at] = value } } }
        plant(.badValue) { $0.block(5, Wire.little(UInt64.max) + [9, 0, 1, 0]) }
        plant(.badValue) { $0.block(6, [9, 0, 0, 0, 0, 0, 0, 0]) }
        plant(.badValue) { $0.block(6, [1, 0, 3, 0, 0, 0, 0, 0]) }
        plant(.badValue) { $0.block(7, [0x81, 5, 0, 0, 0, 0, 0, 0]) }

        // Everything that a device does which its hello says it cannot.
        for capability in [0, 1] { list.append(Planted(.capability, able(without: capability) { _ in })) }
        list.append(
            Planted(
                .capability,
                able(without: 2) { wire in
                    wire.data {
                        $0[14] = 1
                        $0.insert(contentsOf: [9, 0, 0, 0, 0, 0, 0, 0], at: 22)
                    }
                }))
        list.append(Planted(.capability, able(without: 3) { $0.block(7, [0x81, 0, 0, 0, 0, 0, 0, 0]) }))
        list.append(Planted(.capability, able(without: 4) { $0.status() }))
        list.append(Planted(.capability, able(without: 5) { $0.status() }))
        list.append(Planted(.capability, able(without: 6) { $0.block(5, Wire.little(UInt64.max) + [3, 0, 0, 0]) }))
        plant(.capability) { $0.status { $0.replaceSubrange(0..<8, with: Wire.little(UInt64.max)) } }
        list.append(Planted(.suspiciousZero, able(without: 4) { $0.status { $0.replaceSubrange(18..<20, with: [0, 0]) } }))
        list.append(Planted(.suspiciousZero, able(without: 5) { $0.status { $0.replaceSubrange(20..<22, with: [0, 0]) } }))
        list.append(Planted(.suspiciousZero, able(without: 7) { $0.status() }))
        list.append(Planted(.suspiciousZero, configured { $0.replaceSubrange(26..<28, with: [0, 0]) }))
        plant(.configurationReused) { $0.configuration { $0[26] = 1 } }
        list.append(
            Planted(
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
            Planted(
                .dropCounter, also: [.samplesMissing],
                at5 { wire in
                    wire.pass(samples: 10)
                    wire.status { $0[0] = 5 }
                    wire.status { $0[0] = 4 }
                }))
        list.append(Planted(.endsEarly, configured { $0.replaceSubrange(8..<16, with: Wire.little(501 as UInt64)) }))
        return list
    }()

    // MARK: Captures of the list

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

    // MARK: Tests

    @Test("a good session has no finding, in a second as in a minute")
    func good() {
        #expect(conformance(Wire.session().bytes).findings == [])
        let check = conformance(Wire.session(seconds: 60).bytes)
        #expect(check.findings == [])
        #expect(check.isConformant)
        #expect(check.summary.types == [1: 60, 2: 60, 3: 3000, 4: 59])
        #expect(check.summary.counters.frames == 30_000 && abs(check.summary.seconds - 60) < 1e-9)
        #expect(check.summary.rateErrorPPM == 0)
    }

    @Test("each planted fault is found, with what follows from it and nothing else", arguments: planted)
    func faults(planted: Planted) {
        let check = conformance(planted.bytes, framing: planted.framing)
        #expect(Set(check.findings.map(\.rule)) == planted.also.union([planted.rule]), "\(check.findings.map(\.words))")
        #expect(check.isConformant == !check.findings.contains { $0.rule.weight == .fault })
    }

    @Test("every rule has a planted fault, and stands under a heading of the specification")
    func complete() throws {
        #expect(Set(Self.planted.map(\.rule)) == Set(ConformanceRule.allCases))
        let specification = try String(contentsOf: protocolFolder.appending(path: "SPEC.md"), encoding: .utf8)
        let headings = Set(specification.split(separator: "\n").filter { $0.hasPrefix("#") }.map { $0.drop { "# ".contains($0) } })
        for finding in Self.planted.flatMap({ conformance($0.bytes, framing: $0.framing).findings }) {
            #expect(headings.contains(Substring(finding.section)), "\(finding.rule): \(finding.section)")
        }
        for rule in ConformanceRule.allCases { #expect(headings.contains(Substring(rule.section)), "\(rule)") }
    }

    @Test("of every vector it counts what the specification's decoder counts")
    func vectors() throws {
        let folder = protocolFolder.appending(path: "vectors")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".bin") }
        #expect(files.count >= 33)
        for file in files {
            let bytes = try [UInt8](Data(contentsOf: folder.appending(path: file)))
            let text = try Data(contentsOf: folder.appending(path: file.replacing(".bin", with: ".json")))
            let expected = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
            let counters = try #require(expected["counters"] as? [String: Int])
            let summary = conformance(bytes, framing: expected["framing"] as? String == "cobs" ? .cobs : .plain).summary
            var found = [
                "bytes": summary.bytes, "bytesSkipped": summary.bytesSkipped, "blocks": summary.blocks,
                "checksumFailures": Int(summary.checksumFailures), "packetsBroken": summary.packetsBroken,
            ]
            for index in 5..<LinkCounters.count {
                let counter = summary.counters.counter(index)
                found["\(counter.name)"] = Int(counter.value)
            }
            #expect(found == counters, "\(file)")
        }
    }

    @Test("any bytes get an answer: every cut, every wrong header byte, and the decoder skips what the check skips")
    func hostile() {
        var wire = Wire()
        wire.hello()
        wire.configuration()
        wire.data()
        wire.status()
        for end in 0...wire.bytes.count {
            let cut = Array(wire.bytes[..<end])
            let summary = conformance(cut).summary
            #expect(summary.bytesSkipped == Int(linkCounters(cut).bytesSkipped))
        }
        for at in wire.bytes.indices {
            var bytes = wire.bytes
            for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
                bytes[at] = value
                let counters = linkCounters(bytes)
                let summary = conformance(bytes).summary
                #expect(summary.bytesSkipped == Int(counters.bytesSkipped) && summary.checksumFailures == counters.checksumFailures)
                _ = conformance(bytes, framing: .cobs)
            }
        }
    }

    @Test("a finding names byte, block, type, value, what would be right, and the section; the rest of a kind is counted")
    func report() throws {
        let wire = Wire.session(seconds: 2) { wire, index in if index % 10 == 9 { wire.pass(samples: 10) } }
        let output = ByteOutput.collecting()
        try ConformanceReport.write(conformance(wire.bytes), name: "a.bin", to: output)
        let lines = String(decoding: output.collected, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(
            lines[0] == "byte 1110, block 11, data: fault samples-missing: sample 100: 10 samples before it never came "
                + "(SPEC, \"What each side does on each error\")")
        #expect(lines[5] == "and 5 more samples-missing")
        #expect(lines[6] == "a.bin: not conformant")
        #expect(lines.last == "  10 faults, 0 warnings, 0 notes")

        let json = ByteOutput.collecting()
        try ConformanceReport.writeJSON(conformance(wire.bytes), name: "a.bin", to: json)
        let objects = try json.collected.split(separator: 0x0A).map {
            try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
        }
        #expect(objects.count == 11)
        #expect(objects[0]["rule"] as? String == "samples-missing" && objects[0]["byte"] as? Int == 1110)
        #expect(objects[10]["conformant"] as? Bool == false)
        #expect((objects[10]["counters"] as? [String: Int])?["framesMissing"] == 100)
        #expect((objects[10]["findings"] as? [String: Int]) == ["fault": 10, "warning": 0, "note": 0])
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
