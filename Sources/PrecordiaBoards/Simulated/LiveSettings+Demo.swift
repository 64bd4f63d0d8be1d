// The demonstration's settings: a live session as any other, whose device is the simulator.
// Beside the simulated device, because a session knows none.

package import PrecordiaHost
package import PrecordiaLive
import PrecordiaPolicy
package import PrecordiaSession

extension LiveSettings {
    /// The demonstration: the simulator as a device, under the bedside's policy. Starts the device.
    package static func demo(
        model: LoadedModel, rate: Int = 500, seed: UInt64 = 1, seconds: Double = 92, speed: Speed
    ) throws(RuntimeError) -> LiveSettings {
        // The device goes on for a while, so that the session ends it and not it the session.
        let source = try SimulatedSource.start("demo", rate: rate, seed: seed, seconds: seconds + 60, speed: speed)
        var settings = LiveSettings(source: source)
        settings.name = "simulated patient"
        settings.note = "simulated, no patient; Ctrl-C ends"
        settings.policy = try AlarmPolicy.load("bedside", model: model)
        settings.reopens = false
        settings.seconds = seconds
        settings.keepsTime = speed == .times(1)
        return settings
    }
}
