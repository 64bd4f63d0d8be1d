// Where a session's frames come from: a recorded exam or the simulator.
// After this type nobody can tell which it was, except by the name.

package import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaSignal
package import PrecordiaSimulator

/// Makes the frames of a source that is neither a record nor the simulator alone.
package protocol FrameMaker: AnyObject {
    /// Writes every field of the next frame.
    ///
    /// - Returns: the pacing pulse that a device would tell with it: the index of the frame before the pulse.
    func next(into frame: inout Frame) -> UInt64?
}

/// Gives frames one after the other.
///
/// - Thread: one at a time. Memory: a record's read buffer, or the simulator's state.
package struct SignalSource: ~Copyable {
    /// What the frames' counts mean.
    package let format: StreamFormat
    /// Name, rate, leads and length.
    package let description: StreamDescription

    /// What frames come from.
    private enum Origin {
        case record(Reading)
        case simulator(Simulating)
        case maker(any FrameMaker)
    }

    private let origin: Origin
    private var remaining: UInt64
    /// Pacing pulses that were announced and not taken: the index of the frame before each.
    private var pulses: [UInt64] = []

    /// A recorded exam, from its first frame.
    ///
    /// A lead whose samples do not add up to the header's checksum is left out, which takes reading them once before.
    /// - Parameters:
    ///   - path: the record as given; it is also the stream's name.
    ///   - opened: where it lies, if that is elsewhere because it was converted.
    ///   - naming: what a person says about its signals.
    /// - Throws: what opening it throws, or ``RuntimeError/badRecord(file:problem:)`` if it has no sample.
    package init(record path: String, opened: String? = nil, naming: LeadNaming = LeadNaming()) throws(RuntimeError) {
        self.init(try SignalSource.open(opened ?? path, naming), name: path)
    }

    /// The record at `path`, as a session hears it.
    package static func open(_ path: String, _ naming: LeadNaming) throws(RuntimeError) -> ECGRecord {
        let record: ECGRecord
        do throws(RecordError) {
            record = try ECGRecord(path: path, naming: naming).withoutDamagedLeads()
        } catch { throw RuntimeError(error) }
        guard record.sampleCount > 0 else { throw .noSample(path) }
        return record
    }

    /// A recorded exam that is open.
    package init(_ record: ECGRecord, name: String) {
        format = record.format
        remaining = UInt64(record.sampleCount)
        var description = StreamDescription(
            name: name, rate: record.rate, leads: record.leads, frames: remaining)
        description.notes = record.problems
        description.warnings = record.warnings
        if !record.uncalibrated.isEmpty { description.cautions.append("uncalibrated:" + EventWords.column(record.uncalibrated)) }
        if !record.lost.isEmpty { description.cautions.append("left-out:" + EventWords.column(record.lost)) }
        if !record.format.unplaced.isEmpty { description.cautions.append("unplaced:" + EventWords.column(record.format.unplaced)) }
        if !record.damaged.isEmpty { description.cautions.append("checksum:" + EventWords.column(record.damaged)) }
        if record.isRateAssumed { description.cautions.append("rate-assumed") }
        self.description = description
        origin = .record(Reading(record.frames()))
    }

    /// The simulator for so many frames.
    ///
    /// - Parameter leads: those of the cable; the others are absent.
    package init(simulator: consuming Simulator, frames: UInt64, name: String, leads: LeadSet = .all) {
        var format = Simulator.format(rate: simulator.rate)
        format.absent = LeadSet.all.subtracting(leads)
        self.format = format
        remaining = frames
        description = StreamDescription(
            name: name, rate: simulator.rate, leads: leads, frames: frames)
        origin = .simulator(Simulating(simulator))
    }

    /// What a maker makes, for so many frames, in the simulator's counts.
    package init(_ maker: any FrameMaker, rate: Int, frames: UInt64, name: String) {
        format = Simulator.format(rate: rate)
        remaining = frames
        description = StreamDescription(name: name, rate: rate, leads: .all, frames: frames)
        origin = .maker(maker)
    }

    /// The next frame, or false at the end; `frame` is then as it was.
    package mutating func next(into frame: inout Frame) throws(RuntimeError) -> Bool {
        switch origin {
        case .record(let reading): return try reading.next(into: &frame)
        case .simulator(let simulating):
            guard remaining > 0 else { return false }
            remaining -= 1
            simulating.simulator.next(into: &frame)
            keepCable(&frame)
        case .maker(let maker):
            guard remaining > 0 else { return false }
            remaining -= 1
            if let pulse = maker.next(into: &frame) { pulses.append(pulse) }
        }
        return true
    }

    /// The next frames, as many as there are at hand and fit into `buffer`, which must be initialised.
    ///
    /// - Returns: how many; 0 at the end.
    package mutating func read(into buffer: UnsafeMutableBufferPointer<Frame>) throws(RuntimeError) -> Int {
        if case .record(let reading) = origin { return try reading.read(into: buffer) }
        let count = Int(min(remaining, UInt64(buffer.count)))
        for index in 0..<count {
            _ = try next(into: &buffer[index])
            guard case .simulator(let simulating) = origin, let ahead = simulating.simulator.takePaceMark() else { continue }
            pulses.append(UInt64(max(0, Int64(buffer[index].index) + Int64(ahead))))
        }
        return count
    }
}

