// A device's bytes into a file, exactly as they came, with what a decoder says about them on the way.
// No engine: what is stored can be watched, replayed and verified later, as often as one likes.

import CPrecordiaTransport
import Glibc
import PrecordiaLink
import PrecordiaSignal

/// How a capture ended.
public struct CaptureResult {
    public var figures = LiveFigures()
    /// Bytes in the file, and bytes that found it full or unwritable.
    public var written: UInt64 = 0
    public var unwritten: UInt64 = 0
    /// Why the source or the file failed; nil if neither did.
    public var problem: String?
}

/// Stores a device's stream.
///
/// - Thread: acquisition's own and the caller's. Memory: a ring of 4 MiB, four minutes of 8 channels at 500 Hz, for when the disk is slow.
public final class CaptureSession {
    private let settings: LiveSettings
    private let ring = ChunkRing(capacity: 1 << 22, reserve: 1 << 14)
    private let acquisition: Acquisition
    private let decoderMemory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 64)
    private var decoder: LinkDecoder
    private var talk: DeviceTalk
    private var result = CaptureResult()
    private let descriptor: Int32
    private let path: String
    private var isOver = false

    /// Opens the source and makes the file, which must not be there yet.
    public init(_ settings: LiveSettings, path: String) throws(RuntimeError) {
        self.settings = settings
        self.path = path
        acquisition = try Acquisition(
            source: settings.source, framing: settings.framing, reopen: settings.reopens, realTime: settings.realTime, into: ring)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .cannotWrite(
                file: path, reason: errno == EEXIST ? "it is there already; another name would be right" : String(cString: strerror(errno)))
        }
        decoder = LinkDecoder(framing: settings.framing == 1 ? .cobs : .plain, memory: decoderMemory)
        talk = DeviceTalk(rate: settings.rate.map { UInt32($0) })
    }

    deinit {
        close(descriptor)
        decoderMemory.deallocate()
    }

    /// Stores until the source ends, `seconds` of signal have come, or ``Interrupt``.
    ///
    /// - Parameter progress: called about once a second with what was counted so far.
    public func run(seconds: Double?, progress: (CaptureResult) -> Void) throws(RuntimeError) -> CaptureResult {
        guard acquisition.start() else { throw .badSource(source: settings.source, problem: "the system has no thread left for it") }
        var told: Int64 = 0
        var isLeaving = false
        while !isOver {
            let isEnough = seconds.map { Double(decoder.counters.frames) >= $0 * Double(decoder.configuration?.rate ?? .max) } ?? false
            if !isLeaving, isEnough || Interrupt.isRequested || result.problem != nil {
                isLeaving = true
                talk.goodbye { send($0) }
                acquisition.stop()
            }
            let now = Monotonic.now()
            talk.act(at: now) { send($0) }
            if now - told >= 1_000_000_000 {
                told = now
                collect()
                progress(result)
            }
            guard let chunk = ring.next() else {
                ring.wait(milliseconds: 100)
                continue
            }
            take(chunk)
            ring.release()
        }
        if fsync(descriptor) != 0, errno != EINVAL { fail(String(cString: strerror(errno))) }
        collect()
        return result
    }

    private func take(_ chunk: ChunkRing.Chunk) {
        switch AcquisitionNews(rawValue: chunk.kind)! {
        case .bytes:
            store(chunk.bytes)
            look(at: chunk.bytes, now: chunk.time)
        case .opened:
            if result.figures.epoch == 0, chunk.bytes[0] == 1 { decoder = LinkDecoder(framing: .cobs, memory: decoderMemory) }
            result.figures.epoch += 1
            talk.opened { send($0) }
        case .lost: talk.lost()
        case .failed: result.problem = String(decoding: chunk.bytes, as: UTF8.self)
        case .counters: result.figures.transport = chunk.bytes.loadUnaligned(as: precordia_transport_counters.self)
        case .closed: isOver = true
        case .ended, .absent, .note: break
        }
    }

    private func send(_ block: UnsafeRawBufferPointer) {
        if !acquisition.isPatient { _ = acquisition.send(block) }
    }

    /// Writes bytes; after the first that could not be written none is tried, so that the file has no hole.
    private func store(_ bytes: UnsafeRawBufferPointer) {
        var done = 0
        while done < bytes.count, result.unwritten == 0 {
            let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if count > 0 {
                done += count
            } else if errno != EINTR {
                fail(String(cString: strerror(errno)))
                break
            }
        }
        result.written += UInt64(done)
        result.unwritten += UInt64(bytes.count - done)
    }

    private func fail(_ reason: String) {
        result.problem = result.problem ?? "\(RuntimeError.cannotWrite(file: path, reason: reason))"
    }

    private func look(at bytes: UnsafeRawBufferPointer, now: Int64) {
        var rest = bytes
        while rest.count > 0 {
            rest = UnsafeRawBufferPointer(rebasing: rest[decoder.feed(rest)...])
            while let message = decoder.next() {
                if message == .hello, let hello = decoder.hello { talk.heard(hello, at: now) }
                if message == .frame { talk.isStreaming() }
                if message == .stream { result.figures.streams += 1 }
            }
        }
    }

    private func collect() {
        result.figures.link = decoder.counters
        result.figures.chunksRefused = ring.refused
        result.figures.bytesRefused = ring.refusedBytes
    }
}
