// What the sound thread asks of a sound card, and what can be wrong with one.
// A protocol, so that a test's card can fail in every way at any call; ALSADevice is the real one.

import Glibc

/// How samples go to a card: 16 bits signed, the same on every channel.
package struct SoundFormat: Equatable, Sendable {
    /// Frames a second.
    package var rate: Int
    package var channels: Int
    /// Frames that are written at a time, and frames that the card holds.
    package var period: Int
    package var buffer: Int

    package init(rate: Int, channels: Int, period: Int, buffer: Int) {
        self.rate = rate
        self.channels = channels
        self.period = period
        self.buffer = buffer
    }
}

/// A sound card. Counts are frames; a negative result is an errno, as ALSA gives it. No call may wait but `wait`.
///
/// - Thread: the sound thread alone.
package protocol SoundDevice: AnyObject {
    /// Opens the card as near to `wish` as it can.
    func open(_ wish: SoundFormat) throws(SoundProblem) -> SoundFormat
    /// Frames that can be written now.
    func room() -> Int
    /// Frames between the next one written and the one that is heard.
    func delay() -> Int
    /// Writes frames, possibly fewer than `count`. The memory holds `count` times the format's channels samples.
    func write(_ frames: UnsafePointer<Int16>, _ count: Int) -> Int
    /// Waits until a period can be written, at most `milliseconds`: 1 if it can, 0 if the time is over.
    func wait(milliseconds: Int32) -> Int
    /// Makes the card ready after an underrun.
    func prepare() -> Int
    /// Wakes the card after the machine slept; -EAGAIN while it is not awake yet.
    func resume() -> Int
    /// Lets go of the card. What it has not played yet is lost.
    func close()
}

/// Why there is no sound.
package struct SoundProblem: Error, Equatable, Sendable {
    /// What was being done.
    package enum Stage: UInt8, Sendable {
        case opening = 1
        case settingFormat = 2
        case writing = 3
        case preparing = 4
        case resuming = 5
        /// The card took nothing for ``SoundLoop/stallLimit``; the code is ETIMEDOUT.
        case stalled = 6
        /// The card had to be recovered ``SoundLoop/strikeLimit`` times without a second of sound between; the code is that of the last time.
        case unstable = 7
    }

    package var stage: Stage
    /// An errno, above 0.
    package var code: Int32

    package init(_ stage: Stage, code: Int32) {
        self.stage = stage
        self.code = code
    }

    /// For a person: what does not work, why, and what would be right.
    package var words: String {
        let reason = String(cString: strerror(code))
        let what =
            switch stage {
            case .opening: "cannot be opened, \(reason)"
            case .settingFormat: "refuses 16 bits at the rate asked for, \(reason)"
            case .writing: "takes no sound, \(reason)"
            case .preparing: "does not start again after an underrun, \(reason)"
            case .resuming: "does not wake up, \(reason)"
            case .stalled: "has stopped taking sound"
            case .unstable: "fails again and again, \(reason)"
            }
        return "\(what); \(remedy)"
    }

    private var remedy: String {
        switch (stage, code) {
        case (.opening, _) where access("/dev/snd", F_OK) != 0: "this machine has no sound hardware that Linux knows, no /dev/snd"
        case (.opening, EACCES), (.opening, EPERM): "the user must be in the group audio"
        case (.opening, EBUSY): "another program holds it: close that, or choose a device that mixes, such as default"
        case (.opening, _): "`precordia alarm-test --list` names those that are there"
        case (.settingFormat, _): "the same card as plughw: instead of hw: converts"
        default: "it is opened again as soon as it is there; look at its plug and power"
        }
    }
}
