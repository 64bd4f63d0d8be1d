// The conformance check: it finds each planted fault and nothing else, and counts what a decoder counts.

import Foundation
import PrecordiaBoards
import PrecordiaHost
import PrecordiaLink
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

private let protocolFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "firmware-protocol")

@Suite struct ConformanceTests {
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

    @Test("each planted fault is found, with what follows from it and nothing else", arguments: PlantedFault.all)
    func faults(planted: PlantedFault) {
        let check = conformance(planted.bytes, framing: planted.framing)
        #expect(Set(check.findings.map(\.rule)) == planted.also.union([planted.rule]), "\(check.findings.map(\.words))")
        #expect(check.isConformant == !check.findings.contains { $0.rule.weight == .fault })
    }

    @Test("every rule has a planted fault, and stands under a heading of the specification")
    func complete() throws {
        #expect(Set(PlantedFault.all.map(\.rule)) == Set(ConformanceRule.allCases))
        let specification = try String(contentsOf: protocolFolder.appending(path: "SPEC.md"), encoding: .utf8)
        let headings = Set(specification.split(separator: "\n").filter { $0.hasPrefix("#") }.map { $0.drop { "# ".contains($0) } })
        for finding in PlantedFault.all.flatMap({ conformance($0.bytes, framing: $0.framing).findings }) {
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
            // Of a family of streams the file is the one that the others are made of.
            let whole = expected["whole"] as? [String: Any] ?? expected
            let counters = try #require(whole["counters"] as? [String: Int])
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
