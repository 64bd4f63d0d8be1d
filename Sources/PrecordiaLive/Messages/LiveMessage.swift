// What the engine's thread tells the thread that shows or stores: fixed layouts in a ring, written and read in this one file.

package import PrecordiaAlerts
package import PrecordiaDevice
package import PrecordiaEngine
import PrecordiaHost
import PrecordiaNetwork
package import PrecordiaSession
package import PrecordiaSignal

/// A message of the engine's thread.
package enum LiveMessage {
    /// A line of JSON, with its line feed.
    case line(UnsafeRawBufferPointer)
    /// A stream begins.
    case stream(StreamFacts)
    /// An event, and what the classifier said last.
    case event(Event, Answer)
    /// Samples of a lead for display, microvolts, NaN where missing, from this frame index on.
    case samples(first: UInt64, Lead, UnsafeBufferPointer<Float>)
    /// A stream has ended after so many samples.
    case end(samples: UInt64, EngineCounters, interrupted: Bool)
    /// What has become of an alarm, and of the board.
    case alarm(AlarmChange, BoardState)
    /// Words for a person.
    case note(String)
    /// Words that stand on a screen until they are taken back with none: the device has stopped.
    case fault(String)
    /// Words that stand on a screen until they change: why alarms cannot be heard; none while they can.
    case hearing(String)
    /// Counters and measures so far.
    case figures(LiveFigures)
    /// Nothing more comes; why the session failed, no words if it did not.
    case finished(String)

    /// What a view must know of a stream.
    package struct StreamFacts {
        var rate: Int
        var leads: LeadSet
        var frames: UInt64?
    }

    /// What a person must see of the board as long as it lasts.
    package struct BoardState {
        /// Milliseconds until the sound goes on; -1 without a pause.
        var pauseLeft: Int64
        var isOff: Bool
        /// The electrodes that the change is about, bits of `ElectrodeSet`.
        var electrodes: UInt16 = 0
    }

    private struct Alarm {
        var change: AlarmChange
        var board: BoardState
    }

    private enum Kind: UInt32 { case line, stream, event, samples, end, alarm, note, fault, hearing, figures, finished }

    private struct End {
        var samples: UInt64
        var counters: EngineCounters
        var interrupted: Bool
    }

    private struct AnswerHead {
        var event: Event
        var heartRate: Double
        var isWhole: Bool
        var statements: Int32
        var classes: Int32
    }
}

extension LiveMessage {
    /// Writes of the engine's thread. Each says whether there was room; urgent ones use the ring's reserve.
    struct Outlet {
        let ring: ChunkRing
        /// Whether to wait where the ring is full: for sources that can wait themselves.
        let isPatient: Bool

        func line(_ bytes: UnsafeRawBufferPointer, isUrgent: Bool) { put(.line, bytes, isUrgent: isUrgent) }

        func stream(_ facts: StreamFacts) { put(value: facts, .stream, isUrgent: true) }

        func end(samples: UInt64, _ counters: EngineCounters, interrupted: Bool) {
            put(value: End(samples: samples, counters: counters, interrupted: interrupted), .end, isUrgent: true)
        }

        func alarm(_ change: AlarmChange, _ board: BoardState) { put(value: Alarm(change: change, board: board), .alarm, isUrgent: true) }

        func figures(_ figures: LiveFigures) { put(value: figures, .figures) }

        func note(_ words: String) { words.utf8Bytes { put(.note, $0, isUrgent: true) } }

        func fault(_ words: String) { words.utf8Bytes { put(.fault, $0, isUrgent: true) } }

        func hearing(_ words: String) { words.utf8Bytes { put(.hearing, $0, isUrgent: true) } }

        func finished(_ problem: String) { problem.utf8Bytes { put(.finished, $0, isUrgent: true) } }

        func samples(first: UInt64, _ lead: Lead, _ samples: UnsafeBufferPointer<Float>) {
            guard let room = claim(16 + samples.count * 4) else { return }
            room.storeBytes(of: first, as: UInt64.self)
            room.storeBytes(of: UInt64(lead.rawValue), toByteOffset: 8, as: UInt64.self)
            room.baseAddress!.advanced(by: 16).copyMemory(from: UnsafeRawPointer(samples.baseAddress!), byteCount: samples.count * 4)
            ring.publish(Kind.samples.rawValue, time: 0)
        }

