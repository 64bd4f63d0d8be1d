// A simulated device inside the program, for a monitor without a device: it plays on a thread of its own and is heard over loopback TCP.
// So the whole live path is the real one, from the transport on.

package import PrecordiaHost
import PrecordiaLink
import PrecordiaSession
import PrecordiaSignal
import PrecordiaSimulator

/// Simulated devices that sources name.
package enum SimulatedSource {
    /// The rhythm or programme that a source names: NAME of "sim:NAME", the demonstration for "sim"; nil for other sources.
    package static func name(of source: String) -> String? {
        if source == "sim" { return "demo" }
        return source.hasPrefix("sim:") ? String(source.dropFirst(4)) : nil
    }

    /// How long a programme is, seconds; nil for a rhythm, which has no end.
    package static func length(of name: String) -> Double? { Scenario(named: name).map { Double($0.seconds) } }

    /// Starts a device.
    ///
    /// - Parameters:
    ///   - name: a rhythm or programme.
    ///   - seconds: of signal; a minute more than the programme if not given, so that a session ends before its device, or a week of a rhythm.
    /// - Returns: the source by which a session finds it.
    package static func start(
        _ name: String, rate: Int, seed: UInt64 = 1, seconds: Double? = nil, speed: Speed = .times(1),
        at transport: DeviceTransport = .tcp(host: "127.0.0.1", port: 0)
    ) throws(RuntimeError) -> String {
        let simulator = try Simulator.named(name, rate: rate, seed: seed, option: "--source sim:")
        let length = seconds ?? Self.length(of: name).map { $0 + 60 } ?? 604_800
        let place = Place()
        let device = Device(simulator, frames: UInt64(max(1, length * Double(rate))), name: name, speed: speed)
        guard Workers.start({ device.play(at: transport, telling: place) }) else {
            throw .badSource(source: "sim:" + name, problem: "the system has no thread left for it")
        }
        return try place.wait(for: "sim:" + name)
    }

    /// The device and its signal, on its thread.
    private final class Device: @unchecked Sendable {
        private var source: SignalSource
        private let speed: Speed

        init(_ simulator: consuming Simulator, frames: UInt64, name: String, speed: Speed) {
            self.speed = speed
            source = SignalSource(simulator: simulator, frames: frames, name: name)
        }

        func play(at transport: DeviceTransport, telling place: Place) {
            var settings = DeviceSettings()
            settings.session = UInt32(truncatingIfNeeded: Monotonic.now())
            settings.startsByItself = false
            settings.sensed = ElectrodeSet(rawValue: 0x3FF)
            settings.speed = speed
            if case .serial = transport { settings.framing = .cobs }
            do throws(RuntimeError) {
                try SimulatedDevice(settings, at: transport) { words in place.tell(words) }.play(&source)
            } catch {
                place.fail(error)
            }
        }
    }

    /// Where the device is found, once it is there.
    private final class Place: @unchecked Sendable {
        private let monitor = Monitor()
        private var words: String?
        private var problem: RuntimeError?

        func tell(_ words: String) {
            monitor.withLock {
                self.words = words
                monitor.broadcast()
            }
        }

        func fail(_ error: RuntimeError) {
            monitor.withLock {
                problem = error
                monitor.broadcast()
            }
        }

        func wait(for source: String) throws(RuntimeError) -> String {
            monitor.withLock {
                while self.words == nil && self.problem == nil { monitor.wait() }
            }
            if let problem { throw problem }
            return words ?? source
        }
    }
}
