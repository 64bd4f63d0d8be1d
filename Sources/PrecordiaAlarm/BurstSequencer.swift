// Which pulse sounds when: bursts, their repetition, and the change from one sound to another.
// It counts frames and knows no clock and no sound card, so that its tests are exact.

import PrecordiaAlerts

/// Fills blocks with the alarm that is wanted.
///
/// A pulse is never cut. A higher priority, or a person who silences, ends a burst after the pulse that is sounding; an alarm that is over, or
/// gives way to a lower one, completes its group of pulses first, so that a short alarm can be recognised.
///
/// - Rate: the sound card's. Thread: the sound thread. Cost: a copy. Allocates nothing.
struct BurstSequencer {
    /// What happened within a block.
    struct News: Equatable {
        /// Pulses and bursts that began, bursts that were played to their last pulse, and bursts that were left before it.
        var pulsesBegun = 0
        var burstsEnded = 0
        var burstsCut = 0
        /// The frame at which a sound is first heard that is more urgent than what was wanted before it.
        var firstHeard: Int?
    }

    private let sounds: [RenderedSound]
    /// The sound of the burst that has begun, and of the pause after it.
    private var playing: Int?
    /// The pulse that sounds or comes next; 0 after the last.
    private var pulse = 0
    /// The frame of the pulse that sounds; nil between pulses.
    private var position: Int?
    /// Frames since the last pulse.
    private var rest = Int.max / 2
    private var gain: Int32 = 0

    private var wanted: Int?
    private var isCut = false
    private var isFresh = false
    private var isUnheard = false

    /// - Parameter sounds: ``AlarmTable/sounds`` as samples, in that order.
    init(_ sounds: [RenderedSound]) { self.sounds = sounds }

    /// Says what is to sound from now on.
    ///
    /// - Parameters:
    ///   - sound: its index, or nil for silence.
    ///   - isCut: whether a burst that is sounding is left after its pulse, whatever follows.
    ///   - isFresh: whether a new alarm has come; of the same sound, its next burst comes earlier.
    mutating func want(_ sound: Int?, isCut: Bool, isFresh: Bool) {
        if rank(sound) != rank(wanted) { isUnheard = rank(sound) > rank(wanted) }
        wanted = sound
        self.isCut = isCut
        if isFresh { self.isFresh = true }
    }

    private func rank(_ sound: Int?) -> UInt8 { sound.map { sounds[$0].priority.rawValue } ?? 0 }

    /// Begins the burst that is wanted anew: the sound card was away.
    mutating func beginAgain() {
        playing = nil
        pulse = 0
        position = nil
        rest = Int.max / 2
    }

    /// Fills `count` frames of one channel.
    ///
    /// - Parameter gain: of 32,768; a pulse keeps the gain with which it began.
    mutating func render(_ block: UnsafeMutablePointer<Int16>, _ count: Int, gain: Int32) -> News {
        var news = News()
        var filled = 0
        while filled < count {
            if let position {
                filled += play(block + filled, count - filled, from: position, &news)
                continue
            }
            leave(&news)
            let due = self.due
            if rest >= due {
                begin(at: filled, gain, &news)
                continue
            }
            let silent = min(count - filled, due - rest)
            (block + filled).update(repeating: 0, count: silent)
            filled += silent
            rest = min(rest + silent, Int.max / 2)
        }
        return news
    }

    private mutating func play(_ block: UnsafeMutablePointer<Int16>, _ count: Int, from start: Int, _ news: inout News) -> Int {
        let sound = sounds[playing!]
        let rest = sound.pulses[pulse].count - start
        let played = min(count, rest)
        sound.pulses[pulse].withUnsafeBufferPointer { samples in
            for frame in 0..<played { block[frame] = Int16(truncatingIfNeeded: (Int32(samples[start + frame]) * gain) >> 15) }
        }
        guard played == rest else {
            position = start + played
            return played
        }
        position = nil
        self.rest = 0
        pulse += 1
        if pulse == sound.pulses.count {
            pulse = 0
            news.burstsEnded += 1
        }
        return played
    }

    /// Gives up the sound that was playing if another is wanted and it may be left here.
    private mutating func leave(_ news: inout News) {
        guard let playing, wanted != playing else { return }
        let sound = sounds[playing]
        guard isCut || rank(wanted) > rank(playing) || pulse % sound.group == 0 else { return }
        if pulse > 0 { news.burstsCut += 1 }
        self.playing = nil
        pulse = 0
    }

    /// Frames of rest after which the next pulse begins.
    private var due: Int {
        guard let playing else { return wanted.map { sounds[$0].approach } ?? Int.max }
        let sound = sounds[playing]
        if pulse > 0 { return sound.rests[pulse - 1] }
        return isFresh ? sound.shortestInterburst : sound.rests[sound.rests.count - 1]
    }

    private mutating func begin(at frame: Int, _ gain: Int32, _ news: inout News) {
        if playing == nil { playing = wanted }
        if pulse == 0 { isFresh = false }
        if isUnheard, playing == wanted {
            isUnheard = false
            news.firstHeard = frame
        }
        self.gain = gain
        position = 0
        news.pulsesBegun += 1
    }
}