        /// An event of the session where no stream has begun.
        func event(_ event: Event) {
            guard let room = claim(MemoryLayout<AnswerHead>.stride, isUrgent: true) else { return }
            room.storeBytes(of: AnswerHead(event: event, heartRate: .nan, isWhole: false, statements: 0, classes: 0), as: AnswerHead.self)
            ring.publish(Kind.event.rawValue, time: 0)
        }

        func event(_ event: Event, _ engine: borrowing Engine, isUrgent: Bool) {
            let statements = engine.model.statementCount
            let classes = engine.model.classCount
            let head = MemoryLayout<AnswerHead>.stride
            guard let room = claim(head + (statements + classes) * 4, isUrgent: isUrgent) else { return }
            room.storeBytes(
                of: AnswerHead(
                    event: event, heartRate: engine.heartRate ?? .nan, isWhole: engine.columns == engine.model.windowColumns,
                    statements: Int32(statements), classes: Int32(classes)), as: AnswerHead.self)
            for index in 0..<statements { room.storeBytes(of: engine.probability(index), toByteOffset: head + index * 4, as: Float.self) }
            for index in 0..<classes {
                room.storeBytes(of: engine.classProbability(index) ?? .nan, toByteOffset: head + (statements + index) * 4, as: Float.self)
            }
            ring.publish(Kind.event.rawValue, time: 0)
        }

        private func put<Value>(value: Value, _ kind: Kind, isUrgent: Bool = false) {
            withUnsafeBytes(of: value) { put(kind, $0, isUrgent: isUrgent) }
        }

        private func put(_ kind: Kind, _ bytes: UnsafeRawBufferPointer, isUrgent: Bool = false) {
            guard let room = claim(bytes.count, isUrgent: isUrgent) else { return }
            if bytes.count > 0 { room.copyMemory(from: bytes) }
            ring.publish(kind.rawValue, time: 0)
        }

        private func claim(_ count: Int, isUrgent: Bool = false) -> UnsafeMutableRawBufferPointer? {
            while true {
                let room = ring.claim(count, isUrgent: isUrgent, counts: !isPatient)
                if room != nil || !isPatient { return room }
                Monotonic.sleep(until: Monotonic.now() + 200_000)
            }
        }
    }

    /// Reads a chunk that an ``Outlet`` wrote.
    init(_ chunk: ChunkRing.Chunk) {
        let bytes = chunk.bytes
        switch Kind(rawValue: chunk.kind)! {
        case .line: self = .line(bytes)
        case .stream: self = .stream(bytes.loadUnaligned(as: StreamFacts.self))
        case .event: self = Self.event(bytes)
        case .samples:
            let floats = UnsafeRawBufferPointer(rebasing: bytes[16...]).bindMemory(to: Float.self)
            let lead = Lead(rawValue: UInt8(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))) ?? .II
            self = .samples(first: bytes.loadUnaligned(as: UInt64.self), lead, floats)
        case .end:
            let end = bytes.loadUnaligned(as: End.self)
            self = .end(samples: end.samples, end.counters, interrupted: end.interrupted)
        case .alarm:
            let alarm = bytes.loadUnaligned(as: Alarm.self)
            self = .alarm(alarm.change, alarm.board)
        case .note: self = .note(String(decoding: bytes, as: UTF8.self))
        case .fault: self = .fault(String(decoding: bytes, as: UTF8.self))
        case .hearing: self = .hearing(String(decoding: bytes, as: UTF8.self))
        case .figures: self = .figures(bytes.loadUnaligned(as: LiveFigures.self))
        case .finished: self = .finished(String(decoding: bytes, as: UTF8.self))
        }
    }

    private static func event(_ bytes: UnsafeRawBufferPointer) -> LiveMessage {
        let head = bytes.loadUnaligned(as: AnswerHead.self)
        let floats = UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<AnswerHead>.stride...]).bindMemory(to: Float.self)
        let statements = Int(head.statements)
        let answer = Answer(
            probabilities: Array(floats[..<statements]),
            classProbabilities: floats[statements..<statements + Int(head.classes)].map { $0.isNaN ? nil : $0 },
            isWhole: head.isWhole, heartRate: head.heartRate.isNaN ? nil : head.heartRate)
        return .event(head.event, answer)
    }
}
