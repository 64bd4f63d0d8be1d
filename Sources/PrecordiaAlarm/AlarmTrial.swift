// Each alarm sound played once, with what became of it: how long after the order it was heard, and what the card had to be helped with.
// Apart from a live session, so that a person can hear and measure a machine's sound before a patient depends on it.

import Glibc
import PrecordiaAlerts
package import PrecordiaHost

/// Plays alarm sounds on a card, or into a file.
package struct AlarmTrial {
    private let configuration: AlarmConfiguration
    private let sounds: [AlarmSound]
    private let bursts: Int
    private let output: ByteOutput

    /// - Parameters:
    ///   - sounds: rows of ``AlarmTable/sounds``, played in this order.
    ///   - bursts: how many of each.
    package init(_ configuration: AlarmConfiguration, sounds: [AlarmSound], bursts: Int, output: ByteOutput) {
        self.configuration = configuration
        self.sounds = sounds
        self.bursts = bursts
        self.output = output
    }

    /// Writes the sounds to a WAV file, through ALSA's `file` plugin.
    ///
    /// - Throws: ``RuntimeError/badSetting(name:value:allowed:)`` for a path that ALSA's syntax cannot take, ``RuntimeError/cannotWrite(file:reason:)``.
    package func record(to path: String) throws(RuntimeError) {
        guard !path.contains(where: { "'\\\n".contains($0) }) else {
            throw .badSetting(name: "--wav", value: path, allowed: "a path without quotes, backslashes and line breaks")
        }
        // ALSA says nothing of a file that it cannot write.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .cannotWrite(file: path, reason: String(cString: strerror(errno))) }
        close(descriptor)
        let device = ALSADevice("file:FILE='\(path)',FORMAT=wav")
        let counters: AlarmCounters
        do throws(SoundProblem) {
            counters = try AlarmRecording.play(sounds, bursts: bursts, configuration: configuration, device: device)
        } catch {
            throw .cannotWrite(file: path, reason: "\(String(cString: strerror(error.code))), says ALSA's file device")
        }
        for sound in sounds { try output.line(Self.row(sound, Text.counted(bursts, "burst"))) }
        try output.line("\(path): \(counters.words)")
        try output.flush()
    }

    /// Plays the sounds on the card.
    ///
    /// - Throws: ``RuntimeError/badSource(source:problem:)`` if the card does not play; the fallback was tried first.
    package func play() throws(RuntimeError) {
        let sounder = AlarmSounder(configuration)
        guard sounder.start() else { throw .badSource(source: name, problem: "the system has no thread left for it") }
        defer { sounder.stop() }
        wait(seconds: 10) { sounder.status != .starting }
        guard sounder.status == .ready, let format = sounder.format else { return try fail(sounder) }
        if let words = sounder.schedulingProblem { try output.line(words) }
        try output.line(Self.words(of: format, name: name))
        for sound in sounds {
            try play(sound, sounder)
            if Interrupt.isRequested { break }
        }
        if let medium = sounds.first(where: { $0.priority == .medium }), let high = sounds.first(where: { $0.priority == .high }) {
            try interrupt(medium, by: high, sounder)
        }
        try output.line(sounder.counters.words)
        try output.flush()
    }

    private var name: String { "sound card \(configuration.device)" }

    private func play(_ sound: AlarmSound, _ sounder: AlarmSounder) throws(RuntimeError) {
        let played = sounder.counters[.bursts]
        sounder.set(sound.priority, sound.melody)
        wait(seconds: 10 + 40 * Double(bursts)) {
            sounder.counters[.bursts] >= played + UInt64(bursts) || sounder.status == .failed
        }
        if sounder.status == .failed { return try fail(sounder) }
        let latency = sounder.latency.map { "heard \(Text.fixed($0 * 1000, decimals: 1)) ms after the order" } ?? "not heard"
        try output.line(Self.row(sound, "\(Text.counted(bursts, "burst")), \(latency)"))
        try output.flush()
        sounder.silence()
        wait(seconds: 0.7) { false }
    }

    /// The more urgent sound is ordered in the first pulse of the other.
    private func interrupt(_ sound: AlarmSound, by other: AlarmSound, _ sounder: AlarmSounder) throws(RuntimeError) {
        sounder.set(sound.priority, sound.melody)
        wait(seconds: 0.1) { false }
        let before = sounder.latency
        sounder.set(other.priority, other.melody)
        wait(seconds: 2) { sounder.latency != before }
        wait(seconds: 1) { false }
        sounder.silence()
        if let latency = sounder.latency, latency != before {
            let words = "\(other.priority.name) ordered within a pulse of \(sound.priority.name)"
            try output.line("\(words): heard \(Text.fixed(latency * 1000, decimals: 1)) ms after the order")
        }
        wait(seconds: 0.5) { false }
    }

    /// Lets the fallback speak as long as one burst, and says what it did.
    private func fail(_ sounder: AlarmSounder) throws(RuntimeError) {
        let problem = sounder.problem?.words ?? "plays nothing, and says no reason"
        let hasFallback = !configuration.command.isEmpty || configuration.bell != nil
        if hasFallback, let sound = sounds.first {
            sounder.set(sound.priority, sound.melody)
            wait(seconds: 3.4) { false }
            sounder.set(.none)
            wait(seconds: 0.1) { false }
        }
        let counters = sounder.counters
        let done = "fallback: \(Text.counted(Int(counters[.bells]), "bell")) rung, \(Text.counted(Int(counters[.commands]), "command")) run"
        try output.line(done + (counters[.commandsFailed] > 0 ? ", \(counters[.commandsFailed]) failed" : ""))
        try output.flush()
        throw .badSource(source: name, problem: problem)
    }

    private func wait(seconds: Double, until isOver: () -> Bool) {
        let end = Monotonic.now() + Int64(seconds * 1e9)
        while Monotonic.now() < end && !isOver() && !Interrupt.isRequested { Monotonic.sleep(until: min(end, Monotonic.now() + 5_000_000)) }
    }

    private static func row(_ sound: AlarmSound, _ words: String) -> String {
        let priority = sound.priority.name.padding(to: 7)
        return "\(priority) \(sound.melody.name.padding(to: 15)) \(Text.counted(sound.pulses, "pulse")), \(words)"
    }

    private static func words(of format: SoundFormat, name: String) -> String {
        let period = Text.fixed(Double(format.period) * 1000 / Double(format.rate), decimals: 1)
        let buffer = Text.fixed(Double(format.buffer) * 1000 / Double(format.rate), decimals: 1)
        return "\(name): \(format.rate) Hz, \(Text.counted(format.channels, "channel")), periods of \(period) ms, buffer of \(buffer) ms"
    }
}

extension String {
    fileprivate func padding(to count: Int) -> String { self + String(repeating: " ", count: max(0, count - self.count)) }
}
