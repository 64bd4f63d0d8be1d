// The measurements of a recorded exam, by the very steps that a stream takes: leads, quality, beats, then 10 s at a time.
// Apart from the listing of beats, which needs no median.

import PrecordiaBeats
package import PrecordiaFormats
package import PrecordiaHost
package import PrecordiaMeasure
package import PrecordiaQuality
import PrecordiaSession
import PrecordiaSignal

/// A beat of a record with its marks.
package struct RecordedMarks: Sendable {
    package var beat: MarkedBeat
    /// Over all leads together, and by lead.
    package var together: WaveMarks
    package var leads: [WaveMarks]
}

/// What was measured of a record.
package struct MeasureListing: Sendable {
    package let record: ECGRecord
    /// The values of the record's last 10 s.
    package private(set) var measurement = Measurement()
    /// What is wrong where its limb leads do not fit each other: then no voltage, axis or level of ST is to be trusted, and times are.
    package private(set) var misfit = LeadMisfit()
    /// The longest run of ventricular beats that the rules of rhythm saw, whatever single beats were called.
    package private(set) var longestRun: Float = 0
    /// Limb electrodes that seem to be at each other's places.
    package private(set) var swap = LimbSwap.none
    /// All beats that were marked, in order.
    package private(set) var beats: [RecordedMarks] = []

    /// Seconds from one measurement to the next in a record of more than 10 s. A beat is marked by the 10 s in the middle of which it lies.
    private static let hop = 5

    /// The median beat that was measured; nil where none was.
    package private(set) var median: MedianRecord?

    /// Measures a record, after learning what its beats look like from its beginning as ``BeatListing`` does.
    ///
    /// - Parameter isMarking: whether the marks of all beats are wanted.
    package init(record path: String, naming: LeadNaming = LeadNaming(), marking isMarking: Bool = true) throws(RuntimeError) {
        try self.init(try SignalSource.open(path, naming), marking: isMarking)
    }

    /// Measures a record that is open.
    package init(_ record: ECGRecord, marking isMarking: Bool = true) throws(RuntimeError) {
        self.record = record
        let bench = BeatBench(record.format)
        let measuring = MeasureBench(rate: record.rate)
        var frame = Frame(index: 0)
        var marked: Int64 = 0
        do throws(RecordError) {
            var beginning = record.frames()
            while frame.index + 1 < UInt64(BeatListing.learning * record.rate), try beginning.next(into: &frame) { _ = bench.push(frame) }
            bench.rewind()
            var reader = record.frames()
            let hop = UInt64(Self.hop * record.rate)
            while try reader.next(into: &frame) {
                let found = bench.push(frame)
                measuring.monitor.push(bench.microvolts, usable: bench.usable)
                if let found { measuring.monitor.add(found.beat) }
                let index = frame.index + 1
                if index % UInt64(record.rate) == 0 { longestRun = max(longestRun, bench.takeRhythm().ventricularRun) }
                guard index % hop == 0, index >= 2 * hop, index < UInt64(record.sampleCount) else { continue }
                measuring.monitor.measure(markingAll: isMarking)
                let end = Int64(index - hop / 2)
                take(measuring, from: marked, to: end)
                marked = end
            }
            for _ in 0..<record.rate / 2 {
                if let found = bench.repeatLast(), found.beat.position < record.sampleCount { measuring.monitor.add(found.beat) }
            }
        } catch { throw RuntimeError(error) }
        measuring.monitor.measure(markingAll: isMarking, estimating: true)
        take(measuring, from: marked, to: .max)
        measurement = measuring.monitor.measurement
        if measurement.measuredBeats > 0 { median = MedianRecord(measuring.monitor) }
        misfit = bench.misfit
        swap = bench.swap
    }

    private mutating func take(_ measuring: MeasureBench, from: Int64, to: Int64) {
        for index in 0..<measuring.monitor.beatCount {
            let beat = measuring.monitor.beat(index)
            guard beat.group >= 0, beat.position >= from, beat.position < to else { continue }
            beats.append(
                RecordedMarks(
                    beat: beat, together: measuring.monitor.marks(group: beat.group, lead: nil),
                    leads: Lead.allCases.map { measuring.monitor.marks(group: beat.group, lead: $0) }))
        }
    }
}

/// A monitor with its memory.
package final class MeasureBench {
    private let memory: UnsafeMutableRawBufferPointer
    package var monitor: MeasureMonitor

    package init(rate: Int) {
        memory = .allocate(byteCount: MeasureMonitor.requiredBytes(rate: rate), alignment: 64)
        monitor = MeasureMonitor(rate: rate, memory: memory)
    }

    deinit { memory.deallocate() }
}
