// A sound card through ALSA: non-blocking, so that a card that hangs cannot hold the sound thread.
// Every call is one or two of ALSA's; what is done when one fails is SoundLoop's.

import CALSA
import Glibc

/// A PCM device of ALSA by its name: `default`, `plughw:CARD=Device`, or one of the user's asoundrc.
///
/// - Memory: what ALSA takes. Thread: the sound thread alone.
package final class ALSADevice: SoundDevice {
    private let name: String
    private var pcm: OpaquePointer?

    package init(_ name: String) {
        self.name = name
        calsa_be_quiet()
    }

    deinit { close() }

    package func open(_ wish: SoundFormat) throws(SoundProblem) -> SoundFormat {
        close()
        // Without this ALSA remembers the cards, and the configuration, of the first time.
        snd_config_update_free_global()
        let code = snd_pcm_open(&pcm, name, SND_PCM_STREAM_PLAYBACK, Int32(SND_PCM_NONBLOCK))
        guard code == 0, let pcm else {
            self.pcm = nil
            throw SoundProblem(.opening, code: -code)
        }
        do throws(SoundProblem) {
            let format = try Self.setHardware(pcm, wish)
            try Self.setSoftware(pcm, format)
            return format
        } catch {
            close()
            throw error
        }
    }

    package func room() -> Int { pcm.map { snd_pcm_avail_update($0) } ?? Int(-EBADFD) }

    package func delay() -> Int {
        var frames = 0
        guard let pcm else { return Int(-EBADFD) }
        let code = snd_pcm_delay(pcm, &frames)
        return code < 0 ? Int(code) : frames
    }

    package func write(_ frames: UnsafePointer<Int16>, _ count: Int) -> Int {
        pcm.map { snd_pcm_writei($0, frames, snd_pcm_uframes_t(count)) } ?? Int(-EBADFD)
    }

    package func wait(milliseconds: Int32) -> Int { pcm.map { Int(snd_pcm_wait($0, milliseconds)) } ?? Int(-EBADFD) }

    package func prepare() -> Int { pcm.map { Int(snd_pcm_prepare($0)) } ?? Int(-EBADFD) }

    package func resume() -> Int { pcm.map { Int(snd_pcm_resume($0)) } ?? Int(-EBADFD) }

    package func close() {
        if let pcm { snd_pcm_close(pcm) }
        pcm = nil
    }

    private static func setHardware(_ pcm: OpaquePointer, _ wish: SoundFormat) throws(SoundProblem) -> SoundFormat {
        var parameters: OpaquePointer?
        guard snd_pcm_hw_params_malloc(&parameters) == 0, let parameters else { throw SoundProblem(.settingFormat, code: ENOMEM) }
        defer { snd_pcm_hw_params_free(parameters) }
        var channels = UInt32(wish.channels)
        var rate = UInt32(wish.rate)
        var period = snd_pcm_uframes_t(wish.period)
        var buffer = snd_pcm_uframes_t(wish.buffer)
        var direction: Int32 = 0
        try check(snd_pcm_hw_params_any(pcm, parameters))
        try check(snd_pcm_hw_params_set_access(pcm, parameters, SND_PCM_ACCESS_RW_INTERLEAVED))
        try check(snd_pcm_hw_params_set_format(pcm, parameters, sampleFormat))
        try check(snd_pcm_hw_params_set_channels_near(pcm, parameters, &channels))
        try check(snd_pcm_hw_params_set_rate_near(pcm, parameters, &rate, &direction))
        // Times stay as wished where the rate does not.
        period = period * snd_pcm_uframes_t(rate) / snd_pcm_uframes_t(wish.rate)
        buffer = buffer * snd_pcm_uframes_t(rate) / snd_pcm_uframes_t(wish.rate)
        direction = 0
        try check(snd_pcm_hw_params_set_period_size_near(pcm, parameters, &period, &direction))
        try check(snd_pcm_hw_params_set_buffer_size_near(pcm, parameters, &buffer))
        try check(snd_pcm_hw_params(pcm, parameters))
        try check(snd_pcm_hw_params_get_period_size(parameters, &period, &direction))
        try check(snd_pcm_hw_params_get_buffer_size(parameters, &buffer))
        guard period > 0, buffer >= 2 * period, channels > 0 else { throw SoundProblem(.settingFormat, code: EINVAL) }
        return SoundFormat(rate: Int(rate), channels: Int(channels), period: Int(period), buffer: Int(buffer))
    }

    /// Sound starts with the first period: a threshold as large as the buffer would have every underrun followed by the next.
    private static func setSoftware(_ pcm: OpaquePointer, _ format: SoundFormat) throws(SoundProblem) {
        var parameters: OpaquePointer?
        guard snd_pcm_sw_params_malloc(&parameters) == 0, let parameters else { throw SoundProblem(.settingFormat, code: ENOMEM) }
        defer { snd_pcm_sw_params_free(parameters) }
        try check(snd_pcm_sw_params_current(pcm, parameters))
        try check(snd_pcm_sw_params_set_start_threshold(pcm, parameters, snd_pcm_uframes_t(format.period)))
        try check(snd_pcm_sw_params_set_avail_min(pcm, parameters, snd_pcm_uframes_t(format.period)))
        try check(snd_pcm_sw_params(pcm, parameters))
    }

    private static var sampleFormat: snd_pcm_format_t { 1.littleEndian == 1 ? SND_PCM_FORMAT_S16_LE : SND_PCM_FORMAT_S16_BE }

    private static func check(_ code: Int32) throws(SoundProblem) {
        if code < 0 { throw SoundProblem(.settingFormat, code: -code) }
    }
}

extension ALSADevice {
    /// The names of devices that can play, with ALSA's words about each.
    package static func list() -> [(name: String, words: String)] {
        calsa_be_quiet()
        var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
        guard snd_device_name_hint(-1, "pcm", &hints) == 0, let hints else { return [] }
        defer { snd_device_name_free_hint(hints) }
        var found: [(name: String, words: String)] = []
        var next = hints
        while let hint = next.pointee {
            next += 1
            guard let name = text(hint, "NAME"), text(hint, "IOID") != "Input" else { continue }
            let words = text(hint, "DESC")?.split(separator: "\n").joined(separator: ", ") ?? ""
            found.append((name, words))
        }
        return found
    }

    private static func text(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
        guard let text = snd_device_name_get_hint(hint, key) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
