// What follows a device, on a clock that the test sets: streams, restarts, silences, and when nobody hears the patient.

import PrecordiaLink
import PrecordiaSignal
import Testing

private let second: Int64 = 1_000_000_000

@Suite struct HostSessionTests {
    private func configured(_ host: Host, session: UInt32 = 7, rate: UInt32 = 500, frames: UInt64? = nil, _ seconds: Double = 0) -> Device {
        let device = Device(session: session).configure(rate: rate, frames: frames)
        host.hear(device, seconds)
        return device
    }

    @Test("a stream begins with its first frame, not with its configuration, and ends where the device announced it, once")
    func whole() {
        let host = Host()
        host.open()
        let device = configured(host, frames: 1000)
        #expect(host.told == [] && host.session.stream == .waiting)
        host.play(device, from: 0, seconds: 2)
        #expect(host.told == ["began 500", "frames", "streaming", "frames", "ended announced"])
        #expect(host.frames == Array(0..<1000) && host.session.stream == .concluded && host.session.streams == 1)
        host.forget()
        host.act(60)
        #expect(host.session.stream == .concluded && host.told == ["silent line 4.00"] && host.session.newsDropped == 0)
    }

    @Test("the same bytes at the same times are the same news, however they are cut", arguments: [1, 7, 100, 4000])
    func portions(portion: Int) {
        func told(_ portion: Int) -> [String] {
            let host = Host()
            host.portion = portion
            host.open()
            let device = configured(host)
            host.play(device, from: 0, seconds: 3)
            device.block(.event, [UInt8](repeating: 0xFF, count: 8) + [1, 0, 1, 0]).status()
            host.hear(device, from: device.starts.count - 2, 3.1)
            host.play(configured(host, session: 8, 4), from: 4, seconds: 1)
            return host.told + host.frames.map { "\($0)" }
        }
        #expect(told(portion) == told(.max))
    }

    @Test("a device that begins anew goes on in the same stream, behind the frames that the clock says are missing")
    func goesOn() {
        let host = Host()
        host.open()
        host.play(configured(host), from: 0, seconds: 3)
        host.forget()
        host.play(configured(host, session: 8, 3.5), from: 4, seconds: 1)
        #expect(host.news == ["changed", "restarted 1", "hole 500"])
        #expect(host.frames.first == 2000 && host.frames.last == 2499 && host.session.samples == 2500 && host.session.streams == 1)
    }

