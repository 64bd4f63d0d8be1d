// One cell played through a live session: a simulated device's bytes, the session's own thread body, the policy's board.
// On a clock that this plays, so that two minutes take a second and every run is the same.

import PrecordiaAlerts
import PrecordiaBoards
import PrecordiaDevice
import PrecordiaHost
import PrecordiaLink
import PrecordiaLive
import PrecordiaPolicy
import PrecordiaSession
import PrecordiaSignal

/// A live session without threads, sound or screen, and a device that does what the cell's disturbance says.
///
/// - Thread: the caller's, whose clock it plays. Memory: the session's, and two small rings.
final class MatrixLive {
    private let cell: MatrixCell
    private let model: LoadedModel
    private let settings: LiveSettings
    private let input = ChunkRing(capacity: 1 << 18, reserve: 1 << 12)
    /// Data blocks that the device has sent, and the last of them.
    private var blocks: UInt64 = 0
    private var last: [UInt8] = []
    /// Nanoseconds of the played clock.
    private var now: Int64 = MatrixLive.beginning
    private var repeatsFrom = Int64.max

    private static let beginning: Int64 = 1_000_000_000_000
    /// Microseconds of a step: a block.
    private static let step: Int64 = 20_000

    init(_ model: LoadedModel, _ cell: MatrixCell) throws(RuntimeError) {
        self.cell = cell
        self.model = model
        // A line that is never opened: the bytes come by hand.
        var settings = LiveSettings(source: "tcp:127.0.0.1:9", output: .table)
        settings.name = cell.name
        settings.policy = try AlarmPolicy.load(cell.way.rawValue, model: model)
        self.settings = settings
    }

    func play(_ signal: MatrixSignal) throws(RuntimeError) -> MatrixWatch {
        try Monotonic.played { (set) throws(RuntimeError) in try play(signal, set) }
    }

    private func play(_ signal: MatrixSignal, _ set: (Int64) -> Void) throws(RuntimeError) -> MatrixWatch {
        set(now)
        let acquisition = try Acquisition(
            source: settings.source, framing: settings.framing, reopen: true, realTime: settings.realTime, into: input)
        defer { acquisition.abandon() }
        let engine = LiveEngine(settings: settings, model: model, acquisition: acquisition, input: input, outlets: LiveOutlets([]))
        var source = SignalSource(signal, rate: MatrixSignal.rate, frames: UInt64(signal.frames), name: cell.name)
        let firmware = DeviceFirmware(deviceSettings(signal), source: source, takesCommands: true)
        let line = MemoryLine { [self] bytes throws(RuntimeError) in pass(bytes) }
        if cell.disturbance.fault == .repeats { repeatsFrom = now + Int64(signal.start * 1e9) }
        // Plain framing, and no words.
        withUnsafeBytes(of: UInt8(0)) { _ = input.push(AcquisitionNews.opened.rawValue, time: now, $0, isUrgent: true) }
        var watch = MatrixWatch()
        var time: Int64 = 0
        let end = Int64(Double(signal.frames) / Double(MatrixSignal.rate) * 1e6)
        while time < end {
            time += Self.step
            now = Self.beginning + time * 1000
            set(now)
            try firmware.advance(to: time, &source)
            if isReconfigured(time, from: signal.start) { firmware.configure(at: time) }
            try firmware.queue.send(to: line)
            engine.act(at: now)
            while let chunk = input.next() {
                engine.take(chunk)
                input.release()
            }
            watch.note(sounding(engine), at: Double(time) * 1e-6)
        }
        return watch
    }

    private func deviceSettings(_ signal: MatrixSignal) -> DeviceSettings {
        var settings = DeviceSettings()
        settings.sensed = ElectrodeSet(rawValue: 0x3FF)
        settings.faults.toldRate = cell.disturbance.toldRate
        if case .restarts(let each) = cell.disturbance.fault {
            settings.faults.restarts = Array(stride(from: signal.start + each, to: signal.start + MatrixSignal.length, by: each))
        }
        return settings
    }

    private func isReconfigured(_ time: Int64, from start: Double) -> Bool {
        guard case .reconfigures(let each) = cell.disturbance.fault else { return false }
        let since = time - Int64(start * 1e6)
        return since > 0 && since % Int64(each * 1e6) == 0
    }

    /// What the line carries: each call is a block.
    private func pass(_ bytes: UnsafeRawBufferPointer) {
        let isData = bytes[5] == BlockType.data.rawValue
        if now >= repeatsFrom, !last.isEmpty {
            if isData { last.withUnsafeBytes { _ = input.push(AcquisitionNews.bytes.rawValue, time: now, $0) } }
            return
        }
        if isData {
            blocks += 1
            last = Array(bytes)
            if cell.disturbance.loses(block: blocks - 1) { return }
        }
        input.push(AcquisitionNews.bytes.rawValue, time: now, bytes)
    }

    /// What a person hears as an alarm of high priority now.
    private func sounding(_ engine: LiveEngine) -> [(name: String, isTechnical: Bool)] {
        guard let policyBoard = engine.alarms?.policyBoard, policyBoard.board.sound.priority == .high else { return [] }
        var names: [(name: String, isTechnical: Bool)] = []
        for place in 0..<policyBoard.board.count {
            let alarm = policyBoard.board.alarm(place)
            guard alarm.isActive, !alarm.isInhibited, !alarm.isAcknowledged, alarm.priority == .high else { continue }
            names.append((policyBoard.policy.rules[place].name, alarm.rule.isTechnical))
        }
        return names
    }
}
