// The times of a capture: written beside it, read back, and what is said of the stream by them the same each time.

import Foundation
import PrecordiaBoards
import PrecordiaLink
import PrecordiaSession
import PrecordiaTestSupport
import PrecordiaTesting
import Testing

@testable import PrecordiaDevice
@testable import PrecordiaLive

@Suite(.serialized) struct CaptureTimesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("each entry is read as it was written, and what is none of them is not")
    func entries() throws {
        let entries: [CaptureEntry] = [.opened(1, "opened, a b"), .bytes(294), .lost("is gone"), .absent(""), .opened(0, "")]
        let times = CaptureTimes(capture: folder.file("exam.bin"))
        for (place, entry) in entries.enumerated() { times.add(entry, at: Int64(place) * 11_000_000_000 + 7) }
        #expect(times.problem == nil)
        let player = try #require(CapturePlayer(source: "file:" + folder.file("exam.bin")))
        var read: [CaptureEntry] = []
        var moments: [Int64] = []
        while let next = player.next() {
            read.append(next.entry)
            moments.append(next.time)
        }
        let told = read.filter { if case .clock = $0 { false } else { true } }
        #expect(told == entries && read.count == 10 && moments == moments.sorted() && moments.first == 7)
        for wrong in [
            "", "7", "7 bytes", "7 bytes x", "7 bytes 0", "7 bytes -4", "-1 bytes 4", "x bytes 4", "7 rang 4", "7 opened 2 a", "7 clock -1",
        ] {
            #expect(CaptureTimes.entry(wrong[...]) == nil, "\(wrong)")
        }
        #expect(CapturePlayer(source: folder.file("other.bin")) == nil && CapturePlayer(source: "-") == nil)
        try Data("something else\n".utf8).write(to: URL(fileURLWithPath: folder.file("odd.bin.times")))
        #expect(CapturePlayer(source: folder.file("odd.bin")) == nil)
    }

    @Test(
        "a capture of a device that fell silent and was lost says so each time it is played, with the same lines; without its times it is read as before"
    )
    func played() throws {
        let wire = Wire.session(seconds: 4)
        let starts = Wire.starts(wire.bytes)
        let silent = DispatchSemaphore(value: 0)
        let cart = FakeCart([
            [.hear(32), .send(Array(wire.bytes[..<starts[60]])), .wait(silent), .send(Array(wire.bytes[starts[60]..<starts[90]]))],
            [.send(Array(wire.bytes[starts[90]...])), .hearOut],
        ])
        let session = try CaptureSession(LiveSettings(source: cart.source), path: folder.file("exam.bin")) { words in
            if words.hasPrefix("device silent") { silent.signal() }
        }
        let stored = try session.run(seconds: 4) { _ in }
        #expect(stored.problem == nil && stored.written == UInt64(wire.bytes.count))

        func play() throws -> [String] {
            var settings = LiveSettings(source: "file:" + folder.file("exam.bin"), output: .lines(top: 0))
            settings.name = "bed"
            let model = try LoadedModel.shipped()
            var sink = Collected(settings, model)
            let result = try LiveSession(settings, model: model).run(&sink)
            #expect(!result.failed && result.figures.link.frames == 2000)
            return sink.lines.filter { !$0.hasPrefix("{\"event\":\"session\"") }
        }
        let first = try play()
        #expect(try play() == first)
        let states = ["open", "streaming", "silent", "streaming", "lost", "open", "streaming"]
        let told = first.filter { $0.hasPrefix("{\"event\":\"device\"") }
        #expect(told.count == states.count && zip(told, states).allSatisfy { $0.contains("\"state\":\"\($1)\"") })
        #expect(first.filter { $0.contains("alertRaised") && $0.contains("device-lost") }.count == 2)
        #expect(first.allSatisfy { $0.contains("\"utc\":\"20") })

        try FileManager.default.removeItem(atPath: folder.file("exam.bin.times"))
        let timeless = try play()
        #expect(!timeless.contains { $0.contains("device-lost") || $0.contains("\"utc\"") })
    }
}