    @Test("so does one that begins anew under its old session, with the very number of its last block")
    func sameNumbers() {
        let host = Host()
        host.open()
        for round in 0..<3 {
            let start = Double(round) * 0.3
            host.play(configured(host, start), from: start, seconds: 0.02)
        }
        #expect(host.news.filter { $0 == "changed" }.count == 2 && host.session.heard.cuts == 2 && host.session.counters.restarts == 2)
        #expect(host.frames.count == 30 && zip(host.frames, host.frames.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("without times a device that begins anew goes on behind a hole of which nobody knows how long it was")
    func unknownHole() {
        let host = Host {
            $0.hasTimes = false
            $0.takesCommands = false
        }
        host.open()
        host.play(configured(host), from: 0, seconds: 3)
        host.play(configured(host, session: 8, 60), from: 60, seconds: 1)
        #expect(host.news == ["began 500", "streaming", "changed", "restarted 1", "hole unknown"])
        #expect(host.frames == Array(0..<2000) && host.sent.isEmpty)
    }

    @Test("a stream whose engine cannot follow ends, and another begins; where there is no engine for that one the device is lost")
    func refused() {
        let host = Host()
        host.followsNone = true
        host.refused = [50]
        host.open()
        host.play(configured(host), from: 0, seconds: 31)
        host.forget()
        host.play(configured(host, session: 8, rate: 250, 31.1), from: 31.1, seconds: 1)
        #expect(host.news == ["changed", "ended cutOff", "began 250"] && host.session.streams == 2)
        host.forget()
        host.play(configured(host, session: 9, rate: 50, 32.2), from: 32.2, seconds: 0.1)
        #expect(host.news == ["changed", "ended cutOff", "began 50", "deviceLost 0.12"])
        #expect(host.frames.isEmpty && host.session.framesUnheard == 50 && host.session.stream == .refused)
        host.play(configured(host, session: 10, 33), from: 33, seconds: 0.1)
        #expect(host.news.contains("began 500") && host.news.last == "deviceFound 0.92" && host.session.stream == .open)
    }

    @Test("a stream that is refused from the beginning is no device that is there: it is lost when its time is over")
    func refusedFirst() {
        let host = Host()
        host.refused = [50]
        host.open()
        host.play(configured(host, rate: 50), from: 0, seconds: 9)
        #expect(host.news.filter { $0.hasPrefix("device") } == [])
        host.act(10)
        #expect(host.news.last == "deviceLost 10.00")
    }

    @Test("a device that begins anew each second is lost with the second time, and stays lost until a window was heard without")
    func restartLoop() {
        let host = Host()
        host.open()
        for session in 0..<6 {
            host.play(configured(host, session: UInt32(session), Double(session)), from: Double(session), seconds: 0.98)
        }
        // Lost once, and never found, though each session's frames are new signal.
        #expect(host.news.filter { $0.hasPrefix("device") } == ["deviceLost 0.02"])
        #expect(host.news.filter { $0 == "changed" }.count == 5 && host.session.streams == 1)
        host.forget()
        let device = configured(host, session: 9, 6)
        host.play(device, from: 6, seconds: 9.98)
        #expect(host.news.filter { $0.hasPrefix("device") } == [])
        host.play(device, index: 4990, from: 15.98, seconds: 0.1)
        #expect(host.news.last == "deviceFound 14.02")
    }

    @Test("so does a device whose line goes and comes with each restart")
    func unpluggedLoop() {
        let host = Host()
        for session in 0..<6 {
            let start = Double(session)
            host.open(start)
            host.play(configured(host, session: UInt32(session), start), from: start, seconds: 0.9)
            host.lose(start + 0.95)
        }
        // Each loss is told at once, and the first return ends it; from the second restart on it is lost for good.
        let alerts = host.news.filter { $0.hasPrefix("device") }
        #expect(alerts == ["deviceLost 0.05", "deviceFound 0.12", "deviceLost 0.05"])
    }

    @Test("one that announces an end again and again is lost too, and a rate of its own each time asks for three windows")
    func shortEnds() {
        let host = Host()
        host.followsNone = true
        host.open()
        for session in 0..<4 {
            let start = Double(session) * 2.1
            host.play(configured(host, session: UInt32(session), frames: 1000, start), from: start, seconds: 2)
        }
        #expect(host.news.filter { $0.hasPrefix("device") } == ["deviceLost 0.10"] && host.session.streams == 4)

        let changing = Host()
        changing.followsNone = true
        changing.open()
        for session in 0..<3 {
            let start = Double(session) * 20
            // 20 s of the index at 250 or 500 Hz: more than a window, less than three.
            changing.play(
                configured(changing, session: UInt32(session), rate: session % 2 == 0 ? 500 : 250, start), from: start, seconds: 19)
        }
        #expect(changing.news.contains { $0.hasPrefix("deviceLost") })
    }

    @Test("restarts are told once a second, with how many there were")
    func throttled() {
        let host = Host()
        host.open()
        host.play(configured(host), from: 0, seconds: 1)
        for session in 1...6 {
            let start = 1 + Double(session) * 0.3
            host.play(configured(host, session: UInt32(session), start), from: start, seconds: 0.2)
        }
        #expect(host.news.filter { $0.hasPrefix("restarted") } == ["restarted 1", "restarted 4"])
    }

    @Test(
        "a line without blocks, blocks without samples, the same samples and another version are each told once, and are over with new signal"
    )
    func silences() {
        let host = Host()
        host.open()
        let device = configured(host)
        host.act(1.99)
        #expect(host.told == [])
        host.act(2.01)
        host.act(5)
        #expect(host.told == ["silent line 2.00"] && host.session.silences == 1)
        host.play(device, from: 5, seconds: 1)
        host.forget()
        for tenth in 0..<40 {
            let mark = device.starts.count
            device.status()
            host.hear(device, from: mark, 6 + Double(tenth) * 0.1)
        }
        #expect(host.news == ["silent samples 8.00", "deviceLost 2.00"])
        host.forget()
        host.play(device, index: 500, from: 10, seconds: 1)
        #expect(host.news == ["streaming", "deviceFound 4.02"])
        host.forget()
        let stuck = host.living(from: 1000)
        for block in 0..<150 {
            let mark = device.starts.count
            device.data(
                (0..<10).map { place in
                    var frame = stuck[place]
                    frame.index = 1000 + UInt64(block * 10 + place)
                    return frame
                })
            host.hear(device, from: mark, 11.02 + Double(block) * 0.02)
        }
        #expect(host.news == ["silent same 13.06", "deviceLost 2.00"])
        host.play(device, index: 3000, from: 14, seconds: 1)
        host.forget()
        for tenth in 0..<40 {
            let mark = device.starts.count
            device.foreign(type: 1, version: 2, [UInt8](repeating: 0, count: 124))
            host.hear(device, from: mark, 15 + Double(tenth) * 0.1)
        }
        #expect(host.news == ["silent version 17.00", "deviceLost 2.00"] && host.session.deviceVersion == 2)
    }

    @Test("a device that rests, or has sent all that it announced, need send no samples")
    func rests() {
        let host = Host()
        host.open()
        let device = configured(host, frames: 500)
        host.play(device, from: 0, seconds: 1)
        host.forget()
        for tick in 1...30 {
            let mark = device.starts.count
            device.status()
            host.hear(device, from: mark, 1 + Double(tick))
        }
        #expect(host.told == [])
    }

    @Test("behind an announced end somebody may be watched all the same: then a device that says nothing more is lost after its time")
    func behindTheEnd() {
        let host = Host { $0.watchesBehindEnd = true }
        host.open()
        host.play(configured(host, frames: 500), from: 0, seconds: 1)
        host.forget()
        host.act(10.9)
        #expect(!host.told.contains { $0.hasPrefix("deviceLost") })
        host.act(11.1)
        #expect(host.told.last == "deviceLost 10.00")
    }

    @Test(
        "where nothing has begun in time the device is lost, from the beginning on, and what comes late ends it with the time that it was missed for"
    )
    func late() {
        let host = Host { $0.grace = second }
        host.act(5)
        host.act(5.9)
        #expect(host.told == [])
        host.act(6.5)
        #expect(host.told == ["deviceLost 1.00"])
        host.open(8)
        host.play(configured(host, 8), from: 8, seconds: 0.1)
        #expect(host.news.last == "deviceFound 3.02")
    }

    @Test("a line that is lost in a stream is a device that is lost, dated by its last sample; before a stream it is not")
    func unplugged() {
        let host = Host()
        host.open()
        host.lose(1)
        #expect(host.told == [])
        host.open(2)
        let device = configured(host, 2)
        host.play(device, from: 2, seconds: 1)
        host.forget()
        host.lose(3.5)
        #expect(host.told == ["deviceLost 0.50"])
        host.open(6)
        host.play(device, index: 1000, from: 6, seconds: 0.1)
        #expect(host.news == ["deviceLost 0.50", "streaming", "deviceFound 3.02"] && host.session.epoch == 3)
    }

    @Test("a device that idles before the end that it announced is told with the frames that are missing, and is lost, or is at its end")
    func unfinished() {
        for ends in [false, true] {
            let host = Host { $0.endsWithStream = ends }
            host.open()
            let device = configured(host, frames: 1000)
            host.play(device, from: 0, seconds: 1)
            host.forget()
            let mark = device.starts.count
            device.block(.status, [UInt8](repeating: 0xFF, count: 22) + [DeviceStatus.State.idle.rawValue, 0])
            host.hear(device, from: mark, 1.5)
            host.hear(device, from: mark, 1.6)
            #expect(host.told == (ends ? ["unfinished 500", "ended unfinished"] : ["unfinished 500", "deviceLost 0.50"]))
        }
    }

    @Test("a limit ends the stream with the frame that reaches it")
    func limit() {
        let host = Host { $0.limit = 0.5 }
        host.open()
        host.play(configured(host), from: 0, seconds: 0.5)
        #expect(host.told.last == "ended limit" && host.frames.count == 250)
    }

    @Test("a rate that the samples contradict is told, and again when they agree; what came meanwhile is missing")
    func rate() {
        let host = Host()
        host.open()
        let device = configured(host, rate: 250)
        host.play(device, from: 0, seconds: 20)
        #expect(host.news.filter { $0.hasPrefix("rate") } == ["rateWrong 500"])
        #expect(host.session.heard.mistimed > 3000 && host.frames.count < 4000)
    }

    @Test("a button's sample and a pulse's are the stream's, also behind a restart")
    func notices() {
        let host = Host()
        host.open()
        host.play(configured(host), from: 0, seconds: 3)
        let device = configured(host, session: 8, 3.1)
        host.play(device, from: 3.1, seconds: 1)
        host.forget()
        let mark = device.starts.count
        device.block(.event, [100, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0]).block(.event, [UInt8](repeating: 0xFF, count: 8) + [2, 0, 4, 0])
        device.block(.error, [7, 0, 1, 0, 0, 0, 0, 0])
        device.data(host.living(from: 500), marks: [PaceMark(sample: 503)])
        host.hear(device, from: mark, 4.15)
        #expect(
            host.told == [
                "event 1 \(host.session.offset + 100)", "event 2 \(host.session.offset + 500)", "error 7 \(host.session.offset + 500)",
                "pace", "frames",
            ])
        #expect(host.session.pace.sample == host.session.offset + 503 && host.session.offset > 1400)
    }

