// Events as lines of JSON in a C program's buffer: the same bytes as the command's.
// What a line says stands in PrecordiaReport; here it only meets C's types.

public import CPrecordia
import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaLink
import PrecordiaReport
import PrecordiaSignal
import PrecordiaText

extension EventReport {
    init(_ report: UnsafePointer<precordia_report>) {
        let given = report.pointee
        self.init(
            name: UnsafeRawBufferPointer(start: given.name.bytes, count: given.name.count), top: given.top < 0 ? nil : Int(given.top))
    }
}

extension JSONText {
    init(_ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int) {
        self.init(UnsafeMutableRawBufferPointer(start: buffer, count: max(0, bytes)))
    }
}

@c @implementation
public func precordia_report_stream(
    _ report: UnsafePointer<precordia_report>, _ engine: OpaquePointer, _ leads: UInt16, _ frames: UInt64,
    _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    var text = JSONText(buffer, bytes)
    let known = frames == .max ? nil : frames
    EventReport(report).opening(EngineState.at(engine).pointee.engine, leads: LeadSet(rawValue: leads), frames: known, into: &text)
    return text.count
}

@c @implementation
public func precordia_report_event(
    _ report: UnsafePointer<precordia_report>, _ engine: OpaquePointer, _ event: UnsafePointer<precordia_event>,
    _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    let given = event.pointee
    guard let kind = Event.Kind(rawValue: given.kind) else { return 0 }
    let said = Event(
        kind, sample: given.sample, code: given.code, priority: given.priority, leads: given.leads,
        reasons: UInt32(given.reasons) | UInt32(given.more_reasons) &<< 16,
        electrodes: given.electrodes, value: given.value)
    var text = JSONText(buffer, bytes)
    EventReport(report).line(said, EngineState.at(engine).pointee.engine, into: &text)
    return text.count
}

@c @implementation
public func precordia_report_alert(
    _ report: UnsafePointer<precordia_report>, _ event: UnsafePointer<precordia_event>, _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    let given = event.pointee
    guard let kind = Event.Kind(rawValue: given.kind), kind == .alertRaised || kind == .alertCleared,
        let condition = AlertCode(rawValue: given.code).condition
    else { return 0 }
    var text = JSONText(buffer, bytes)
    EventReport(report).line(
        Event(kind, sample: 0, code: given.code, priority: given.priority, value: given.value), of: condition, into: &text)
    return text.count
}

@c @implementation
public func precordia_report_link(
    _ report: UnsafePointer<precordia_report>, _ engine: OpaquePointer, _ link: OpaquePointer, _ sample: UInt64,
    _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    var text = JSONText(buffer, bytes)
    EventReport(report).link(
        LinkState.at(link).pointee.decoder.counters, sample: sample, rate: EngineState.at(engine).pointee.engine.stream.rate, into: &text)
    return text.count
}

@c @implementation
public func precordia_report_host_link(
    _ report: UnsafePointer<precordia_report>, _ engine: OpaquePointer, _ host: OpaquePointer, _ buffer: UnsafeMutablePointer<CChar>,
    _ bytes: Int
) -> Int {
    let state = HostState.at(host)
    var text = JSONText(buffer, bytes)
    EventReport(report).link(
        state.pointee.session.counters, sample: state.pointee.session.samples, rate: EngineState.at(engine).pointee.engine.stream.rate,
        into: &text)
    return text.count
}

@c @implementation
public func precordia_report_host_notice(
    _ report: UnsafePointer<precordia_report>, _ host: OpaquePointer, _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    let state = HostState.at(host)
    let sample = state.pointee.session.noticeSample
    var text = JSONText(buffer, bytes)
    if let event = state.pointee.session.event {
        EventReport(report).notice(event, sample: sample, into: &text)
    } else if let error = state.pointee.session.error {
        EventReport(report).notice(error, sample: sample, into: &text)
    }
    return text.count
}

@c @implementation
public func precordia_report_end(
    _ report: UnsafePointer<precordia_report>, _ engine: OpaquePointer, _ sample: UInt64, _ interrupted: Bool,
    _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    var text = JSONText(buffer, bytes)
    EventReport(report).closing(EngineState.at(engine).pointee.engine, sample: sample, interrupted: interrupted, into: &text)
    return text.count
}

@c @implementation
public func precordia_report_device(
    _ report: UnsafePointer<precordia_report>, _ state: UInt32, _ epoch: UInt64, _ words: UnsafePointer<CChar>,
    _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    var text = JSONText(buffer, bytes)
    EventReport(report).device(EventNames.deviceState(Int(clamping: state)), epoch: epoch, words: bytesOf(words), into: &text)
    return text.count
}

@c @implementation
public func precordia_report_notice(
    _ report: UnsafePointer<precordia_report>, _ link: OpaquePointer, _ sample: UInt64, _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    let state = LinkState.at(link)
    let known = sample == .max ? nil : sample
    var text = JSONText(buffer, bytes)
    if let event = state.pointee.decoder.event {
        EventReport(report).notice(event, sample: event.sample ?? known, into: &text)
    } else if let error = state.pointee.decoder.error {
        EventReport(report).notice(error, sample: known, into: &text)
    }
    return text.count
}

@c @implementation
public func precordia_report_session(
    _ report: UnsafePointer<precordia_report>, _ epoch: UInt64, _ streams: UInt64, _ counters: UnsafePointer<precordia_counter>,
    _ count: Int, _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    let lines = EventReport(report)
    var text = JSONText(buffer, bytes)
    lines.beginSession(epoch: epoch, streams: streams, &text)
    text.key("counters")
    text.open(0x7B)
    for index in 0..<max(0, count) {
        text.key(bytesOf(counters[index].name))
        text.integer(counters[index].value)
    }
    text.close(0x7D)
    lines.end(&text)
    return text.count
}

@c @implementation
public func precordia_report_error(
    _ report: UnsafePointer<precordia_report>, _ message: UnsafePointer<CChar>, _ buffer: UnsafeMutablePointer<CChar>, _ bytes: Int
) -> Int {
    var text = JSONText(buffer, bytes)
    EventReport(report).failure(bytesOf(message), into: &text)
    return text.count
}
