// What an installation may choose about its sound.
// Plain values: whoever reads a policy or a command line fills them.

/// Settings of an ``AlarmSounder``.
package struct AlarmConfiguration: Sendable {
    /// The device, by ALSA's name.
    package var device = "default"
    /// Rate, channels, period and buffer to ask for. A card may give others.
    ///
    /// Periods of 10 ms and a buffer of four: an order is seen after 10 ms at most and heard 40 ms later at most, and the thread may be kept from
    /// running for 30 ms before the card is empty.
    package var format = SoundFormat(rate: 48_000, channels: 1, period: 480, buffer: 1920)
    /// Level in decibels, -30 to 0; 0 is as loud as the card's own volume lets it be.
    package var volume = 0.0
    /// SCHED_FIFO priority of the sound thread, 1 to 99; nil for the system's ordinary scheduling.
    package var realTimePriority: Int?
    /// Whether a device that takes sound faster than it can be heard is held back to the clock.
    package var isPaced = true
    /// Where the fallback rings a bell while there is no sound: a terminal or the console; nil for no bell.
    package var bell: String? = "/dev/tty"
    /// A program and its arguments that the fallback runs, with the priority's name behind them, when what should be heard changes while there is no
    /// sound: for a lamp, or a nurse call. Empty for none.
    package var command: [String] = []

    package init() {}

    /// The quietest volume: a lower one would be silence by another name.
    package static let quietest = -30.0
}
