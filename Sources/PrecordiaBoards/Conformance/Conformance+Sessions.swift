// Sessions, sequences and the device's clock: what must come first, what again and when.
// Apart from the payloads, because none of this looks into one.

import PrecordiaHost
import PrecordiaLink

/// What was seen of a session.
struct SessionTrace {
    var session: UInt32
    var sequence: UInt32
    /// Whether its first block was there.
    let isWhole: Bool
    var tickRate: UInt32?
    /// Ticks of the session's first block, of the last of these types, and of the last data block with the sample that it began at.
    var begin: UInt64?
    var hello: UInt64?
    var configuration: UInt64?
    var status: UInt64?
    var data: (ticks: UInt64, sample: UInt64, rate: Int)?
    var firstData: (ticks: UInt64, sample: UInt64, rate: Int)?
    /// Whether blocks are missing since the last of these types: then it may be one of them.
    var lostHello = false
    var lostConfiguration = false
    var lostStatus = false
    var isStreaming = false
    var missing: UInt64 = 0
    var delivered: UInt64 = 0
    var dropped: UInt64 = 0
    var expectedFrames: UInt64?
    var configurations: [UInt16: [UInt8]] = [:]
}

/// What a hello said.
struct HelloFacts {
    var capabilities: UInt32
    var channels: Int
    var rates: [UInt32]
    var gains: [UInt16]
}

extension Conformance {
    /// Follows session and sequence as the decoder does.
    func follow(_ header: BlockHeader, restarted: Bool, missing: UInt64) {
        let old = session
        if old == nil || restarted {
            closeSession()
            if let old {
                if old.session == header.session {
                    report(
                        .sessionReused,
                        "session \(header.session) begins again with sequence \(header.sequence) after \(old.sequence); another number would be right"
                    )
                } else {
                    report(.newSession, "session \(header.session) after \(old.session)")
                }
            }
            begin(header)
        }
        session!.sequence = header.sequence
        guard missing > 0 else { return }
        session!.lostHello = true
        session!.lostConfiguration = true
        session!.lostStatus = true
        let before = restarted || old == nil ? "the first of its session that came" : "after \(old!.sequence)"
        report(.sequenceJump, "sequence \(header.sequence), \(before): \(Text.counted(Int(clamping: missing), "block")) missing")
    }

    private func begin(_ header: BlockHeader) {
        summary.sessions += 1
        hello = nil
        session = SessionTrace(session: header.session, sequence: header.sequence, isWhole: header.sequence == 0, tickRate: header.tickRate)
        session!.begin = header.ticks
        if header.sequence > 0 {
            report(.beginsInside, "the session's first block here has sequence \(header.sequence)")
        } else if header.type != BlockType.hello.rawValue {
            report(.helloFirst, "the first block of a session; a hello would be right")
        }
    }

    /// Seconds between two readings of the session's clock; nil without one.
    private func seconds(_ from: UInt64?, _ to: UInt64?) -> Double? {
        guard let from, let to, let rate = session?.tickRate, rate > 0 else { return nil }
        return Double(Int64(bitPattern: to &- from)) / Double(rate)
    }

    func checkClock(_ header: BlockHeader) {
        if (header.ticks == nil) != (header.tickRate == nil) {
            let rate = header.tickRate.map(String.init) ?? "not available"
            let ticks = header.ticks.map(String.init) ?? "not available"
            report(.tickRate, "ticks \(ticks) with a tick rate \(rate); both or none would be right")
        } else if header.tickRate == 0 {
            report(.tickRate, "tick rate 0; all ones without a clock would be right")
        } else if let trace = session, header.tickRate != trace.tickRate {
            let rates = [trace.tickRate, header.tickRate].map { $0.map(String.init) ?? "not available" }
            report(.tickRate, "tick rate \(rates[1]) after \(rates[0]); the same within a session would be right")
        }
        session?.tickRate = header.tickRate == 0 ? nil : header.tickRate
    }

    /// What has to come again and did not.
    func checkTimes(_ type: BlockType, _ header: BlockHeader) {
        guard var trace = session else { return }
        defer { session = trace }
        let begin = trace.begin
        func late(_ rule: ConformanceRule, _ last: UInt64?, _ lost: Bool, _ limit: Double) -> Bool {
            // A tenth more is a main loop's business.
            guard let passed = seconds(last ?? begin, header.ticks), passed > limit * 1.1, !lost else { return false }
            let words = "\(Text.fixed(passed, decimals: 3)) s without one; at most \(Text.fixed(limit, decimals: 0)) s would be right"
            report(rule, words, section: rule.section)
            return true
        }
        // What is late is told once, and its time goes on from here.
        if late(.helloLate, trace.hello, trace.lostHello, 2) || type == .hello { trace.hello = header.ticks }
        if late(.configurationLate, trace.configuration, trace.lostConfiguration, 2) || type == .configuration {
            trace.configuration = header.ticks
        }
        if late(.statusLate, trace.status, trace.lostStatus, 1) || type == .status { trace.status = header.ticks }
        if type == .hello { trace.lostHello = false }
        if type == .configuration { trace.lostConfiguration = false }
        if type == .status { trace.lostStatus = false }
    }

    /// The clock of data blocks against their sample index.
    func checkTicks(_ header: BlockHeader, first: UInt64, rate: Int) {
        guard let ticks = header.ticks, var trace = session else { return }
        defer { session = trace }
        let now = (ticks: ticks, sample: first, rate: rate)
        guard let last = trace.data, last.rate == rate, first > last.sample, let passed = seconds(last.ticks, ticks) else {
            trace.data = now
            trace.firstData = now
            return
        }
        let nominal = Double(first - last.sample) / Double(rate)
        if passed <= 0 || abs(passed - nominal) > 0.05 + 0.01 * nominal {
            report(
                .ticksJump,
                "ticks \(ticks) after \(last.ticks): \(Text.fixed(passed, decimals: 4)) s for \(first - last.sample) samples at \(rate) Hz; "
                    + "\(Text.fixed(nominal, decimals: 4)) s would be right", section: ConformanceRule.ticksJump.section)
            trace.firstData = now
        }
        trace.data = now
    }

    /// What only a whole session shows.
    func closeSession() {
        guard let trace = session else { return }
        if let first = trace.firstData, let last = trace.data, let passed = seconds(first.ticks, last.ticks), passed >= 1 {
            let nominal = Double(last.sample - first.sample) / Double(last.rate)
            let error = (nominal / passed - 1) * 1e6
            if passed > summary.longest {
                summary.longest = passed
                summary.rateErrorPPM = error
            }
            if abs(error) > 1000 {
                report(
                    .rateError,
                    "session \(trace.session): samples come \(Text.fixed(error, decimals: 0)) parts in a million too fast by the device's own clock; "
                        + "a crystal is within 100")
            }
        }
        if trace.isWhole, trace.dropped > trace.missing {
            report(
                .dropCounter,
                "session \(trace.session): the device says it dropped \(trace.dropped) samples, and \(trace.missing) are missing by the sample index; "
                    + "the index must go on over what is dropped")
        }
        if trace.isWhole, let expected = trace.expectedFrames, trace.delivered + trace.missing < expected {
            report(
                .endsEarly,
                "session \(trace.session): \(trace.delivered + trace.missing) samples of \(expected) that the configuration announced")
        }
        session = nil
    }
}
