// What is said to a device and when, by a clock that the test sets.

import PrecordiaLink
import PrecordiaTesting
import Testing

@testable import PrecordiaDevice

@Suite struct DeviceTalkTests {
    /// A device's decoder that has heard a hello and a configuration of 500 Hz.
    final class Device {
        private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
        var decoder: LinkDecoder

        init() {
            decoder = LinkDecoder(memory: memory)
            var wire = Wire()
            wire.hello()
            wire.configuration()
            wire.bytes.withUnsafeBytes { _ = decoder.feed($0) }
            while decoder.next() != nil {}
        }

        deinit { memory.deallocate() }
    }

    /// A conversation: what was sent, by type and sequence, and what a person was told.
    final class Talk {
        var talk: DeviceTalk
        let device = Device()
        var sent: [(type: BlockType, sequence: UInt32)] = []
        var last: [UInt8] = []
        var told: [String] = []

        init(rate: UInt32? = nil) { talk = DeviceTalk(rate: rate) }

        private func send(_ block: UnsafeRawBufferPointer) {
            let header = BlockHeader(UnsafeRawBufferPointer(rebasing: block[..<28]))
            sent.append((BlockType(rawValue: header.type)!, header.sequence))
            last = Array(block)
        }

        private func say(_ words: String?) { if let words { told.append(words) } }

        func open(_ seconds: Double) { talk.opened(at: Int64(seconds * 1e9)) { self.send($0) } }
        func hello(_ seconds: Double) { if let hello = device.decoder.hello { talk.heard(hello, at: Int64(seconds * 1e9)) } }
        func act(_ seconds: Double) { say(talk.act(at: Int64(seconds * 1e9), rate: device.decoder.configuration?.rate) { self.send($0) }) }
        func frame() { say(talk.isStreaming(device.decoder)) }

        /// Answers the last command.
        func answer(_ result: UInt8, _ seconds: Double) {
            let payload = [sent.last!.type.rawValue, result, 0, 0] + Wire.little(sent.last!.sequence)
            let answer = payload.withUnsafeBytes { DeviceAnswer($0) }
            say(talk.answered(answer!, by: device.decoder.hello, at: Int64(seconds * 1e9)))
        }

        func goodbye(_ seconds: Double) { talk.goodbye(at: Int64(seconds * 1e9)) { self.send($0) } }
        var types: [BlockType] { sent.map(\.type) }
    }

    @Test("a device that does not stream is started after its hello, and again each second until something streams")
    func starts() {
        let talk = Talk()
        talk.open(0)
        talk.hello(0.1)
        talk.act(0.3)
        #expect(talk.types == [.identify])
        talk.act(0.5)
        #expect(talk.types == [.identify, .start])
        talk.answer(0, 0.6)
        talk.act(1.4)
        #expect(talk.types == [.identify, .start])
        talk.act(1.6)
        #expect(talk.types == [.identify, .start, .start] && talk.sent.map(\.sequence) == [0, 1, 2])
        talk.frame()
        talk.act(9)
        talk.goodbye(9)
        #expect(talk.types == [.identify, .start, .start, .stop] && talk.told == [])
    }

    @Test("no command is sent before the one before was answered, and the rate is asked for before the start")
    func rate() {
        let talk = Talk(rate: 1000)
        talk.open(0)
        talk.hello(0.1)
        talk.act(0.4)
        #expect(talk.types == [.identify, .configure])
        #expect(Array(talk.last[28..<36]) == [0xE8, 3, 0, 0, 0xFF, 0xFF, 0, 0])
        talk.act(0.5)
        talk.hello(0.6)
        talk.act(0.9)
        #expect(talk.types == [.identify, .configure])
        talk.answer(0, 0.95)
        talk.act(0.96)
        #expect(talk.types == [.identify, .configure, .start] && talk.told == [])
    }

    @Test("a rate that the device has already is not asked for")
    func sameRate() {
        let talk = Talk(rate: 500)
        talk.open(0)
        talk.hello(0)
        talk.act(0.3)
        #expect(talk.types == [.identify, .start])
    }

    @Test("a refused rate is told with what the device offers, and the device is started all the same")
    func refusedRate() {
        let talk = Talk(rate: 1000)
        talk.open(0)
        talk.hello(0)
        talk.act(0.3)
        talk.answer(3, 0.4)
        talk.act(0.4)
        talk.answer(0, 0.5)
        talk.frame()
        #expect(talk.types == [.identify, .configure, .start])
        #expect(talk.told == ["the device does not take 1000 Hz: the value is not possible; it offers 500 Hz"])
    }

