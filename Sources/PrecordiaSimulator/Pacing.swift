// The simulated pacemaker. Apart from the rhythm, because a pulse and the heart's answer to it are two things.

/// What the pacemaker of ``Rhythm/paced`` does.
package struct Pacing: Sendable, Equatable {
    /// Whether the heart answers. If not, the pulses go on and nothing else does.
    package var captures = true
    /// A pulse's height times its length in lead I without 0.9, millivolts times milliseconds: 4 is a bipolar lead's after a recorder's filter,
    /// 1400 the largest that a monitor is tested with (700 mV, 2 ms); the converter clips most of that.
    package var strength = 4.0

    @_noAllocation @_noLocks package init(captures: Bool = true, strength: Double = 4) {
        self.captures = captures
        self.strength = strength
    }
}
