// A recorded exam or the simulator as a device would send it: blocks of the wire protocol on an output.
// The host's side is PrecordiaLink's decoder; firmware-protocol/SPEC.md is what both follow.

import PrecordiaEngine
import PrecordiaLink
import PrecordiaSignal

/// Plays a source to an output as one session of the wire protocol.
///
/// Sends a hello and the configuration, blocks of 20 ms, hello and configuration again each second, and a status at the end. The same
/// source and session give the same bytes.
///
/// - Memory: two blocks. Thread: one at a time.
public final class SimulatedDevice {
    private var encoder: LinkEncoder
    private let output: ByteOutput
    private let memory: UnsafeMutableRawBufferPointer
    private static let tickRate: UInt32 = 1_000_000

    /// A device that writes to `output`, which stays open.
    ///
    /// - Parameter session: the number that tells this session from others.
    public init(output: ByteOutput, session: UInt32, framing: LinkFraming = .plain) {
        self.output = output
        encoder = LinkEncoder(framing: framing, session: session, tickRate: Self.tickRate)
        memory = .allocate(byteCount: LinkEncoder.maximumBytes, alignment: 8)
    }

    deinit { memory.deallocate() }

    /// Sends a whole stream, or as much of it as there is time for until ``Interrupt``.
    ///
    /// - Parameter sensed: electrodes whose contact the source knows.
    /// - Returns: frames sent.
    public func play(_ source: inout SignalSource, sensed: ElectrodeSet, speed: Speed = .max) throws(RuntimeError) -> UInt64 {
        let rate = source.format.rate
        let frames = max(1, rate / 50)
        var batch: [Frame] = []
        var frame = Frame(index: 0)
        var sent: UInt64 = 0
        var pacer: Pacer?
        if case .times(let factor) = speed { pacer = Pacer(rate: rate, factor: factor) }
        var told: UInt64?
        while try source.next(into: &frame) {
            if Interrupt.isRequested { break }
            if batch.isEmpty, told.map({ frame.index >= $0 + UInt64(rate) }) ?? true {
                told = frame.index
                try introduce(source, sensed: sensed, at: frame.index)
            }
            batch.append(frame)
            guard batch.count == frames else { continue }
            pacer?.wait(for: frame.index) { Interrupt.isRequested }
            sent += try send(&batch, rate: rate)
        }
        sent += try send(&batch, rate: rate)
        try farewell(at: sent, rate: rate)
        return sent
    }

    private static func ticks(_ index: UInt64, _ rate: Int) -> UInt64 { index * UInt64(tickRate) / UInt64(rate) }

    private func send(_ batch: inout [Frame], rate: Int) throws(RuntimeError) -> UInt64 {
        var done = 0
        while done < batch.count {
            let ticks = Self.ticks(batch[done].index, rate)
            let written = batch.withUnsafeBufferPointer { frames in
                encoder.data(UnsafeBufferPointer(rebasing: frames[done...]), ticks: ticks, into: memory)
            }
            done += written.frames
            try put(written.bytes)
        }
        batch.removeAll(keepingCapacity: true)
        return UInt64(done)
    }

    private func introduce(_ source: borrowing SignalSource, sensed: ElectrodeSet, at index: UInt64) throws(RuntimeError) {
        let format = source.format
        let leads = source.description.leads
        let channels = Lead.allCases.filter { leads.contains($0) }.map { lead in
            LinkChannel(
                lead: lead, baseline: format.baseline[Int(lead.rawValue)],
                microvoltsPerCount: format.microvoltsPerCount[Int(lead.rawValue)])
        }
        let ticks = Self.ticks(index, format.rate)
        let hello = hello(rate: format.rate, channels: channels.count)
        try put(hello.withUnsafeBytes { encoder.block(.hello, $0, ticks: ticks, into: memory) })
        try put(
            channels.withUnsafeBufferPointer { channels in
                encoder.configuration(
                    number: 1, rate: UInt32(format.rate), frames: source.description.frames, channels: channels, sensed: sensed,
                    watched: leads, ticks: ticks, into: memory)
            })
    }

    /// The hello of a device that can only send: capabilities electrode contact and clipping.
    private func hello(rate: Int, channels: Int) -> [UInt8] {
        func text(_ text: String, _ count: Int) -> [UInt8] {
            let bytes = Array(text.utf8.prefix(count))
            return bytes + Array(repeating: 0, count: count - bytes.count)
        }
        let facts: [UInt8] = [1, 1, UInt8(channels), 1, 0, 0xFF, 0, 0, 0b11, 0, 0, 0]
        let names =
            text("Precordia", 32) + text("simulated device", 32) + text("session \(encoder.session)", 32) + text(ProgramVersion.text, 16)
        return facts + names + withUnsafeBytes(of: UInt32(rate).littleEndian) { Array($0) }
    }

    /// A status that says: nothing dropped, idle, and no battery or sensor to speak of.
    private func farewell(at index: UInt64, rate: Int) throws(RuntimeError) {
        let status = [UInt8](repeating: 0, count: 18) + [0xFF, 0xFF, 0x00, 0x80, 0x00, 0xFF]
        try put(status.withUnsafeBytes { encoder.block(.status, $0, ticks: Self.ticks(index, rate), into: memory) })
        try output.flush()
    }

    private func put(_ bytes: Int) throws(RuntimeError) { try output.lines(Array(memory[..<bytes])) }
}
