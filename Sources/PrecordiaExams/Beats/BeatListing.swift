// The beats of a recorded exam, by the very steps that the engine takes before its network: leads, quality, beats.
// Apart from a replay, because it needs no model and takes records of one or two leads.

package import PrecordiaBeats
package import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaQuality
import PrecordiaSession
package import PrecordiaSignal

/// A beat of a record, and what was known when it was judged.
package struct ListedBeat: Sendable {
    package var beat: Beat
    /// Beats a minute when the beat was judged; nil if not known.
    package var beatsPerMinute: Double?
    /// The sample at which it was judged.
    package var known: Int64
}

/// All beats of a record and how its rhythm was, a second at a time.
package struct BeatListing: Sendable {
    package let record: ECGRecord
    package private(set) var beats: [ListedBeat] = []
    /// At the end of each whole second.
    package private(set) var rhythm: [RhythmReport] = []
    /// Beats a minute at the end of each whole second; nil if not known.
    package private(set) var rates: [Double?] = []
    /// Samples in which no lead was usable.
    package private(set) var unheard: Int = 0
    /// Where they lie, in order.
    package private(set) var unheardStretches: [Range<Int>] = []

    /// Seconds from the beginning that are learned from before the first beat is looked for.
    static let learning = 20

    /// Plays a record from its first sample to its last, after learning from its beginning: its first beats count, and its last.
    ///
    /// - Parameter naming: what a person says about its signals, and which leads to hear.
    package init(record path: String, naming: LeadNaming = LeadNaming()) throws(RuntimeError) {
        record = try SignalSource.open(path, naming)
        let bench = BeatBench(record.format)
        var frame = Frame(index: 0)
        do throws(RecordError) {
            var beginning = record.frames()
            while frame.index + 1 < UInt64(Self.learning * record.rate), try beginning.next(into: &frame) { _ = bench.push(frame) }
            bench.rewind()
            var reader = record.frames()
            while try reader.next(into: &frame) {
                if let beat = bench.push(frame) { beats.append(beat) }
                if bench.isUnheard {
                    unheard += 1
                    extend(Int(frame.index))
                }
                guard (frame.index + 1) % UInt64(record.rate) == 0 else { continue }
                rhythm.append(bench.takeRhythm())
                rates.append(bench.beatsPerMinute)
            }
            for _ in 0..<record.rate / 2 {
                if let beat = bench.repeatLast(), beat.beat.position < record.sampleCount { beats.append(beat) }
            }
        } catch { throw RuntimeError(error) }
    }

    private mutating func extend(_ index: Int) {
        let last = unheardStretches.count - 1
        if last >= 0, unheardStretches[last].upperBound == index {
            unheardStretches[last] = unheardStretches[last].lowerBound..<index + 1
        } else {
            unheardStretches.append(index..<index + 1)
        }
    }

    /// The beats as annotations: N, V or a paced "/".
    package var annotations: [Annotation] {
        var annotations: [Annotation] = []
        for listed in beats {
            let code: Annotation.Code =
                switch listed.beat.kind {
                case .usual: .normal
                case .ventricular: .ventricular
                case .paced: .paced
                }
            annotations.append(Annotation(sample: max(listed.beat.position, annotations.last?.sample ?? 0), code: code))
        }
        return annotations
    }
}

/// Leads, quality and beats of a stream without the rest of the engine, in memory of its own.
package final class BeatBench {
    private let memory: UnsafeMutableRawBufferPointer
    private let samples: UnsafeMutablePointer<Double>
    private var leads: LeadConverter
    private let standIns: LeadStandIns
    private var quality: QualityMonitor
    private var monitor: BeatMonitor
    /// Whether the last frame had no usable lead.
    package private(set) var isUnheard = false

    package init(_ stream: StreamFormat) {
        let (beatBytes, qualityBytes) = (
            BeatMonitor.requiredBytes(rate: stream.rate), QualityMonitor.requiredBytes(rate: stream.rate, windowSeconds: 10)
        )
        let first = (beatBytes + 63) & ~63
        memory = .allocate(byteCount: 256 + first + qualityBytes, alignment: 64)
        samples = memory.baseAddress!.bindMemory(to: Double.self, capacity: 24)
        leads = LeadConverter(stream)
        standIns = LeadStandIns(stream)
        samples.initialize(repeating: 0, count: 24)
        monitor = BeatMonitor(rate: stream.rate, memory: .init(rebasing: memory[256..<(256 + beatBytes)]))
        quality = QualityMonitor(
            rate: stream.rate, windowSeconds: 10, derived: stream.derived, lacking: stream.lacking, unplaced: stream.unplaced,
            memory: .init(rebasing: memory[(256 + first)...]))
    }

    deinit { memory.deallocate() }

    /// Takes a frame; returns the beat that was judged with it.
    package func push(_ frame: Frame) -> ListedBeat? {
        leads.convert(frame, into: samples)
        quality.push(frame, microvolts: samples)
        isUnheard = quality.usable.isEmpty
        for lead in 0..<12 { samples[12 + lead] = samples[lead] }
        standIns.fill(samples + 12)
        return repeatLast()
    }

    /// Takes the last frame's samples once more: a recording ends before its last beat can be judged.
    package func repeatLast() -> ListedBeat? {
        guard monitor.push(samples + 12, usable: standIns.usable(quality.usable), present: standIns.usable(quality.present)) else {
            return nil
        }
        return ListedBeat(beat: monitor.lastBeat, beatsPerMinute: beatsPerMinute, known: monitor.position - 1)
    }

    /// The last frame in microvolts, by lead, and the leads that are usable in it.
    package var microvolts: UnsafePointer<Double> { UnsafePointer(samples) }
    package var usable: LeadSet { quality.usable }
    /// What is wrong where limb leads do not fit each other, over the last 10 s.
    package var misfit: LeadMisfit { quality.report.misfit }
    /// Limb electrodes that seem to be at each other's places, over the last 10 s.
    package var swap: LimbSwap { quality.report.swap }

    /// Begins the same recording once more, with what was learned of its beats.
    package func rewind() {
        leads.reset()
        quality.reset()
        monitor.rewind()
    }

    package var beatsPerMinute: Double? { monitor.beatsPerMinute() }
    package func takeRhythm() -> RhythmReport { monitor.takeRhythm() }
}
