// What a live session says, as typed values: fixed layouts in a ring, which outlets turn into text or pictures on threads of their own.
// Written by `LiveOutlets`, read here; nobody else knows the layouts.

package import PrecordiaAlerts
import PrecordiaCompanion
package import PrecordiaDevice
package import PrecordiaEngine
import PrecordiaHost
package import PrecordiaLink
import PrecordiaNetwork
package import PrecordiaQuality
import PrecordiaReport
package import PrecordiaSession
package import PrecordiaSignal

/// A message of the engine's thread. Pointers in it hold until the message's place in the ring is given back.
package enum LiveMessage {
    /// A stream begins.
    case stream(StreamFacts)
    /// Frames one after the other after the display filters: twelve values each in the order of leads, microvolts, NaN where there is none.
    case frames(first: UInt64, UnsafeBufferPointer<Float>)
    /// Frames as they came.
    case signal(UnsafeBufferPointer<Frame>)
    /// The classifier has answered, or says why it does not.
    case answer(Event, AnswerFacts)
    /// The last 10 s were measured.
    case measurement(Event, MeasuredValues, rate: Int)
    /// Any other event. The rate of its stream is in hertz, 0 where none has begun.
    case event(Event, rate: Int)
    /// What has become of an alarm, and of the board.
    case alarm(AlarmChange, BoardState)
    /// The device has another state; words for a person, often none.
    case device(DeviceState, epoch: UInt64, words: String)
    /// A button, a marker or an error of the device, at a sample of the stream; nil without one.
    case notice(Notice, sample: UInt64?)
    /// What the wire's decoder has counted at a stream's end.
    case link(LinkCounters, sample: UInt64, rate: Int)
    /// A stream has ended.
    case end(StreamEnd)
    /// What ends or replaces a stream.
    case failure(String)
    /// Counters and measures of the session, to be written down.
    case session(LiveFigures)
    /// The same so far, each second.
    case figures(LiveFigures)
    /// The answer to a command that came through the outlet at this place; words for the person who asked.
    case reply(Reply, words: String)
    /// What somebody asked for through a companion, and what became of it.
    case deed(Deed)
    /// Words for a person.
    case note(String)
    /// Words that stand on a screen until they are taken back with none: the device has stopped.
    case fault(String)
    /// Words that stand on a screen until they change: why alarms cannot be heard; none while they can.
    case hearing(String)
    /// Where a companion shows the session, a URL for a person to open.
    case page(String)
    /// Everything that is true now: for an outlet that has asked, or has missed something. What comes behind it is news again.
    case board(LiveBoard)
    /// Nothing more comes; why the session failed, no words if it did not.
    case finished(String)

    /// What a stream is.
    package struct StreamFacts {
        package var format: StreamFormat
        /// Leads that the source measures.
        package var leads: LeadSet
        /// Frames in all, if they are announced.
        package var frames: UInt64?
        /// Samples of the model's rate between two answers.
        package var hop: Int
    }

    /// What the classifier said.
    package struct AnswerFacts {
        var rate: Int
        /// Beats a minute; NaN if not known.
        var heartRate: Double
        var isWhole: Bool
        /// The state of the signal that it heard.
        package var quality: QualityReport
        /// One a label of the model.
        var probabilities: UnsafeBufferPointer<Float>
    }

    /// What a person must see of the board as long as it lasts.
    package struct BoardState {
        /// Milliseconds until the sound goes on; -1 without a pause.
        package var pauseLeft: Int64
        package var isOff: Bool
        /// The electrodes that the change is about, bits of `ElectrodeSet`.
        package var electrodes: UInt16 = 0
    }

    /// What a device says of itself.
    package enum Notice {
        case event(DeviceEvent)
        case error(DeviceError)
    }

    /// How a stream ended.
    package struct StreamEnd {
        package var samples: UInt64
        package var rate: Int
        package var counters: EngineCounters
        /// Whether a person or the system ended it.
        package var interrupted: Bool
    }

    /// What became of a command.
    package struct Reply {
        /// Of the outlet.
        var place: Int
        var id: UInt64
        var result: CompanionCommand.Result
    }

    /// What somebody did, or tried to do.
    package struct Deed {
        var result: CompanionCommand.Result
        /// Who asked, through which companion, for what, and what was answered.
        var who: String
        var by: String
        var command: String
        var words: String
    }

    /// What a message is: its place in ``Wants``.
    enum Kind: UInt32, CaseIterable {
        case stream, frames, signal, answer, event, alarm, device, deviceEvent, deviceError, link, end, failure, session, figures
        case reply, note, fault, hearing, page, finished, board, measurement, deed
    }

    /// A set of kinds of messages: what an outlet is given.
    package struct Wants: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        init(_ kinds: Kind...) { rawValue = kinds.reduce(0) { $0 | 1 << $1.rawValue } }
        func has(_ kind: Kind) -> Bool { rawValue & 1 << kind.rawValue != 0 }

        /// What becomes lines of JSON.
        package static let lines = Wants(
            .stream, .answer, .event, .measurement, .alarm, .device, .deviceEvent, .deviceError, .link, .end, .failure, .session, .deed)
        /// What every outlet gets: figures each second, and the end.
        package static let always = Wants(.figures, .finished)
        /// What is true now, when it asks and behind each loss.
        package static let board = Wants(.board)
        /// Frames to draw.
        package static let pictures = Wants(.frames)
        /// Frames to keep.
        package static let signal = Wants(.signal)
        /// Answers to commands.
        package static let replies = Wants(.reply)
        /// Words for a person.
        package static let words = Wants(.note, .fault, .hearing, .page)
        /// What a person is shown of the heart, the alarms and the device.
        package static let view = Wants(.stream, .answer, .event, .measurement, .alarm, .device, .end)
    }
}

