// Alarm sounds played as fast as a device takes them: into a file, to be heard elsewhere or measured.
// The sound thread's own steps, by a clock that counts the frames instead of the time.

import Glibc
import PrecordiaAlerts
import Synchronization

/// Plays sounds through a device that does not keep time, such as ALSA's `file`.
package enum AlarmRecording {
    /// Plays whole bursts of each sound with the pauses between them, and half a second of silence after each sound.
    ///
    /// - Returns: what was counted.
    /// - Throws: the device's ``SoundProblem``; none is recovered here.
    package static func play(
        _ sounds: [AlarmSound], bursts: Int, configuration: AlarmConfiguration, device: any SoundDevice
    ) throws(SoundProblem) -> AlarmCounters {
        var configuration = configuration
        configuration.isPaced = false
        let state = SounderState()
        state.gain.store(AlarmSounder.gain(configuration.volume), ordering: .relaxed)
        var loop = SoundLoop(configuration, device: device, state: state, fallback: NoFallback())
        defer { device.close() }
        for (index, sound) in sounds.enumerated() {
            var order = AlarmOrder()
            order.priority = sound.priority
            order.melody = sound.melody
            state.order.store(order.word, ordering: .releasing)
            while state.counters[.bursts] < UInt64((index + 1) * bursts) { try step(&loop, configuration) }
            state.order.store(0, ordering: .releasing)
            let end = state.counters[.periods] + UInt64(configuration.format.rate / 2 / configuration.format.period)
            while state.counters[.periods] < end { try step(&loop, configuration) }
        }
        return state.counters
    }

    /// Steps until a period more was taken.
    private static func step(_ loop: inout SoundLoop, _ configuration: AlarmConfiguration) throws(SoundProblem) {
        let state = loop.state
        let taken = state.counters[.periods]
        let format = state.soundFormat ?? configuration.format
        let now = 1 + Int64(taken) * Int64(format.period) * 1_000_000_000 / Int64(format.rate)
        // By this clock a card that takes nothing would never have hung for long.
        for _ in 0..<100 {
            _ = loop.step(at: now)
            if state.status.load(ordering: .relaxed) == AlarmStatus.failed.rawValue { break }
            if state.counters[.periods] > taken { return }
        }
        throw state.soundProblem ?? SoundProblem(.stalled, code: ETIMEDOUT)
    }
}

/// Where there is nobody to fall back to.
private final class NoFallback: AlarmFallback {
    func ring() {}
    func tell(_ priority: AlertPriority) {}
}
