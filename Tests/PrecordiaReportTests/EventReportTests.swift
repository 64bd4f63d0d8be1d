// Events as JSON lines: the bytes that docs/events.md promises.
// With the shipped model's engine, before its first frame where only words matter.

import CPrecordiaModel
import Foundation
import PrecordiaEngine
import PrecordiaLink
import PrecordiaNetwork
import PrecordiaQuality
import PrecordiaReport
import PrecordiaSignal
import PrecordiaText
import Testing

/// An engine with the shipped model, or with one whose bytes were changed and signed again.
final class TestEngine {
    var engine: Engine
    private let model: UnsafeMutableRawBufferPointer
    private let memory: UnsafeMutableRawBufferPointer

    init(rate: Int = 500, unplaced: LeadSet = .empty, change: (UnsafeMutableRawBufferPointer) -> Void = { _ in }) throws {
        model = .allocate(byteCount: precordia_shipped_model_bytes(), alignment: 64)
        model.copyMemory(from: UnsafeRawBufferPointer(start: precordia_shipped_model(), count: precordia_shipped_model_bytes()))
        change(model)
        let digest = SHA256.digest(of: UnsafeRawBufferPointer(rebasing: model[64...]))
        for index in 0..<8 { model.storeBytes(of: digest[index].bigEndian, toByteOffset: 32 + index * 4, as: UInt32.self) }
        let view = try ModelView(UnsafeRawBufferPointer(model))
        let stream = StreamFormat(rate: rate, unplaced: unplaced)
        let bytes = try Engine.requiredBytes(model: view, stream: stream, options: EngineOptions())
        memory = .allocate(byteCount: bytes, alignment: 64)
        engine = try Engine(model: view, stream: stream, options: EngineOptions(), memory: memory)
    }

    deinit {
        model.deallocate()
        memory.deallocate()
    }

    func line(_ event: Event, name: String = "bed 4", top: Int? = 2) -> String {
        report(name, top) { report, text in report.line(event, engine, into: &text) }
    }

    func report(_ name: String, _ top: Int? = 2, _ write: (EventReport, inout JSONText) -> Void) -> String {
        var name = name
        return name.withUTF8 { name in
            written(room: 65_536) { write(EventReport(name: UnsafeRawBufferPointer(name), top: top), &$0) }.text
        }
    }
}

