// Captures over TCP: every byte in the file, and everything that happens told.

import Foundation
import PrecordiaDevice
import PrecordiaHost
import PrecordiaLink
import PrecordiaLive
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaBoards

@Suite(.serialized) struct CaptureSessionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("a device that is not there yet, comes, is cut off inside a block and comes again is told each time, and its file is whole")
    func told() throws {
        let wire = Wire.session(seconds: 2)
        let starts = Wire.starts(wire.bytes)
        let cut = starts[20] + 50
        let place = FakeCart([])
        let last = DispatchSemaphore(value: 0)
        var cart: FakeCart?
        var said: [String] = []
        let settings = LiveSettings(source: place.source, realTime: RealTime(processor: 4095))
        let session = try CaptureSession(settings, path: folder.file("exam.bin")) { words in
            said.append(words)
            guard cart == nil, words.hasPrefix("device absent") else { return }
            cart = FakeCart(
                [[.hear(32), .send(Array(wire.bytes[..<cut]))], [.send(Array(wire.bytes[starts[20]...])), .wait(last)]], port: place.port)
        }
        let result = try session.run(seconds: 2) { _ in }
        last.signal()
        let link = result.figures.link
        #expect(result.problem == nil && result.figures.epoch == 2)
        #expect(link.frames == 1000 && link.bytesSkipped == 50 && link.blocksMissing == 0 && link.blocksRepeated == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("exam.bin"))) == Data(wire.bytes[..<cut] + wire.bytes[starts[20]...]))
        let states = said.filter { $0.hasPrefix("device ") }.map { $0.split(whereSeparator: { $0 == ":" })[0] }
        #expect(states == ["device absent", "device open", "device streaming", "device lost", "device open", "device streaming"])
        #expect(said.contains { $0.hasPrefix("acquisition is not kept on processor 4095") })
    }

    @Test("what the device tells of itself is told")
    func notices() throws {
        var wire = Wire()
        wire.hello()
        wire.configuration()
        wire.block(6, Wire.little(7 as UInt16) + [1, 0] + Wire.little(0 as UInt32))
        wire.data()
        try Data(wire.bytes).write(to: URL(fileURLWithPath: folder.file("wire.bin")))
        var said: [String] = []
        let session = try CaptureSession(LiveSettings(source: "file:" + folder.file("wire.bin")), path: folder.file("copy.bin")) {
            said.append($0)
        }
        let result = try session.run(seconds: nil) { _ in }
        #expect(result.problem == nil && result.written == UInt64(wire.bytes.count))
        #expect(said.contains("device: too hot, samples are affected"))
    }
}