/// A record's reader, which cannot be copied, where an enum can hold it.
private final class Reading {
    private var frames: FrameReader

    init(_ frames: consuming FrameReader) { self.frames = frames }

    func next(into frame: inout Frame) throws(RuntimeError) -> Bool {
        do throws(RecordError) { return try frames.next(into: &frame) } catch { throw RuntimeError(error) }
    }

    func read(into buffer: UnsafeMutableBufferPointer<Frame>) throws(RuntimeError) -> Int {
        do throws(RecordError) { return try frames.read(into: buffer) } catch { throw RuntimeError(error) }
    }
}

/// The same of a simulator.
private final class Simulating {
    var simulator: Simulator

    init(_ simulator: consuming Simulator) { self.simulator = simulator }
}

extension SignalSource {
    /// Of a simulated patient the cable tells only what its own electrodes and leads show.
    private func keepCable(_ frame: inout Frame) {
        guard !format.absent.isEmpty else { return }
        frame.missing = format.absent
        frame.clipped = frame.clipped.intersection(format.leads)
        frame.off = frame.off.intersection(.needed(by: format.leads))
    }

    /// Whether pacing pulses are known: no record has them.
    package var tellsPulses: Bool {
        if case .record = origin { false } else { true }
    }

    /// The pulses of frames that ``read(into:)`` has given, up to the frame `last`: the index of the frame before each.
    package mutating func takePulses(through last: UInt64) -> [UInt64] {
        let taken = pulses.filter { $0 <= last }
        if !taken.isEmpty { pulses.removeAll { $0 <= last } }
        return taken
    }
}

extension RuntimeError {
    /// A stream ended before it began.
    package static func noSample(_ name: String) -> RuntimeError {
        .badRecord(file: name, problem: "holds no sample; at least a second of signal would be right")
    }

    /// A record's error, with its own words.
    package init(_ error: RecordError) {
        let whole = error.description
        let prefix = error.file + ": "
        var problem =
            whole.hasPrefix(prefix)
            ? String(whole.dropFirst(prefix.count)) : whole.replacing(error.file + ", ", with: "", maxReplacements: 1)
        // The case says these words already.
        for words in ["cannot be read: ", "cannot be written: "] where problem.hasPrefix(words) { problem.removeFirst(words.count) }
        switch error.code {
        case .notFound, .unreadable: self = .cannotRead(file: error.file, reason: problem)
        case .unwritable: self = .cannotWrite(file: error.file, reason: problem)
        default: self = .badRecord(file: error.file, problem: problem)
        }
    }
}
