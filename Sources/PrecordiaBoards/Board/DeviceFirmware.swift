// What the firmware of a simulated device does: its clock, its state machine, its blocks. firmware-protocol/SPEC.md is the contract.
// Apart from the line and from real time, so that the same source, settings and commands give the same blocks.

package import PrecordiaHost
package import PrecordiaLink
package import PrecordiaSession
package import PrecordiaSignal

/// How a simulated device is set up.
package struct DeviceSettings: Sendable {
    /// The number that tells its first session from others; each further session has the next.
    package var session: UInt32 = 1
    /// What the first session's sequence and the device's clock, a million ticks a second, begin at.
    package var sequence: UInt32 = 0
    package var ticks: UInt64 = 0
    package var framing = LinkFraming.plain
    /// Whether it streams from the beginning, or waits for a start command. A device whose line takes none starts by itself anyway.
    package var startsByItself = true
    /// Electrodes whose contact the source knows.
    package var sensed = ElectrodeSet.empty
    /// Bytes of the sending buffer.
    package var buffer = 1 << 16
    package var speed = Speed.max
    package var faults = DeviceFaults()

    package init() {}
}

/// The device behind its line. Time is the microseconds of its clock since it was switched on.
package final class DeviceFirmware {
    static let tickRate: UInt32 = 1_000_000

    package let queue: DeviceQueue
    private(set) var state = DeviceStatus.State.idle
    /// Whether the source has ended and everything about it was said.
    private(set) var isFinished = false

    private let settings: DeviceSettings
    private let takesCommands: Bool
    private let format: StreamFormat
    private let leads: LeadSet
    private let tellsPulses: Bool
    private let length: UInt64?
    private let channels: [LinkChannel]
    private var encoder: LinkEncoder
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkEncoder.maximumBytes, alignment: 8)
    private let batch: UnsafeMutableBufferPointer<Frame>

    /// Why the session began, as hello says it; the configuration's number; the samples taken in the session; when the first was.
    private var cause: UInt8 = 0
    private var configuration: UInt16 = 1
    private var taken: UInt64 = 0
    private var began: Int64 = 0
    private var dataBlocks = 0
    private var introductionDue: Int64 = 0
    private var statusDue: Int64 = 0
    private var testDue: Int64 = .max
    private var restarts: [Int64]

    package init(_ settings: DeviceSettings, source: borrowing SignalSource, takesCommands: Bool) {
        self.settings = settings
        self.takesCommands = takesCommands
        format = source.format
        leads = source.description.leads
        tellsPulses = source.tellsPulses
        length = source.description.frames
        let (format, leads) = (source.format, source.description.leads)
        channels = Lead.allCases.filter { leads.contains($0) }.map { lead in
            LinkChannel(
                lead: lead, baseline: format.baseline[Int(lead.rawValue)], microvoltsPerCount: format.microvoltsPerCount[Int(lead.rawValue)]
            )
        }
        queue = DeviceQueue(capacity: settings.buffer, framing: settings.framing)
        encoder = LinkEncoder(session: settings.session, sequence: settings.sequence, tickRate: Self.tickRate)
        batch = .allocate(capacity: max(1, source.format.rate / 50))
        batch.initialize(repeating: Frame(index: 0))
        restarts = settings.faults.restarts.map { Int64($0 * 1e6) }.sorted()
        queue.begin(session: settings.session, sequence: settings.sequence)
        begin(0)
    }

    deinit {
        memory.deallocate()
        batch.deallocate()
    }

    /// When it has something to do again.
    var due: Int64 { min(dataDue, introductionDue, statusDue, testDue, restarts.first ?? .max) }

    /// A block is there when its last sample is.
    private var dataDue: Int64 { state == .streaming ? time(of: taken + UInt64(batch.count) - 1) : .max }

    private func time(of sample: UInt64) -> Int64 { began + Int64(sample * UInt64(Self.tickRate) / UInt64(format.rate)) }

    /// Does everything that is due until `now`, in its order.
    package func advance(to now: Int64, _ source: inout SignalSource) throws(RuntimeError) {
        while !isFinished, due <= now {
            let moment = due
            if moment == restarts.first {
                restarts.removeFirst()
                reset(at: moment, cause: 2)
            } else if moment == introductionDue {
                if !queue.holds(.hello), !queue.holds(.configuration) { introduce(at: moment) }
                introductionDue = moment + 1_000_000
            } else if moment == statusDue {
                if !queue.holds(.status) { tellStatus(at: moment) }
                statusDue = moment + 1_000_000
            } else if moment == testDue {
                testDue = .max
                state = .idle
                tell(.event, DevicePayload.testPassed, at: moment)
            } else {
                try sample(&source)
            }
        }
    }

    /// Takes a block's samples and sends them. Where the source ends, so does the stream.
    private func sample(_ source: inout SignalSource) throws(RuntimeError) {
        var count = 0
        while count < batch.count {
            let read = try source.read(into: UnsafeMutableBufferPointer(rebasing: batch[count...]))
            if read == 0 { break }
            count += read
        }
        guard count > 0 else { return finish(at: time(of: taken)) }
        let origin = batch[0].index
        let marks = source.takePulses(through: batch[count - 1].index).map { PaceMark(sample: taken + ($0 > origin ? $0 - origin : 0)) }
        for index in 0..<count { batch[index].index = taken + UInt64(index) }
        queue.ledger.framesTaken += UInt64(count)
        var done = 0
        while done < count {
            let frames = UnsafeBufferPointer(rebasing: batch[done..<count])
            let first = taken
            let sequence = encoder.sequence
            // A batch fits into one block.
            let written = marks.withUnsafeBufferPointer { encoder.data(frames, marks: $0, ticks: ticks(time(of: first)), into: memory) }
            done += written.frames
            taken += UInt64(written.frames)
            var block = DeviceQueue.Block(type: .data, bytes: Array(memory[..<written.bytes]), session: encoder.session, sequence: sequence)
            block.frames = written.frames
            block.first = first
            dataBlocks += 1
            let faults = settings.faults
            if faults.drop > 0, dataBlocks % faults.drop == 0 {
                queue.ledger.withheld(block)
                continue
            }
            block.isWrong = faults.corrupt > 0 && dataBlocks % faults.corrupt == 0
            queue.append(block)
        }
        guard count < batch.count else { return }
        finish(at: time(of: taken))
    }

    /// Says the last thing and is silent from then on.
    func finish(at moment: Int64) {
        guard !isFinished else { return }
        state = .idle
        tellStatus(at: moment)
        isFinished = true
    }
}

