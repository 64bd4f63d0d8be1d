// Takes an exam from a device or a capture: follows the line, tries again while an electrode is bad, and keeps the best try.
// No engine: what is measured and said of it is found afterwards, of the record, as of any other.

import Glibc
package import PrecordiaDevice
import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaLink
import PrecordiaSignal

/// What a person at the bed is told.
package enum ExamNews: Equatable {
    /// Words about the device.
    case device(String)
    /// A second more is there: seconds that are still to come, and what is wrong so far.
    case second(left: Int, faults: [String])
    /// A try is over and is not good; another follows.
    case again(faults: [String])
}

/// What came of it.
package struct TakenExam {
    /// The best try; nil where not a second came.
    package var take: ExamTake?
    /// The device, as it calls itself.
    package var device: String?
    /// Why the source failed, or ended too soon; nil where it did not.
    package var problem: String?
}

/// A session of one exam.
///
/// - Thread: acquisition's own and the caller's. Memory: a ring of 1 MiB and two takes.
package final class ExamSession: DeviceListener {
    private let ring = ChunkRing(capacity: 1 << 20, reserve: 1 << 14)
    private let acquisition: Acquisition
    private let follower: DeviceFollower
    private let source: String
    private let tries: Int
    private let tell: (ExamNews) -> Void
    private var take: ExamTake?
    private var best: ExamTake?
    private var done = 0
    private var outcome = TakenExam()
    /// Of a capture with times: the clock then, microseconds since 1970, and the moment.
    private var played: (clock: Int64, moment: Int64)?

    /// - Parameters:
    ///   - framing: of the bytes; nil for the source's own.
    ///   - rate: to ask the device for; nil for its own.
    ///   - tries: takes at most, while an electrode is bad.
    package init(
        source: String, framing: LinkFraming?, rate: Int?, tries: Int, tell: @escaping (ExamNews) -> Void
    ) throws(RuntimeError) {
        self.source = source
        self.tries = tries
        self.tell = tell
        acquisition = try Acquisition(source: source, framing: framing, reopen: true, realTime: RealTime(), into: ring)
        var settings = HostSettings()
        settings.framing = framing ?? .plain
        settings.hasTimes = !acquisition.isPatient || acquisition.isTimed
        settings.takesCommands = !acquisition.isPatient
        settings.rate = rate.map { UInt32($0) }
        settings.number = UInt32(truncatingIfNeeded: Monotonic.now())
        follower = DeviceFollower(settings, acquisition: acquisition, ring: ring)
    }

    /// Takes the exam.
    ///
    /// - Parameter patience: seconds to wait for the first sample.
    package func run(patience: Int) throws(RuntimeError) -> TakenExam {
        guard acquisition.start() else { throw .badSource(source: source, problem: "the system has no thread left for it") }
        let began = Monotonic.now()
        while !follower.isOver {
            let now = Monotonic.now()
            if Interrupt.isRequested || outcome.problem != nil { leave() }
            if take == nil, best == nil, now - began > Int64(patience) * 1_000_000_000, outcome.problem == nil {
                outcome.problem = "no sample came in \(patience) s"
            }
            follower.act(at: now, self)
            guard let chunk = ring.next() else {
                ring.wait(milliseconds: 50)
                continue
            }
            follower.take(chunk, self)
            ring.release()
        }
        if Interrupt.isRequested { throw .interrupted(file: source) }
        if best == nil, let take, take.length >= take.format.rate {
            best = take
            let seconds = Text.fixed(Double(take.length) / Double(take.format.rate), decimals: 1)
            outcome.problem = outcome.problem ?? "the source ended after \(seconds) s"
        }
        outcome.take = best
        return outcome
    }

    private func leave() {
        follower.discardsInput = true
        follower.leave()
    }

    package func heard(_ news: HostNews) {
        switch news {
        case .began, .changed: begin()
        case .frame: push(follower.session.frame)
        case .hello: outcome.device = follower.session.hello.map(Self.words)
        case .ended: take = take.flatMap { $0.length >= $0.format.rate ? $0 : nil }
        case .event, .error, .deviceLost, .rateWrong: tell(.device(follower.words))
        default: break
        }
    }

    private static func words(_ hello: DeviceHello) -> String {
        [hello.maker, hello.product, hello.serial].map { String(decoding: $0, as: UTF8.self) }.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// A stream begins, or goes on otherwise: what was taken of another one does not belong to it.
    private func begin() {
        take = follower.session.configuration.map { ExamTake($0.format) }
        take?.time = clock
    }

    private var clock: WFDBHeader.StartTime? {
        if acquisition.isPatient {
            return played.map {
                WFDBHeader.StartTime(microseconds: $0.clock + (follower.session.arrived - $0.moment) / 1000)
            }
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return WFDBHeader.StartTime(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
    }

    private func push(_ frame: Frame) {
        guard let take, done < tries else { return }
        let isSecond = take.push(frame)
        guard isSecond else { return }
        let faults = take.faults
        guard take.isFull else {
            return tell(.second(left: ExamTake.seconds - take.length / take.format.rate, faults: faults))
        }
        done += 1
        if best == nil || take.badLeads <= best!.badLeads { best = take }
        if faults.isEmpty || done == tries {
            self.take = nil
            done = tries
            return leave()
        }
        tell(.again(faults: faults))
        self.take = ExamTake(take.format)
        self.take?.time = clock
    }

    package func sets(clock: Int64, at moment: Int64) { played = (clock, moment) }

    package func changed(_ state: DeviceState, _ words: String, at moment: Int64) {
        guard state != .restarted, state != .streaming, done < tries else { return }
        tell(.device("device \(state.name)" + (words.isEmpty ? "" : ": " + words)))
    }

    package func note(_ words: String) { tell(.device(words)) }

    package func fail(_ words: String) { outcome.problem = words }
}

extension WFDBHeader.StartTime {
    /// Microseconds since 1970 as this machine's zone has them.
    init(microseconds: Int64) {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        self.init(
            date: Day(year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday)), hour: Int(parts.tm_hour),
            minute: Int(parts.tm_min), second: Int(parts.tm_sec), millisecond: Int(microseconds % 1_000_000 / 1000))
    }
}
