// What the engine's thread tells: each message once to each outlet that wants it, as a fixed layout, without making words or lines.

import PrecordiaAlerts
import PrecordiaDevice
import PrecordiaEngine
import PrecordiaHost
import PrecordiaLink
import PrecordiaPolicy
import PrecordiaReport
import PrecordiaSession
import PrecordiaSignal

/// The outlets of a session; a fixed list.
///
/// - Thread: the engine's. Memory: two batches of frames, 7 KiB, and what stands, 10 KiB. Nothing allocates after init but for words and a first answer,
///   and nothing waits but for a source that can wait itself.
package final class LiveOutlets {
    package let all: [LiveOutlet]
    /// Whether to wait where a ring is full: for sources that can wait themselves.
    let isPatient: Bool
    private let wants: LiveMessage.Wants
    private let drawn = UnsafeMutableBufferPointer<Float>.allocate(capacity: 64 * 12)
    private var drawnFirst: UInt64 = 0
    private var drawnCount = 0
    private let kept = UnsafeMutableBufferPointer<Frame>.allocate(capacity: 64)
    private var keptCount = 0
    /// What was told and is still true.
    private var standing = StandingNews()

    /// At most so many.
    package static let most = 8

    package init(_ all: [LiveOutlet], isPatient: Bool = false) {
        precondition(all.count <= Self.most, "A session has 8 outlets at most.")
        self.all = all
        self.isPatient = isPatient
        wants = all.reduce([]) { $0.union($1.wants) }
    }

    deinit {
        drawn.deallocate()
        kept.deallocate()
    }

    // MARK: Words

    func note(_ words: String) { words.utf8Bytes { put(.note, nil, (), $0) } }

    func fault(_ words: String) {
        standing.fault(words)
        words.utf8Bytes { put(.fault, nil, (), $0) }
    }

    func hearing(_ words: String) {
        standing.hearing(words)
        words.utf8Bytes { put(.hearing, nil, (), $0) }
    }

    /// Where a companion shows the session; empty once it does not.
    func page(_ address: String) {
        standing.page(address)
        address.utf8Bytes { put(.page, nil, (), $0) }
    }

    func failure(_ words: String, at time: EventTime?) { words.utf8Bytes { put(.failure, time, (), $0) } }

    func device(_ state: DeviceState, epoch: UInt64, _ words: String, at time: EventTime?) {
        standing.device(state, epoch: epoch)
        words.utf8Bytes { put(.device, time, LiveMessage.DeviceHead(state: state.rawValue, epoch: epoch), $0) }
    }

    // MARK: Streams and events

    func stream(_ facts: LiveMessage.StreamFacts, at time: EventTime?) {
        flush()
        standing.begin(facts)
        put(.stream, time, facts)
    }

    func end(_ end: LiveMessage.StreamEnd, at time: EventTime?) {
        flush()
        standing.endStream()
        put(.end, time, end)
    }

    func link(_ counters: LinkCounters, sample: UInt64, rate: Int, at time: EventTime?) {
        put(.link, time, LiveMessage.LinkHead(counters: counters, sample: sample, rate: rate))
    }

    /// An event of the session where no stream has begun.
    func event(_ event: Event, at time: EventTime?) {
        standing.take(event)
        put(.event, time, LiveMessage.EventHead(event: event, rate: 0))
    }

    /// An event of a stream; of an answer with what the engine holds of it. Answers, of which there is one each second, do not take the room of alerts.
    func event(_ event: Event, _ engine: borrowing Engine, at time: EventTime?) {
        let isUrgent = event.kind == .alertRaised || event.kind == .alertCleared
        if event.kind == .measurement {
            let head = LiveMessage.MeasurementHead(event: event, values: engine.measuredValues, rate: engine.stream.rate)
            standing.measurement(head)
            return put(.measurement, time, head, isUrgent: false)
        }
        guard event.kind == .window || event.kind == .unknown else {
            standing.take(event)
            return put(.event, time, LiveMessage.EventHead(event: event, rate: engine.stream.rate), isUrgent: isUrgent)
        }
        let answer = engine.lastAnswer
        let head = LiveMessage.AnswerHead(
            event: event, rate: engine.stream.rate, heartRate: engine.heartRate ?? .nan, isWhole: answer.isWhole, quality: engine.quality)
        if wants.has(.board) { standing.answer(head, answer.probabilities) }
        put(.answer, time, head, UnsafeRawBufferPointer(answer.probabilities), isUrgent: isUrgent)
    }

    /// What became of a command.
    func reply(_ reply: LiveMessage.Reply, _ words: String) { words.utf8Bytes { put(.reply, nil, reply, $0) } }

    /// What somebody asked for through a companion.
    func deed(_ deed: LiveMessage.Deed, at time: EventTime?) {
        let head = LiveMessage.DeedHead(
            result: deed.result, who: deed.who.utf8.count, by: deed.by.utf8.count, command: deed.command.utf8.count)
        (deed.who + deed.by + deed.command + deed.words).utf8Bytes { put(.deed, time, head, $0) }
    }

    func alarm(_ change: AlarmChange, _ board: LiveMessage.BoardState, at time: EventTime?) {
        put(.alarm, time, LiveMessage.AlarmHead(change: change, board: board))
    }

    /// A button or a marker, at a sample of the stream.
    func notice(_ event: DeviceEvent, sample: UInt64?, at time: EventTime?) {
        notice(.deviceEvent, sample, time, event.text) { room in
            room.storeBytes(of: event.sample ?? .max, as: UInt64.self)
            room.storeBytes(of: event.code, toByteOffset: 8, as: UInt16.self)
            room.storeBytes(of: event.value, toByteOffset: 10, as: UInt16.self)
            return 12
        }
    }

    func notice(_ error: DeviceError, sample: UInt64?, at time: EventTime?) {
        notice(.deviceError, sample, time, error.text) { room in
            room.storeBytes(of: error.code, as: UInt16.self)
            room.storeBytes(of: error.severity, toByteOffset: 2, as: UInt8.self)
            room.storeBytes(of: 0, toByteOffset: 3, as: UInt8.self)
            room.storeBytes(of: error.detail, toByteOffset: 4, as: UInt32.self)
            return 8
        }
    }

    /// A payload as the wire has it, so that the reader reads it as the decoder does.
    private func notice(
        _ kind: LiveMessage.Kind, _ sample: UInt64?, _ time: EventTime?, _ text: UnsafeRawBufferPointer,
        _ pack: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        withUnsafeTemporaryAllocation(byteCount: 16 + text.count, alignment: 8) { room in
            let fixed = pack(room)
            UnsafeMutableRawBufferPointer(rebasing: room[fixed...]).copyMemory(from: text)
            put(kind, time, sample, UnsafeRawBufferPointer(rebasing: room[..<(fixed + text.count)]))
        }
    }

    // MARK: Figures and the end

    func session(_ figures: LiveFigures, at time: EventTime?) { put(.session, time, figures) }

    func figures(_ figures: LiveFigures) { put(.figures, nil, figures, isUrgent: false) }

    /// Whether an outlet is to be given a board.
    var areAsking: Bool { all.contains { $0.isAsking } }

    /// Gives a board to each outlet that has asked, or has missed something, and has room for it. It does not take the room of alerts.
    ///
    /// - Parameters:
    ///   - samples: the index after the last frame.
    ///   - alarms: the board of alarms; nil without a policy. `pauseLeft` is in milliseconds, nil without a pause.
    func board(_ figures: LiveFigures, samples: UInt64, alarms: PolicyBoard?, pauseLeft: Int64?) {
        flush()
        standing.figures(figures, samples: samples)
        if let alarms { standing.alarms(of: alarms.board, pauseLeft: pauseLeft) }
        let before = MemoryLayout<LiveMessage.Stamp>.stride
        for outlet in all where outlet.isAsking {
            outlet.answer()
            let room = outlet.claim(.board, before + standing.byteCount, frames: 0, isUrgent: false, isPatient: isPatient)
            guard let room else { continue }
            room.storeBytes(of: LiveMessage.Stamp(nil), as: LiveMessage.Stamp.self)
            standing.write(into: UnsafeMutableRawBufferPointer(rebasing: room[before...]))
            outlet.ring.publish(LiveMessage.Kind.board.rawValue, time: 0)
        }
    }

    /// Nothing more comes.
    func finished(_ problem: String) { problem.utf8Bytes { put(.finished, nil, (), $0) } }

    /// Nothing more comes for one of them.
    func finish(_ outlet: LiveOutlet) { put(.finished, nil, (), to: outlet) }

    // MARK: Frames

    /// A frame as it came.
    func signal(_ frame: Frame) {
        guard wants.has(.signal) else { return }
        if keptCount == kept.count { flush() }
        kept.initializeElement(at: keptCount, to: frame)
        keptCount += 1
    }

    /// The frame that the engine has just heard, to draw. Of the engine's host, because an engine that is handed over is copied, 11 KiB a frame.
    func draw(_ index: UInt64, _ host: EngineHost) {
        guard wants.has(.frames) else { return }
        if drawnCount * 12 == drawn.count || index != drawnFirst + UInt64(drawnCount) { flush() }
        if drawnCount == 0 { drawnFirst = index }
        for place in 0..<12 { drawn[drawnCount * 12 + place] = Float(host.engine.displayed(Lead(rawValue: UInt8(place))!)) }
        drawnCount += 1
    }

    /// Hands over the frames so far.
    func flush() {
        if drawnCount > 0 {
            let values = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: drawn[..<(drawnCount * 12)]))
            put(.frames, nil, drawnFirst, values, frames: drawnCount, isUrgent: false)
            drawnCount = 0
        }
        if keptCount > 0 {
            let frames = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: kept[..<keptCount]))
            put(.signal, nil, (), frames, frames: keptCount, isUrgent: false)
            keptCount = 0
        }
    }

    // MARK: Layouts

    private static var nothing: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    private func put<Head>(
        _ kind: LiveMessage.Kind, _ time: EventTime?, _ head: Head, _ rest: UnsafeRawBufferPointer = nothing, frames: Int = 0,
        isUrgent: Bool = true
    ) {
        guard wants.has(kind) else { return }
        for outlet in all { put(kind, time, head, rest, frames: frames, isUrgent: isUrgent, to: outlet) }
    }

    private func put<Head>(
        _ kind: LiveMessage.Kind, _ time: EventTime?, _ head: Head, _ rest: UnsafeRawBufferPointer = nothing, frames: Int = 0,
        isUrgent: Bool = true, to outlet: LiveOutlet
    ) {
        let before = MemoryLayout<LiveMessage.Stamp>.stride
        let fixed = before + (MemoryLayout<Head>.size == 0 ? 0 : MemoryLayout<Head>.stride)
        guard
            let room = outlet.claim(
                kind, fixed + rest.count, frames: frames, isUrgent: isUrgent, isPatient: isPatient)
        else { return }
        room.storeBytes(of: LiveMessage.Stamp(time), as: LiveMessage.Stamp.self)
        if fixed > before {
            withUnsafeBytes(of: head) { UnsafeMutableRawBufferPointer(rebasing: room[before..<fixed]).copyMemory(from: $0) }
        }
        if rest.count > 0 { UnsafeMutableRawBufferPointer(rebasing: room[fixed...]).copyMemory(from: rest) }
        outlet.ring.publish(kind.rawValue, time: 0)
    }
}