extension DeviceFirmware {
    /// What a power-up and a reset do.
    private func begin(_ moment: Int64) {
        testDue = .max
        taken = 0
        began = moment
        state = takesCommands && !settings.startsByItself ? .idle : .streaming
        introduce(at: moment)
        introductionDue = moment + 1_000_000
        statusDue = moment + 1_000_000
    }

    private func newSession(cause: UInt8) {
        encoder = LinkEncoder(session: encoder.session &+ 1, tickRate: Self.tickRate)
        self.cause = cause
        configuration = 1
        queue.begin(session: encoder.session, sequence: 0)
    }

    func reset(at moment: Int64, cause: UInt8) {
        newSession(cause: cause)
        begin(moment)
    }

    /// Streams in a new session.
    func start(at moment: Int64) {
        newSession(cause: 1)
        begin(moment)
        state = .streaming
    }

    /// The samples taken so far have been sent, block by block; those of a block that is not full yet are taken by the next start.
    func stop(at moment: Int64) {
        state = .idle
        tellStatus(at: moment)
    }

    func test(at moment: Int64) {
        state = .testing
        testDue = moment + 500_000
    }

    /// The settings under a new number, as after each change.
    package func configure(at moment: Int64) {
        configuration &+= 1
        tellConfiguration(at: moment)
    }

    /// Whether the device can run at a rate and a gain; it has one rate, that of its source, and no gain to set.
    func canBe(rate: UInt32, gain: UInt16) -> Bool { (rate == .max || Int(rate) == format.rate) && gain == .max }

    func introduce(at moment: Int64) {
        tell(.hello, hello, at: moment)
        tellConfiguration(at: moment)
    }

    func tell(_ type: BlockType, _ payload: [UInt8], at moment: Int64) {
        let sequence = encoder.sequence
        let count = payload.withUnsafeBytes { encoder.block(type, $0, ticks: ticks(moment), into: memory) }
        var block = DeviceQueue.Block(type: type, bytes: Array(memory[..<count]), session: encoder.session, sequence: sequence)
        if type == .status { block.told = queue.samplesDropped }
        queue.append(block)
    }

    private var toldRate: Int { settings.faults.toldRate ?? format.rate }

    private func tellConfiguration(at moment: Int64) {
        let sequence = encoder.sequence
        // What this session can still bring, however much an earlier one took.
        let left = length.map { $0 - (queue.ledger.framesTaken - taken) }
        let count = channels.withUnsafeBufferPointer { channels in
            encoder.configuration(
                number: configuration, rate: UInt32(toldRate), frames: takesCommands ? nil : left, channels: channels,
                sensed: settings.sensed, watched: leads, ticks: ticks(moment), into: memory)
        }
        queue.append(.init(type: .configuration, bytes: Array(memory[..<count]), session: encoder.session, sequence: sequence))
    }

    private func tellStatus(at moment: Int64) {
        let status = DevicePayload.status(
            samplesDropped: queue.samplesDropped, blocksDropped: queue.blocksDropped, buffer: queue.level, state: state)
        tell(.status, status, at: moment)
    }

    /// The clock, which passes over the one reading that says "not available".
    private func ticks(_ moment: Int64) -> UInt64 {
        let ticks = settings.ticks &+ UInt64(moment)
        return ticks == .max ? 0 : ticks
    }

    /// Capabilities: electrode contact and pacing pulses if the source knows them, clipping, a drop counter, and where the host can talk commands and
    /// a self test.
    private var hello: [UInt8] {
        let contact: UInt8 = settings.sensed.isEmpty ? 0 : 0b1
        let capabilities = 0b1000_0010 | contact | (tellsPulses ? 0b100 : 0) | (takesCommands ? 0b0100_1000 : 0)
        return DevicePayload.hello(
            channels: channels.count, rate: toldRate, cause: cause, capabilities: capabilities, serial: "session \(settings.session)")
    }
}
