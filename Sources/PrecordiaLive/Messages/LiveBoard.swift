// The board: everything that is true now, for an outlet that joins late or has lost something.
// Apart from the news, of which it is the sum: whoever reads a board needs nothing that was said before it.

package import PrecordiaAlerts
package import PrecordiaDevice
package import PrecordiaEngine
import PrecordiaHost
import PrecordiaPolicy
import PrecordiaSignal

/// What is true now of a session. Pointers in it hold as those of a ``LiveMessage`` do.
package struct LiveBoard {
    /// An alarm that is active, or stays to be seen.
    package struct Alarm: Equatable {
        /// Its place in the policy.
        package var place: Int16
        package var priority: AlertPriority
        package var isActive: Bool
        package var isLatched: Bool
        package var isAcknowledged: Bool
        /// Whether another alarm holds it back.
        package var isInhibited: Bool
    }

    /// What has a fixed length.
    struct Head {
        var stream: LiveMessage.StreamFacts?
        var samples: UInt64 = 0
        var device: DeviceState?
        var epoch: UInt64 = 0
        var figures = LiveFigures()
        var quality: Event?
        var answer: LiveMessage.AnswerHead?
        var measurement: LiveMessage.MeasurementHead?
        var keys: LiveMessage.BoardState?
        var probabilities = 0
        var alerts = 0
        var alarms = 0
        var fault = 0
        var hearing = 0
    }

    /// The stream that is open; nil without one.
    package var stream: LiveMessage.StreamFacts?
    /// The index after the last frame.
    package var samples: UInt64
    /// The device's state, nil where it has told none, and the number of its connection.
    package var device: DeviceState?
    package var epoch: UInt64
    package var figures: LiveFigures
    /// The newest word on the signal of the open stream.
    package var quality: Event?
    /// The classifier's newest answer in the open stream, with the heart rate of now; nil where none holds.
    package var answer: (event: Event, facts: LiveMessage.AnswerFacts)?
    /// What was measured last in the open stream; nil before, and where nobody measures.
    package var measurement: LiveMessage.MeasurementHead?
    /// Alerts that have risen and are not over, in the order in which they rose; each as it was told last.
    package var alerts: UnsafeBufferPointer<Event>
    /// Alarms under a policy, and the board's pause and switch; nil without a policy.
    package var alarms: UnsafeBufferPointer<Alarm>
    package var keys: LiveMessage.BoardState?
    /// Why the device has stopped, and why alarms cannot be heard; empty where all is well.
    package var fault: String
    package var hearing: String
    /// Where a companion shows the session; empty where none does.
    package var page: String

    /// Reads what ``write(_:answer:alerts:alarms:words:into:)`` wrote.
    init(_ bytes: UnsafeRawBufferPointer) {
        let head = bytes.loadUnaligned(as: Head.self)
        var start = MemoryLayout<Head>.stride
        func list<Element>(_: Element.Type, _ count: Int) -> UnsafeBufferPointer<Element> {
            let end = start + count * MemoryLayout<Element>.stride
            defer { start = end }
            return UnsafeRawBufferPointer(rebasing: bytes[start..<end]).bindMemory(to: Element.self)
        }
        alerts = list(Event.self, head.alerts)
        let probabilities = list(Float.self, head.probabilities)
        alarms = list(Alarm.self, head.alarms)
        fault = String(decoding: list(UInt8.self, head.fault), as: UTF8.self)
        hearing = String(decoding: list(UInt8.self, head.hearing), as: UTF8.self)
        page = String(decoding: list(UInt8.self, bytes.count - start), as: UTF8.self)
        measurement = head.measurement
        answer = head.answer.map { ($0.event, LiveMessage.AnswerFacts($0, probabilities)) }
        (stream, samples, device, epoch, figures) = (head.stream, head.samples, head.device, head.epoch, head.figures)
        (quality, keys) = (head.quality, head.keys)
    }
}

