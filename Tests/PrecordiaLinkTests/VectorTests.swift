// The files in firmware-protocol/vectors are what the recipes make, and the decoder says of them what they promise.
// PRECORDIA_WRITE_VECTORS=1 writes them anew, after an intended change of the protocol; otherwise they must be what they were.

import Foundation
import PrecordiaLink
import Testing

@Suite struct VectorTests {
    static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("firmware-protocol/vectors")
    }

    /// What a decoder must say about a vector, as JSON with one block and one message a line.
    static func expected(_ vector: Vector) -> String {
        let decoded = Decoded(vector.bytes, framing: vector.framing)
        return Said.head(vector.about, vector.framing) + "\"counters\":{\(Said.counters(decoded.counters))},"
            + "\"blocks\":\(Said.lines(ReferenceDecoded.blocks(vector.bytes, framing: vector.framing))),"
            + "\"messages\":\(Said.lines(decoded.messages))}\n"
    }

    @Test("the vectors are what the encoder writes and the decoder reads", arguments: Vector.all.indices)
    func vector(_ index: Int) throws {
        let vector = Vector.all[index]
        try Self.compare(vector.name, vector.bytes, Self.expected(vector))
    }

    @Test("the families are what every cut and change of their session makes", arguments: VectorFamily.all.indices)
    func family(_ index: Int) throws {
        let family = VectorFamily.all[index]
        try Self.compare(family.name, family.bytes, family.expected)
    }

    @Test("every vector file has its recipe here")
    func complete() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        let recipes = Vector.all.map(\.name) + VectorFamily.all.map(\.name)
        #expect(Set(names) == Set(recipes.flatMap { [$0 + ".bin", $0 + ".json"] }))
        #expect(Set(recipes).count == recipes.count)
    }

    private static func compare(_ name: String, _ bytes: [UInt8], _ expected: String) throws {
        let file = folder.appendingPathComponent(name + ".bin")
        let text = folder.appendingPathComponent(name + ".json")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(expected.utf8)) }
        if ProcessInfo.processInfo.environment["PRECORDIA_WRITE_VECTORS"] != nil {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
            try Data(expected.utf8).write(to: text)
        }
        #expect(try Array(Data(contentsOf: file)) == bytes)
        #expect(try String(decoding: Data(contentsOf: text), as: UTF8.self) == expected)
    }
}
