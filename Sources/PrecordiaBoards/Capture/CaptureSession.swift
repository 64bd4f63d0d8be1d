// A device's bytes into a file, exactly as they came, with what a decoder says about them on the way.
// No engine: what is stored can be watched, replayed and verified later, as often as one likes.

import Glibc
package import PrecordiaDevice
package import PrecordiaHost
package import PrecordiaLink
package import PrecordiaLive
import PrecordiaSignal

/// How a capture ended.
package struct CaptureResult {
    package var figures = LiveFigures()
    /// Bytes in the file, and bytes that found it full or unwritable.
    package var written: UInt64 = 0
    package var unwritten: UInt64 = 0
    /// Why the source or the file failed; nil if neither did.
    package var problem: String?
}

/// Stores a device's stream, and beside it the times at which it came (``CaptureTimes``), so that playing it is as it was.
///
/// - Thread: acquisition's own and the caller's. Memory: a ring of 4 MiB, four minutes of 8 channels at 500 Hz, for when the disk is slow.
package final class CaptureSession: DeviceListener {
    private let settings: LiveSettings
    private let ring = ChunkRing(capacity: 1 << 22, reserve: 1 << 14)
    private let acquisition: Acquisition
    private let follower: DeviceFollower
    private let say: (String) -> Void
    private var result = CaptureResult()
    private let descriptor: Int32
    private let path: String
    /// Nil of a source that has no times of its own, such as a file.
    private let times: CaptureTimes?
    private var toldTimes = false

    /// Opens the source and makes the file, which must not be there yet.
    ///
    /// - Parameter say: given what a person should know, as it happens.
    package init(_ settings: LiveSettings, path: String, say: @escaping (String) -> Void) throws(RuntimeError) {
        self.settings = settings
        self.path = path
        self.say = say
        acquisition = try Acquisition(
            source: settings.source, framing: settings.framing, reopen: settings.reopens, realTime: settings.realTime, into: ring)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .cannotWrite(
                file: path, reason: errno == EEXIST ? "it is there already; another name would be right" : String(cString: strerror(errno)))
        }
        follower = DeviceFollower(settings.following(acquisition), acquisition: acquisition, ring: ring)
        times = acquisition.isPatient ? nil : CaptureTimes(capture: path)
    }

    deinit { close(descriptor) }

    /// Stores until the source ends, `seconds` of signal have come, or ``Interrupt``.
    ///
    /// - Parameter progress: called about once a second with what was counted so far.
    package func run(seconds: Double?, progress: (CaptureResult) -> Void) throws(RuntimeError) -> CaptureResult {
        settings.realTime.lockMemory().forEach(say)
        guard acquisition.start() else { throw .badSource(source: settings.source, problem: "the system has no thread left for it") }
        var told: Int64 = 0
        while !follower.isOver {
            let frames = follower.session.counters.frames
            let rate = follower.session.configuration?.rate
            let isEnough = seconds.map { Double(frames) >= $0 * Double(rate ?? .max) } ?? false
            if isEnough || Interrupt.isRequested || result.problem != nil { follower.leave() }
            let now = Monotonic.now()
            follower.act(at: now, self)
            if now - told >= 1_000_000_000 {
                told = now
                collect()
                progress(result)
            }
            guard let chunk = ring.next() else {
                ring.wait(milliseconds: 100)
                continue
            }
            if chunk.kind == AcquisitionNews.bytes.rawValue { store(chunk.bytes) }
            time(chunk)
            follower.take(chunk, self)
            ring.release()
        }
        if fsync(descriptor) != 0, errno != EINVAL { failToWrite(errno) }
        collect()
        return result
    }

    package func heard(_ news: HostNews) {
        switch news {
        case .event, .error: say(follower.words)
        default: break
        }
    }

    package func sets(clock: Int64, at moment: Int64) {}

    package func changed(_ state: DeviceState, _ words: String, at moment: Int64) {
        // What becomes of streams is for whoever plays it.
        if state != .restarted { say("device \(state.name)" + (words.isEmpty ? "" : ": " + words)) }
    }

    package func note(_ words: String) { say(words) }

    package func fail(_ words: String) { result.problem = "\(settings.source): \(words)" }

    /// Keeps when a piece came.
    private func time(_ chunk: ChunkRing.Chunk) {
        guard let times else { return }
        let words = { (from: Int) in String(decoding: UnsafeRawBufferPointer(rebasing: chunk.bytes[from...]), as: UTF8.self) }
        switch AcquisitionNews(rawValue: chunk.kind)! {
        case .bytes: if result.unwritten == 0 { times.add(.bytes(chunk.bytes.count), at: chunk.time) }
        case .opened: times.add(.opened(chunk.bytes[0], words(1)), at: chunk.time)
        case .lost: if !follower.session.isLeaving { times.add(.lost(words(0)), at: chunk.time) }
        case .absent: times.add(.absent(words(0)), at: chunk.time)
        case .ended, .failed, .note, .counters, .clock, .closed: break
        }
        guard let problem = times.problem, !toldTimes else { return }
        toldTimes = true
        say("\(CaptureTimes.path(of: path)): cannot be written, \(problem); the capture has no times from here on")
    }

    /// Writes bytes; after the first that could not be written none is tried, so that the file has no hole.
    private func store(_ bytes: UnsafeRawBufferPointer) {
        var done = 0
        while done < bytes.count, result.unwritten == 0 {
            let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if count > 0 {
                done += count
            } else if errno != EINTR {
                failToWrite(errno)
                break
            }
        }
        result.written += UInt64(done)
        result.unwritten += UInt64(bytes.count - done)
    }

    private func failToWrite(_ code: Int32) {
        result.problem = result.problem ?? "\(RuntimeError.cannotWrite(file: path, reason: String(cString: strerror(code))))"
    }

    private func collect() {
        follower.collect()
        result.figures = follower.figures
    }
}