/// Remembers what was told for as long as it is true.
///
/// - Thread: the engine's. Memory: 128 alerts, as many alarms, an answer; allocated at init, but for words that stand.
struct StandingNews: ~Copyable {
    private var head = LiveBoard.Head()
    private let alerts = UnsafeMutableBufferPointer<Event>.allocate(capacity: 128)
    private let alarms = UnsafeMutableBufferPointer<LiveBoard.Alarm>.allocate(capacity: 128)
    private var probabilities = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)
    private var fault = ""
    private var hearing = ""
    private var page = ""

    deinit {
        alerts.deallocate()
        alarms.deallocate()
        probabilities.deallocate()
    }

    mutating func begin(_ facts: LiveMessage.StreamFacts) {
        endStream()
        head.stream = facts
    }

    /// With a stream what was said of it is over; what the session says of device, sound and log stays.
    mutating func endStream() {
        head.stream = nil
        head.quality = nil
        head.answer = nil
        head.measurement = nil
        var kept = 0
        for place in 0..<head.alerts where alerts[place].alert.condition?.isOfSession == true {
            alerts[kept] = alerts[place]
            kept += 1
        }
        head.alerts = kept
    }

    mutating func device(_ state: DeviceState, epoch: UInt64) { (head.device, head.epoch) = (state, epoch) }

    mutating func fault(_ words: String) { fault = words }

    mutating func hearing(_ words: String) { hearing = words }

    mutating func page(_ address: String) { page = address }

    mutating func answer(_ answer: LiveMessage.AnswerHead, _ values: UnsafeBufferPointer<Float>) {
        head.answer = answer
        if probabilities.count != values.count {
            probabilities.deallocate()
            probabilities = .allocate(capacity: values.count)
        }
        for place in values.indices { probabilities[place] = values[place] }
        head.probabilities = values.count
    }

    mutating func measurement(_ measurement: LiveMessage.MeasurementHead) { head.measurement = measurement }

    mutating func take(_ event: Event) {
        switch event.kind {
        case .heartRate: head.answer?.heartRate = event.value.isFinite ? Double(event.value) : .nan
        case .quality: head.quality = event
        case .alertRaised, .alertCleared:
            // Nothing that was said before holds while nothing comes, or comes at a wrong pace.
            let condition = event.alert.condition
            if condition == .deviceLost || condition == .rateWrong { (head.answer, head.quality, head.measurement) = (nil, nil, nil) }
            alert(event)
        case .window, .unknown, .gap, .measurement: break
        }
    }

    private mutating func alert(_ event: Event) {
        let old = (0..<head.alerts).first { alerts[$0].code == event.code }
        guard event.kind == .alertRaised else {
            guard let old else { return }
            for place in old..<(head.alerts - 1) { alerts[place] = alerts[place + 1] }
            head.alerts -= 1
            return
        }
        guard old != nil || head.alerts < alerts.count else { return }
        alerts[old ?? head.alerts] = event
        if old == nil { head.alerts += 1 }
    }

    /// Takes down how the alarms stand, just before a board is written.
    mutating func alarms(of board: borrowing AlarmBoard, pauseLeft: Int64?) {
        head.keys = LiveMessage.BoardState(pauseLeft: pauseLeft ?? -1, isOff: board.isOff)
        head.alarms = 0
        for place in 0..<board.count {
            let alarm = board.alarm(place)
            guard alarm.isActive || alarm.isLatched else { continue }
            alarms[head.alarms] = LiveBoard.Alarm(
                place: Int16(place), priority: alarm.priority, isActive: alarm.isActive, isLatched: alarm.isLatched,
                isAcknowledged: alarm.isAcknowledged, isInhibited: alarm.isInhibited)
            head.alarms += 1
        }
    }

    mutating func figures(_ figures: LiveFigures, samples: UInt64) { (head.figures, head.samples) = (figures, samples) }

    /// Bytes of the board as it stands.
    var byteCount: Int {
        MemoryLayout<LiveBoard.Head>.stride + head.alerts * MemoryLayout<Event>.stride + answered * MemoryLayout<Float>.stride
            + head.alarms * MemoryLayout<LiveBoard.Alarm>.stride + fault.utf8.count + hearing.utf8.count + page.utf8.count
    }

    private var answered: Int { head.answer == nil ? 0 : head.probabilities }

    /// Writes the board into ``byteCount`` bytes.
    func write(into room: UnsafeMutableRawBufferPointer) {
        var head = head
        head.probabilities = answered
        head.fault = fault.utf8.count
        head.hearing = hearing.utf8.count
        var start = MemoryLayout<LiveBoard.Head>.stride
        func put(_ bytes: UnsafeRawBufferPointer) {
            if bytes.count > 0 { UnsafeMutableRawBufferPointer(rebasing: room[start...]).copyMemory(from: bytes) }
            start += bytes.count
        }
        withUnsafeBytes(of: head) { room.copyMemory(from: $0) }
        put(UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: alerts[..<head.alerts])))
        put(UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: probabilities[..<head.probabilities])))
        put(UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: alarms[..<head.alarms])))
        fault.utf8Bytes { put($0) }
        hearing.utf8Bytes { put($0) }
        page.utf8Bytes { put($0) }
    }
}