    @Test("no bytes are taken while there is news, and news that nobody fetches are counted")
    func unfetched() {
        let host = Host { $0.grace = 1 }
        host.session.act(at: 1)
        host.session.act(at: 10)
        #expect([1].withUnsafeBytes { host.session.feed($0, at: 11) } == 0)
        host.session.opened(at: 12, framing: .plain)
        for _ in 0..<20 {
            host.session.opened(at: host.session.moment + 1, framing: .plain)
            host.session.act(at: host.session.moment + 3 * second)
        }
        #expect(host.session.newsDropped == 13)
    }

    @Test("any bytes at any times are followed without a trap, and the samples only grow")
    func hostile() {
        var random = Noise(seed: 11)
        let good = Device(session: 3).hello().configure(frames: 400).data(from: 0, 400).status().configure(rate: 250).data(from: 0, 40)
        for round in 0..<200 {
            let host = Host {
                $0.hasTimes = round % 3 != 0
                $0.rate = round % 2 == 0 ? 1000 : nil
                $0.endsWithStream = round % 5 == 0
            }
            host.followsNone = round % 4 == 0
            var bytes = good.bytes
            for _ in 0..<round % 7 { bytes[random.below(bytes.count)] = random.next() }
            let broken = Device(session: 4).replace(with: bytes)
            host.open()
            for _ in 0..<3 {
                host.hear(broken, Double(random.below(100)))
                host.lose(Double(random.below(100)))
                host.open(Double(random.below(100)))
            }
            #expect(host.session.newsDropped == 0)
        }
    }
}
