// What is said to a device and when, by a clock that the test sets.

import PrecordiaLink
import Testing

@Suite struct HostTalkTests {
    /// A device that has said who it is, and a host that has heard it.
    private final class Talk {
        let host: Host
        let device = Device()

        init(rate: UInt32? = nil) { host = Host { $0.rate = rate } }

        private func add(_ seconds: Double, _ write: () -> Void) {
            let mark = device.starts.count
            write()
            host.hear(device, from: mark, seconds)
        }

        /// A hello of a device that takes commands and offers 500 and 1000 Hz, and a configuration of 500 Hz.
        func hello(_ seconds: Double) {
            let names = [UInt8](repeating: 0x41, count: 112)
            add(seconds) {
                device.block(.hello, [1, 1, 8, 2, 1, 0, 0, 0, 8, 0, 0, 0] + names + [0xF4, 1, 0, 0, 0xE8, 3, 0, 0, 0x58, 2]).configure()
            }
        }

        func frame(_ seconds: Double) { add(seconds) { device.data(from: UInt64(device.starts.count) * 10) } }

        /// Answers the last command.
        func answer(_ result: UInt8, _ seconds: Double) {
            let last = host.sent.last!
            add(seconds) {
                device.block(.answer, [last.type.rawValue, result, 0, 0] + withUnsafeBytes(of: last.sequence.littleEndian) { Array($0) })
            }
        }

        var replies: [String] { host.told.filter { $0.hasPrefix("reply") } }
    }

    @Test("a device that does not stream is started after its hello, and again each second until something streams")
    func starts() {
        let talk = Talk()
        talk.host.open(0)
        talk.hello(0.1)
        talk.host.act(0.3)
        #expect(talk.host.types == [.identify])
        talk.host.act(0.5)
        #expect(talk.host.types == [.identify, .start])
        talk.answer(0, 0.6)
        talk.host.act(1.4)
        #expect(talk.host.types == [.identify, .start])
        talk.host.act(1.6)
        #expect(talk.host.types == [.identify, .start, .start] && talk.host.sent.map(\.sequence) == [0, 1, 2])
        talk.frame(1.7)
        talk.host.act(2)
        #expect(talk.host.leave(9))
        #expect(talk.host.types == [.identify, .start, .start, .stop] && talk.replies == [])
    }

    @Test("no command is sent before the one before was answered, and the rate is asked for before the start")
    func rate() {
        let talk = Talk(rate: 1000)
        talk.host.open(0)
        talk.hello(0.1)
        talk.host.act(0.4)
        #expect(talk.host.types == [.identify, .configure])
        #expect(Array(talk.host.lastSent[28..<36]) == [0xE8, 3, 0, 0, 0xFF, 0xFF, 0, 0] && talk.host.lastSent.count == 40)
        talk.host.act(0.5)
        talk.hello(0.6)
        talk.host.act(0.9)
        #expect(talk.host.types == [.identify, .configure])
        talk.answer(0, 0.95)
        talk.host.act(0.96)
        #expect(talk.host.types == [.identify, .configure, .start] && talk.replies == [])
    }

    @Test("a rate that the device has already is not asked for")
    func sameRate() {
        let talk = Talk(rate: 500)
        talk.host.open(0)
        talk.hello(0)
        talk.host.act(0.3)
        #expect(talk.host.types == [.identify, .start])
    }

    @Test("a refused rate is told, and the device is started all the same")
    func refusedRate() {
        let talk = Talk(rate: 1000)
        talk.host.open(0)
        talk.hello(0)
        talk.host.act(0.3)
        talk.answer(3, 0.4)
        talk.host.act(0.4)
        talk.answer(0, 0.5)
        talk.frame(0.6)
        #expect(talk.host.types == [.identify, .configure, .start])
        #expect(talk.replies == ["reply rateRefused 3"])
    }

    @Test("an unanswered configure is repeated once, told, and followed by the start")
    func unansweredRate() {
        let talk = Talk(rate: 1000)
        talk.host.open(0)
        talk.hello(0)
        for tenth in 3...40 { talk.host.act(Double(tenth) / 10) }
        #expect(talk.host.types.prefix(4) == [.identify, .configure, .configure, .start])
        #expect(Set(talk.host.sent.map(\.sequence)).count == talk.host.sent.count)
        #expect(talk.replies.first == "reply rateUnanswered 0")
    }

    @Test("a device that streams at another rate than asked for is told of, once")
    func otherRate() {
        let talk = Talk(rate: 250)
        talk.host.open(0)
        talk.hello(0)
        talk.frame(0.1)
        talk.frame(0.2)
        #expect(talk.replies == ["reply otherRate 0"])
    }

    @Test("a device that was reset to rest has forgotten the rate, and is asked again")
    func forgottenRate() {
        let talk = Talk(rate: 1000)
        talk.host.open(0)
        talk.hello(0)
        talk.host.act(0.3)
        talk.answer(3, 0.4)
        talk.host.act(0.5)
        talk.frame(0.6)
        talk.hello(8)
        talk.host.act(8.3)
        #expect(talk.host.types == [.identify, .configure, .start, .configure])
    }

    @Test("a start that is refused or never answered is told once, and asked again")
    func noStart() {
        let talk = Talk()
        talk.host.open(0)
        talk.hello(0)
        talk.host.act(0.3)
        talk.answer(2, 0.4)
        talk.host.act(1.4)
        talk.answer(2, 1.5)
        for tick in 2...6 { talk.host.act(Double(tick) + 0.5) }
        #expect(talk.host.types.filter { $0 == .start }.count >= 5)
        #expect(talk.replies == ["reply startRefused 2", "reply startUnanswered 2"])
    }

    @Test("identify is repeated once where no hello comes, and a closed line gets no stop")
    func mute() {
        let talk = Talk()
        talk.host.open(0)
        for tick in 1...5 { talk.host.act(Double(tick)) }
        #expect(talk.host.types == [.identify, .identify] && talk.replies == [])
        talk.hello(6)
        talk.host.act(7)
        talk.host.lose(7.5)
        #expect(!talk.host.leave(8))
        #expect(talk.host.types == [.identify, .identify, .start])
    }

    @Test("an answer to another command, or from before, changes nothing")
    func otherAnswer() {
        let talk = Talk()
        talk.host.open(0)
        talk.hello(0)
        talk.host.act(0.3)
        let mark = talk.device.starts.count
        talk.device.block(.answer, [BlockType.start.rawValue, 4, 0, 0, 99, 0, 0, 0]).block(
            .answer, [BlockType.configure.rawValue, 4, 0, 0, 1, 0, 0, 0])
        talk.host.hear(talk.device, from: mark, 0.4)
        #expect(talk.replies == [])
    }

    @Test("a source that takes no commands is sent none")
    func deaf() {
        let host = Host { $0.takesCommands = false }
        host.open(0)
        host.hear(Device().hello().configure(), 0.1)
        for tick in 1...5 { host.act(Double(tick)) }
        #expect(!host.leave(6) && host.sent.isEmpty)
    }
}