    @Test("an unanswered configure is repeated once, told, and followed by the start")
    func unansweredRate() {
        let talk = Talk(rate: 1000)
        talk.open(0)
        talk.hello(0)
        for tenth in 3...40 { talk.act(Double(tenth) / 10) }
        #expect(talk.types.prefix(4) == [.identify, .configure, .configure, .start])
        #expect(Set(talk.sent.map(\.sequence)).count == talk.sent.count)
        #expect(talk.told.first == "the device does not answer the request for 1000 Hz")
    }

    @Test("a device that streams at another rate than asked for is told of, once")
    func otherRate() {
        let talk = Talk(rate: 250)
        talk.open(0)
        talk.hello(0)
        talk.frame()
        talk.frame()
        #expect(talk.told == ["the device runs at 500 Hz, not at the 250 Hz asked for"])
    }

    @Test("a device that was reset to rest has forgotten the rate, and is asked again")
    func forgottenRate() {
        let talk = Talk(rate: 1000)
        talk.open(0)
        talk.hello(0)
        talk.act(0.3)
        talk.answer(3, 0.4)
        talk.act(0.5)
        talk.frame()
        talk.hello(8)
        talk.act(8.3)
        #expect(talk.types == [.identify, .configure, .start, .configure])
    }

    @Test("a start that is refused or never answered is told once, and asked again")
    func noStart() {
        let talk = Talk()
        talk.open(0)
        talk.hello(0)
        talk.act(0.3)
        talk.answer(2, 0.4)
        talk.act(1.4)
        talk.answer(2, 1.5)
        for second in 2...6 { talk.act(Double(second) + 0.5) }
        #expect(talk.types.filter { $0 == .start }.count >= 5)
        #expect(
            talk.told == [
                "the device does not start: not possible in its present state; it is asked again each second",
                "the device does not answer start; it is asked again each second",
            ])
    }

    @Test("identify is repeated once where no hello comes, and a closed line gets no stop")
    func mute() {
        let talk = Talk()
        talk.open(0)
        for second in 1...5 { talk.act(Double(second)) }
        #expect(talk.types == [.identify, .identify] && talk.told == [])
        talk.hello(6)
        talk.act(7)
        talk.talk.lost()
        talk.goodbye(8)
        #expect(talk.types == [.identify, .identify, .start])
    }
}

@Suite struct DeviceWatchTests {
    private let second: Int64 = 1_000_000_000

    @Test("a line without blocks, a stream without samples and blocks of another version are each told once")
    func silences() {
        var watch = DeviceWatch()
        var counters = LinkCounters()
        watch.opened(at: 0, counters, new: counters.frames)
        #expect(watch.fallsSilent(at: 2 * second - 1, counters, new: counters.frames, expectsFrames: false) == nil)
        #expect(watch.fallsSilent(at: 2 * second, counters, new: counters.frames, expectsFrames: false) == .line)
        #expect(watch.fallsSilent(at: 3 * second, counters, new: counters.frames, expectsFrames: false) == nil)
        counters.blocks += 1
        counters.blocksOtherVersion += 1
        #expect(watch.fallsSilent(at: 4 * second, counters, new: counters.frames, expectsFrames: false) == .version)
        #expect(watch.fallsSilent(at: 9 * second, counters, new: counters.frames, expectsFrames: false) == nil)
        counters.blocks += 1
        counters.frames += 10
        #expect(watch.fallsSilent(at: 10 * second, counters, new: counters.frames, expectsFrames: true) == nil)
        counters.blocks += 1
        #expect(watch.fallsSilent(at: 11 * second, counters, new: counters.frames, expectsFrames: true) == nil)
        #expect(watch.fallsSilent(at: 12 * second, counters, new: counters.frames, expectsFrames: true) == .samples)
        counters.blocks += 1
        #expect(watch.fallsSilent(at: 20 * second, counters, new: counters.frames, expectsFrames: true) == nil)
        counters.frames += 10
        #expect(watch.fallsSilent(at: 21 * second, counters, new: counters.frames, expectsFrames: true) == nil)
        #expect(watch.fallsSilent(at: 23 * second, counters, new: counters.frames, expectsFrames: true) == .line)
    }

    @Test("a device that rests, or has sent all that it announced, need send no samples")
    func rests() {
        var watch = DeviceWatch()
        var counters = LinkCounters()
        watch.opened(at: 0, counters, new: counters.frames)
        for tick in 1...20 {
            counters.blocks += 1
            #expect(watch.fallsSilent(at: Int64(tick) * second, counters, new: counters.frames, expectsFrames: false) == nil)
        }
    }
}