extension LiveMessage {
    /// The layouts in a ring: each chunk begins with a stamp, then a head, then what has no fixed length.
    struct Stamp {
        /// Microseconds since 1970, .min for no time; one standard uncertainty, .max for none that is known.
        var utc: Int64
        var uncertainty: UInt64

        init(_ time: EventTime?) {
            utc = time?.utc ?? .min
            uncertainty = time?.uncertainty ?? .max
        }

        var time: EventTime? { utc == .min ? nil : EventTime(utc: utc, uncertainty: uncertainty == .max ? nil : uncertainty) }
    }

    struct AnswerHead {
        var event: Event
        var rate: Int
        var heartRate: Double
        var isWhole: Bool
        var quality: QualityReport
    }

    package struct MeasurementHead {
        var event: Event
        package var values: MeasuredValues
        var rate: Int
    }

    struct EventHead {
        var event: Event
        var rate: Int
    }

    struct AlarmHead {
        var change: AlarmChange
        var board: BoardState
    }

    struct DeedHead {
        var result: CompanionCommand.Result
        var who: Int
        var by: Int
        var command: Int
    }

    struct DeviceHead {
        var state: Int
        var epoch: UInt64
    }

    struct LinkHead {
        var counters: LinkCounters
        var sample: UInt64
        var rate: Int
    }

    /// When what a chunk tells was; nil in a session without times.
    static func time(of chunk: ChunkRing.Chunk) -> EventTime? { chunk.bytes.loadUnaligned(as: Stamp.self).time }