@Suite struct EventReportTests {
    @Test("the first line names leads from nobody knows where, if there are any, and the reason of absent leads has its name")
    func few() throws {
        let leads = LeadSet(.II).union(LeadSet(.V5))
        let bench = try TestEngine(unplaced: LeadSet(.V5))
        #expect(
            bench.report("r") { $0.opening(bench.engine, leads: leads, frames: 1, into: &$1) }
                .contains("\"leads\":[\"II\",\"V5\"],\"unplaced\":[\"V5\"],\"frames\":1,"))
        let whole = try TestEngine()
        #expect(!whole.report("r") { $0.opening(whole.engine, leads: leads, frames: 1, into: &$1) }.contains("unplaced"))
        let reasons = QualityReasons.tooFewLeads.union(.absentLeads).rawValue
        #expect(whole.line(Event(.quality, sample: 9, reasons: reasons)).contains("\"reasons\":[\"tooFewLeads\",\"absentLeads\"]"))
    }

    @Test("the first line says what is read by what, the last what was counted")
    func frame() throws {
        let bench = try TestEngine()
        let hash = bench.engine.model.hash.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
        let leads = LeadSet(.I).union(LeadSet(.II))
        let name = String(decoding: bench.engine.model.name, as: UTF8.self)
        #expect(
            bench.report("bed 4") { $0.opening(bench.engine, leads: leads, frames: nil, into: &$1) }
                == """
                {"event":"stream","format":1,"record":"bed 4","rate":500,"leads":["I","II"],"frames":null,\
                "engine":"\(EngineVersion.text)","model":"\(name)","modelVersion":\(bench.engine.model.version),"sha256":"\(hash)",\
                "hop":1.000,"window":10.000}

                """)
        #expect(
            bench.report("bed 4") { $0.closing(bench.engine, sample: 501, interrupted: true, into: &$1) }
                == """
                {"event":"end","record":"bed 4","sample":501,"time":1.002,"interrupted":true,"counters":{"frames":0,"framesMissing":0,\
                "framesOutOfOrder":0,"samplesMissing":0,"framesClipped":0,"windows":0,"windowsUnknown":0,"alertsRaised":0,\
                "alertsCleared":0,"paceMarks":0,"paceMarksUnused":0,"paceMarksIgnored":0,"framesBlanked":0,"eventsDropped":0}}

                """)
    }

    @Test("alerts, rates, gaps and quality have their own fields")
    func kinds() throws {
        let bench = try TestEngine()
        #expect(
            bench.line(Event(.alertRaised, sample: 0, code: 0x8003, priority: 2, leads: 0b11, value: 2))
                == """
                {"event":"alertRaised","record":"bed 4","sample":0,"time":0.000,"condition":"electrode-off","statement":"electrode off",\
                "priority":"low","value":2.000000,"reasons":[],"leads":["I","II"]}

                """)
        #expect(
            bench.line(Event(.alertRaised, sample: 0, code: 0x8003, priority: 2, electrodes: 0b11_0000_1111, value: 6))
                .hasSuffix(",\"leads\":[],\"electrodes\":[\"RA\",\"LA\",\"LL\",\"RL\",\"V5\",\"V6\"]}\n"))
        #expect(bench.line(Event(.alertCleared, sample: 0, code: 1, reasons: 0x8000)).contains("\"reasons\":[\"lapsed\"]"))
        #expect(bench.line(Event(.alertRaised, sample: 0, code: 999)).contains("\"condition\":\"999\",\"statement\":\"statement 999\""))
        #expect(bench.line(Event(.alertRaised, sample: 0, code: 0x8063)).contains("\"condition\":\"32867\",\"statement\":\"condition 99\""))
        #expect(bench.line(Event(.heartRate, sample: 0, value: .nan)).hasSuffix("\"bpm\":null}\n"))
        #expect(bench.line(Event(.heartRate, sample: 0, value: 72)).hasSuffix("\"bpm\":72.0}\n"))
        #expect(bench.line(Event(.gap, sample: 0, value: 17)).hasSuffix("\"frames\":17}\n"))
        #expect(bench.line(Event(.gap, sample: 0, value: .nan)).hasSuffix("\"frames\":null}\n"))
        #expect(bench.line(Event(.gap, sample: 0, value: 3e19)).hasSuffix("\"frames\":1000000000000000000}\n"))
        #expect(bench.line(Event(.gap, sample: 0, value: -3)).hasSuffix("\"frames\":0}\n"))
        #expect(bench.line(Event(.quality, sample: 0, leads: 0x0FFF)).contains("\"V6\"]"))
        let every = bench.line(Event(.quality, sample: 0, reasons: .max))
        for index in 0..<EventNames.reasonCount { #expect(every.contains("\"\(EventNames.reason(index).name)\"")) }
        #expect(EventNames.counterCount == Mirror(reflecting: EngineCounters()).children.count)
        for (index, child) in Mirror(reflecting: EngineCounters()).children.enumerated() {
            #expect("\(EventNames.counter(index, of: EngineCounters()).name)" == child.label)
        }
    }

    @Test("an answer names so many statements, the most probable first, or all of them in the model's order and the classes")
    func answers() throws {
        let bench = try TestEngine()
        for index in 0..<6000 {
            var frame = Frame(index: UInt64(index))
            for lead in 0..<12 { frame.counts[lead] = Int32((index * (lead + 3)) % 400 - 200) }
            bench.engine.push(frame)
            while bench.engine.poll() != nil {}
        }
        let statements = (0..<bench.engine.model.statementCount).map { index in
            (String(decoding: bench.engine.model.label(index).code, as: UTF8.self), bench.engine.probability(index))
        }
        let order = statements.indices.sorted {
            statements[$0].1 != statements[$1].1 ? statements[$0].1 > statements[$1].1 : $0 < $1
        }
        for top in [0, 1, 5, statements.count, Int.max] {
            let line = bench.line(Event(.window, sample: 5000), top: top)
            let shown = order.prefix(top).map { "\"\(statements[$0].0)\":" + String(format: "%.6f", statements[$0].1) }
            #expect(line.hasSuffix(",\"whole\":true,\"probabilities\":{" + shown.joined(separator: ",") + "}}\n"))
        }
        let all = try JSONSerialization.jsonObject(with: Data(bench.line(Event(.unknown, sample: 5000), top: nil).utf8))
        let object = try #require(all as? [String: Any])
        #expect((object["probabilities"] as? [String: Double])?.count == statements.count)
        let covered = (0..<bench.engine.model.classCount).filter { bench.engine.classProbability($0) != nil }
        #expect((object["classes"] as? [String: Double])?.count == covered.count)
    }

    @Test("a hostile name of a record or a label stays inside its string")
    func hostile() throws {
        let name = "x\",\"sample\":1}\n\\\u{1B}[2J\u{0}"
        let plain = try TestEngine()
        let object = try JSONSerialization.jsonObject(with: Data(plain.line(Event(.gap, sample: 7), name: name).utf8)) as? [String: Any]
        #expect(object?["record"] as? String == name)
        #expect(object?["sample"] as? Int == 7)

        let label = plain.engine.model.label(0)
        let start = label.code.baseAddress! - plain.engine.model.name.baseAddress!
        let nameOffset = plain.engine.model.name.baseAddress! - UnsafeRawPointer(plain.engine.model.hash.baseAddress!) + 32
        let bench = try TestEngine { bytes in
            for (index, byte) in [UInt8](arrayLiteral: 0x22, 0x5C).prefix(label.code.count).enumerated() {
                bytes[nameOffset + start + index] = byte
            }
        }
        let line = bench.line(Event(.alertRaised, sample: 0, code: 0))
        #expect(line.contains("\"condition\":\"\\\"\\\\"))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }

    @Test("a device's line and the session's beginning have their fields, and every state its name")
    func device() throws {
        let bench = try TestEngine()
        let words = Array("is gone: \"unplugged\"".utf8)
        let line = words.withUnsafeBytes { words in
            bench.report("usb") { $0.device(EventNames.deviceState(1), epoch: 3, words: words, into: &$1) }
        }
        #expect(
            line == """
                {"event":"device","record":"usb","state":"lost","epoch":3,"words":"is gone: \\"unplugged\\""}

                """)
        let session = bench.report("usb") { report, text in
            report.beginSession(epoch: 3, streams: 2, &text)
            report.end(&text)
        }
        #expect(session == "{\"event\":\"session\",\"record\":\"usb\",\"epoch\":3,\"streams\":2}\n")
        let names = (0..<6).map { "\(EventNames.deviceState($0))" }
        #expect(names == ["open", "lost", "silent", "streaming", "absent", "restarted"] && "\(EventNames.deviceState(6))" == "")
    }

    @Test("a button and an error of a device have their fields, and a sample where one is known")
    func notice() throws {
        let bench = try TestEngine()
        let pressed: [UInt8] = [0x54, 0x0B, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0] + Array("nurse".utf8)
        let button = pressed.withUnsafeBytes { bytes in
            bench.report("usb") { $0.notice(DeviceEvent(bytes)!, sample: 2900, into: &$1) }
        }
        #expect(
            button == """
                {"event":"notice","record":"usb","sample":2900,"kind":"button","code":1,"value":1,"words":"nurse"}

                """)
        let failed: [UInt8] = [1, 0, 2, 0, 17, 0, 0, 0]
        let error = failed.withUnsafeBytes { bytes in
            bench.report("usb") { $0.notice(DeviceError(bytes)!, sample: nil, into: &$1) }
        }
        #expect(
            error == """
                {"event":"notice","record":"usb","sample":null,"kind":"error","code":1,"severity":2,"detail":17,"words":""}

                """)
    }

    @Test("a failure has the message in place of the stream")
    func failure() throws {
        let bench = try TestEngine()
        var message = "gone \"away\""
        let line = message.withUTF8 { message in
            bench.report("bed 4") { $0.failure(UnsafeRawBufferPointer(message), into: &$1) }
        }
        #expect(line == "{\"event\":\"error\",\"record\":\"bed 4\",\"message\":\"gone \\\"away\\\"\"}\n")
    }
}
