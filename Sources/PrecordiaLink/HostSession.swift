// What follows a device, for every program that does: its bytes and the caller's clock in; frames, silences, restarts, commands and answers out.
// Reads nothing, waits for nothing and says nothing itself, so that one piece of code serves threads, a board's main loop, and a test's own clock.

package import PrecordiaSignal

/// Follows a device: decodes it, judges what it sends, talks to it, and says when nobody hears the patient any more.
///
///     session.opened(at: now, framing: .plain)         a connection is there
///     session.act(at: now)                             before each piece of bytes, and some ten times a second
///     while !rest.isEmpty {
///         rest = rest[session.feed(rest, at: now)...]
///         while let news = session.next() { ... }      after every call, until there is nothing
///     }
///     session.look(at: now)                            behind each piece of bytes
///     if let block = session.command() { ... }         after every call: to be sent
///     session.finish(); session.lost(at: now)          the connection has gone
///
/// The same calls give the same news: nothing here knows a clock, a thread or a word. What news are about stands in the session until the next call of any
/// kind.
///
/// - Memory: the caller's, ``requiredBytes``, alive as long as the session; nothing is allocated. Thread: one at a time.
/// - Times are nanoseconds of any clock that does not go back, above 0; the same clock for all.
/// - Cost: a decoder's and a ``SignalWatch``'s.
package struct HostSession: ~Copyable {
    /// Bytes of memory, of any alignment.
    package static var requiredBytes: Int { LinkDecoder.requiredBytes + HostTalk.requiredBytes }

    package let settings: HostSettings

    // What only this session may look into: everybody else asks it.
    var decoder: LinkDecoder
    var signal = SignalWatch()
    var watch = HostWatch()
    var talk: HostTalk
    private let memory: UnsafeMutableRawBufferPointer

    /// Connections so far, streams begun, times that an open line fell silent, and frames that came for a stream that had been refused.
    package private(set) var epoch: UInt64 = 0
    package internal(set) var streams: UInt64 = 0
    package private(set) var silences: UInt64 = 0
    package internal(set) var framesUnheard: UInt64 = 0
    /// News that found ``next()`` not called for too long; 0 with a caller that fetches them.
    package internal(set) var newsDropped: UInt64 = 0

    /// Where the stream stands.
    package internal(set) var stream = HostStream.waiting
    /// The index after the last frame of the stream, which goes on where the device begins anew.
    package internal(set) var samples: UInt64 = 0
    /// What is added to the device's own index for it.
    package internal(set) var offset: UInt64 = 0
    /// The frames that the configuration in force announced; nil if nobody knows.
    package internal(set) var announced: UInt64?

    /// Of ``HostNews/frame``, its index the stream's; of ``HostNews/pace`` likewise.
    package internal(set) var frame = Frame(index: 0)
    package internal(set) var pace = PaceMark(sample: 0)
    /// Of ``HostNews/hole``: how many frames never came; nil if nobody knows.
    package internal(set) var missing: UInt64?
    /// Of ``HostNews/ended``.
    package internal(set) var ending = HostEnding.announced
    /// Of ``HostNews/silent``: what does not come, and since when that has been a silence.
    package private(set) var silence = HostSilence.line
    package private(set) var silentAt: Int64 = 0
    /// Of ``HostNews/restarted``: how often since it was told last. It is told once a second.
    package internal(set) var restarts = 0
    /// Of ``HostNews/unfinished``: frames that were announced and have not come.
    package internal(set) var framesLeft: UInt64 = 0
    /// Of ``HostNews/deviceLost`` and ``HostNews/deviceFound``: nanoseconds without new signal.
    package internal(set) var unheard: Int64 = 0
    /// Of ``HostNews/reply``.
    package private(set) var reply = HostReply.refused

    /// When the bytes in hand came, and what time it is: that of the last call, which does not go back.
    package private(set) var arrived: Int64 = 0
    package private(set) var moment: Int64 = 0
    /// When the bytes came that brought the last frame of new signal; 0 before the first, and once that is missed since when it was waited for.
    package internal(set) var sampled: Int64 = 0
    /// Whether the session was left: what becomes of the device is no failure, and nothing is told of it.
    package private(set) var isLeaving = false

    // The life of the stream: HostSession+Stream.
    var step = Step.none
    var isFrame = false
    /// The stream before the news in hand, for ``refuse()``; and the samples a second of the stream that began last.
    var before = HostStream.waiting
    var rate = 0
    var toldRate = false
    var toldRestart: Int64?
    var untoldRestarts = 0
    /// Whether the device began anew before a window was heard, and whether it did so twice in a row; frames heard since it began anew.
    var wasShort = false
    var restartsTooSoon = false
    var fresh: UInt64 = 0
    /// Whether `device-lost` stands, and when the last sample had come when it rose.
    var isLost = false
    var lostFrom: Int64 = 0
    /// Since when a stream is waited for: from the beginning on, and from the announced end of one on.
    var waitsSince: Int64?

    // News that wait, a byte each, the first in the lowest.
    private var queue: UInt64 = 0
    /// What ``next()`` gave last.
    package private(set) var news: HostNews?

    /// A session in `memory`; traps if that is smaller than ``requiredBytes``.
    package init(_ settings: HostSettings, memory: UnsafeMutableRawBufferPointer) {
        precondition(memory.count >= Self.requiredBytes, "The host session's memory is too small.")
        self.settings = settings
        self.memory = UnsafeMutableRawBufferPointer(rebasing: memory[..<LinkDecoder.requiredBytes])
        decoder = LinkDecoder(framing: settings.framing, memory: self.memory)
        talk = HostTalk(settings, memory: UnsafeMutableRawBufferPointer(rebasing: memory[LinkDecoder.requiredBytes..<Self.requiredBytes]))
        signal.keepsTime = settings.keepsTime
    }

    /// A connection has come about. The framing of the first one holds for all.
    @_noAllocation @_noLocks
    package mutating func opened(at now: Int64, framing: LinkFraming) {
        pass(to: now)
        arrived = now
        if epoch == 0, framing != settings.framing { decoder = LinkDecoder(framing: framing, memory: memory) }
        epoch &+= 1
        watch.opened(at: now, decoder.counters, new: newFrames)
        talk.opened(at: now)
    }

    /// The connection has gone; ``finish()`` and fetch what is left before.
    @_noAllocation @_noLocks
    package mutating func lost(at now: Int64) {
        pass(to: now)
        arrived = now
        watch.lost()
        talk.lost()
        if !isLeaving { lose(at: now) }
    }

    /// Takes bytes that came at `now`, as many as there is room for, and says how many; 0 while ``next()`` has something left.
    @_noAllocation @_noLocks
    package mutating func feed(_ bytes: UnsafeRawBufferPointer, at now: Int64) -> Int {
        guard queue == 0, step == .none else { return 0 }
        arrived = now
        return decoder.feed(bytes)
    }

    /// What has begun on the line will not end there any more: fetch what is left.
    @_noAllocation @_noLocks
    package mutating func finish() { decoder.finish() }

    /// What is due by the clock: commands, silences, a device that never came.
    @_noAllocation @_noLocks
    package mutating func act(at now: Int64) {
        pass(to: now)
        waitsSince = waitsSince ?? moment
        guard settings.hasTimes, !isLeaving else { return }
        if let reply = talk.act(at: moment, rate: decoder.configuration?.rate) { tell(reply) }
        look(at: moment)
        missStream(at: moment)
    }

    /// Whether anything new has come: behind each piece of bytes, so that a silence begins with the last one.
    @_noAllocation @_noLocks
    package mutating func look(at now: Int64) {
        guard settings.hasTimes, !isLeaving else { return }
        let expectsFrames = decoder.counters.frames > 0 && !talk.isOver
        guard let found = watch.fallsSilent(at: now, decoder.counters, new: newFrames, expectsFrames: expectsFrames) else { return }
        silences &+= 1
        silence = found
        silentAt = watch.silentAt
        tell(.silent)
        lose(at: silentAt)
    }

    /// Leaves the device: it is let to rest if it was started from here, and what becomes of it is told no more. Whether there is a command to be sent.
    @_noAllocation @_noLocks
    package mutating func leave(at now: Int64) -> Bool {
        guard !isLeaving else { return false }
        isLeaving = true
        return talk.goodbye(at: now)
    }

    /// The block of a command that is to be sent to the device now, once; plain, in the session's memory until the next call. Nil for none.
    @_noAllocation @_noLocks
    package mutating func command() -> UnsafeRawBufferPointer? { talk.next() }

    /// The next news, or nil when more bytes or time are needed.
    @_noAllocation @_noLocks
    package mutating func next() -> HostNews? {
        news = nil
        while queue == 0 {
            if step != .none {
                advance()
                continue
            }
            guard let message = decoder.next() else { return nil }
            take(message)
        }
        news = HostNews(rawValue: UInt8(truncatingIfNeeded: queue))
        queue &>>= 8
        return news
    }

    @_noAllocation @_noLocks
    private mutating func take(_ message: LinkMessage) {
        switch message {
        case .stream: configure()
        case .frame:
            let isNew = signal.observe(decoder, at: settings.hasTimes ? arrived : nil)
            if let reply = talk.isStreaming(at: decoder.configuration?.rate) { tell(reply) }
            begin(isFrame: true, isNewBlock: isNew)
        case .pace: begin(isFrame: false, isNewBlock: signal.observe(decoder, at: settings.hasTimes ? arrived : nil))
        case .hello:
            if let hello = decoder.hello { talk.heard(hello, at: moment) }
            tell(.hello)
        case .answer: if let answer = decoder.answer, let reply = talk.answered(answer, at: moment) { tell(reply) }
        case .status: endIfIdle()
        case .event: tell(.event)
        case .error: tell(.error)
        case .command: break
        }
    }

    /// Adds news. More than eight that nobody fetches are dropped and counted.
    @_noAllocation @_noLocks
    mutating func tell(_ news: HostNews) {
        guard queue &>> 56 == 0 else {
            newsDropped &+= 1
            return
        }
        let place = UInt64(64 &- queue.leadingZeroBitCount &+ 7) &>> 3
        queue |= UInt64(news.rawValue) &<< (place &* 8)
    }

    @_noAllocation @_noLocks
    private mutating func tell(_ reply: HostReply) {
        self.reply = reply
        tell(.reply)
    }

    /// Time goes on, never back.
    @_noAllocation @_noLocks
    private mutating func pass(to now: Int64) { moment = now > moment ? now : moment }
}