    /// Reads a chunk that ``LiveOutlets`` wrote.
    init(_ chunk: ChunkRing.Chunk) {
        let bytes = UnsafeRawBufferPointer(rebasing: chunk.bytes[MemoryLayout<Stamp>.stride...])
        func head<Head>(_: Head.Type) -> Head { bytes.loadUnaligned(as: Head.self) }
        func rest<Head>(after: Head.Type) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[MemoryLayout<Head>.stride...])
        }
        func words(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
        switch Kind(rawValue: chunk.kind)! {
        case .stream: self = .stream(head(StreamFacts.self))
        case .frames: self = .frames(first: head(UInt64.self), rest(after: UInt64.self).bindMemory(to: Float.self))
        case .signal: self = .signal(bytes.bindMemory(to: Frame.self))
        case .answer:
            let head = head(AnswerHead.self)
            self = .answer(head.event, AnswerFacts(head, rest(after: AnswerHead.self).bindMemory(to: Float.self)))
        case .event:
            let head = head(EventHead.self)
            self = .event(head.event, rate: head.rate)
        case .measurement:
            let head = head(MeasurementHead.self)
            self = .measurement(head.event, head.values, rate: head.rate)
        case .alarm:
            let head = head(AlarmHead.self)
            self = .alarm(head.change, head.board)
        case .device:
            let head = head(DeviceHead.self)
            self = .device(DeviceState(rawValue: head.state)!, epoch: head.epoch, words: words(rest(after: DeviceHead.self)))
        case .deviceEvent: self = .notice(.event(DeviceEvent(rest(after: UInt64?.self))!), sample: head(UInt64?.self))
        case .deviceError: self = .notice(.error(DeviceError(rest(after: UInt64?.self))!), sample: head(UInt64?.self))
        case .link:
            let head = head(LinkHead.self)
            self = .link(head.counters, sample: head.sample, rate: head.rate)
        case .end: self = .end(head(StreamEnd.self))
        case .failure: self = .failure(words(bytes))
        case .session: self = .session(head(LiveFigures.self))
        case .figures: self = .figures(head(LiveFigures.self))
        case .reply: self = .reply(head(Reply.self), words: words(rest(after: Reply.self)))
        case .deed:
            let head = head(DeedHead.self)
            var rest = rest(after: DeedHead.self)[...]
            func next(_ count: Int) -> String {
                defer { rest = rest.dropFirst(count) }
                return words(UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
            }
            let (who, by, command) = (next(head.who), next(head.by), next(head.command))
            self = .deed(Deed(result: head.result, who: who, by: by, command: command, words: next(rest.count)))
        case .note: self = .note(words(bytes))
        case .fault: self = .fault(words(bytes))
        case .hearing: self = .hearing(words(bytes))
        case .page: self = .page(words(bytes))
        case .finished: self = .finished(words(bytes))
        case .board: self = .board(LiveBoard(bytes))
        }
    }
}

extension LiveMessage.StreamFacts {
    package func description(named name: String) -> StreamDescription {
        StreamDescription(name: name, rate: format.rate, leads: leads, frames: frames)
    }
}

extension LiveMessage.AnswerFacts {
    init(_ head: LiveMessage.AnswerHead, _ probabilities: UnsafeBufferPointer<Float>) {
        self.init(
            rate: head.rate, heartRate: head.heartRate, isWhole: head.isWhole, quality: head.quality, probabilities: probabilities)
    }

    /// The answer as lines of JSON have it.
    func answer(of model: LoadedModel) -> EngineAnswer { EngineAnswer(model.view, probabilities, isWhole: isWhole) }

    /// A copy for tables and views.
    package func copy(of model: LoadedModel) -> Answer {
        let answer = answer(of: model)
        return Answer(
            probabilities: Array(probabilities[..<model.view.statementCount]),
            classProbabilities: (0..<model.view.classCount).map { answer.classProbability($0) }, isWhole: isWhole,
            heartRate: heartRate.isNaN ? nil : heartRate)
    }
}

extension LiveMessage {
    /// Whether it is a line of JSON.
    package var isLine: Bool {
        switch self {
        case .stream, .answer, .event, .measurement, .alarm, .device, .notice, .link, .end, .failure, .session, .deed: true
        case .frames, .signal, .figures, .reply, .note, .fault, .hearing, .page, .finished, .board: false
        }
    }
}

extension LiveFormat {
    /// What is shown in it.
    package var wants: LiveMessage.Wants {
        switch self {
        case .lines: [.lines, .words]
        case .table: [.view, .words]
        case .view: [.view, .words, .pictures, .board]
        }
    }
}
