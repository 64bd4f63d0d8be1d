// What a decoder has found, in C's own structures.
// Apart from links and hosts, which both give it.

import CPrecordia
import PrecordiaLink
import PrecordiaSignal

extension precordia_stream {
    /// What a configuration's counts mean; a channel for each lead that it carries.
    init(_ configuration: LinkConfiguration) {
        let format = configuration.format
        let carried = configuration.leads
        self = precordia_stream_default(UInt32(truncatingIfNeeded: format.rate))
        channels = UInt32(truncatingIfNeeded: carried.count)
        derived = format.derived.rawValue
        var channel = 0
        for place in 0..<12 where carried.contains(index: place) {
            withUnsafeMutableBytes(of: &lead) { $0[channel] = UInt8(truncatingIfNeeded: place) }
            withUnsafeMutableBytes(of: &microvolts_per_count) {
                $0.baseAddress!.assumingMemoryBound(to: Double.self)[channel] = format.microvoltsPerCount[place]
            }
            withUnsafeMutableBytes(of: &baseline) {
                $0.baseAddress!.assumingMemoryBound(to: Int32.self)[channel] = format.baseline[place]
            }
            channel &+= 1
        }
    }
}

/// A frame as C has it, in the order of the stream's channels.
func give(
    _ frame: Frame, of carried: LeadSet, _ index: UnsafeMutablePointer<UInt64>, _ counts: UnsafeMutablePointer<Int32>,
    _ marks: UnsafeMutablePointer<precordia_marks>
) {
    index.pointee = frame.index
    marks.pointee = precordia_marks(
        missing: frame.missing.rawValue, clipped: frame.clipped.rawValue, off: frame.off.rawValue, reserved: 0)
    var channel = 0
    for lead in 0..<12 where carried.contains(index: lead) {
        counts[channel] = frame.counts[lead]
        channel &+= 1
    }
}

/// A stream as C has it: the leads that its channels carry, and the frames that were announced.
func give(
    _ configuration: LinkConfiguration, _ stream: UnsafeMutablePointer<precordia_stream>, _ leads: UnsafeMutablePointer<UInt16>,
    _ frames: UnsafeMutablePointer<UInt64>
) {
    stream.pointee = precordia_stream(configuration)
    leads.pointee = configuration.leads.rawValue
    frames.pointee = configuration.frames ?? .max
}

/// A pacing pulse as C has it.
func give(_ pulse: PaceMark, _ sample: UnsafeMutablePointer<UInt64>, _ width: UnsafeMutablePointer<UInt16>) {
    sample.pointee = pulse.sample
    width.pointee = pulse.width ?? 0
}

extension precordia_notice {
    init(_ event: DeviceEvent, sample: UInt64) {
        self.init(sample: sample, code: UInt32(event.code), value: UInt32(event.value), text: precordia_text(event.text))
    }

    init(_ error: DeviceError, sample: UInt64) {
        self.init(sample: sample, code: UInt32(error.code), value: UInt32(error.severity), text: precordia_text(error.text))
    }
}

extension precordia_device {
    init(_ hello: DeviceHello) {
        self.init(
            maker: precordia_text(hello.maker), product: precordia_text(hello.product), serial: precordia_text(hello.serial),
            firmware: precordia_text(hello.firmware), capabilities: hello.capabilities, reserved: 0)
    }
}

extension precordia_hearing_counters {
    init(_ all: SignalWatch.Counters) {
        self.init(
            heard: all.heard, same: all.same, mistimed: all.mistimed, skipped: all.skipped, silent: all.silent, cuts: all.cuts,
            rates_wrong: all.ratesWrong)
    }
}

extension precordia_link_counters {
    init(_ all: LinkCounters) {
        self.init(
            bytes: all.bytes, bytes_skipped: all.bytesSkipped, blocks: all.blocks, checksum_failures: all.checksumFailures,
            packets_broken: all.packetsBroken, blocks_missing: all.blocksMissing, blocks_repeated: all.blocksRepeated,
            blocks_other_version: all.blocksOtherVersion, blocks_unknown: all.blocksUnknown, blocks_malformed: all.blocksMalformed,
            restarts: all.restarts, frames: all.frames, frames_missing: all.framesMissing, frames_repeated: all.framesRepeated,
            frames_unconfigured: all.framesUnconfigured, device_samples_dropped: all.deviceSamplesDropped)
    }
}
