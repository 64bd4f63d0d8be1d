// Pacing pulses as the device tells them: which still blank the signal, which may have called a beat, and which no pacemaker makes.
// Apart from the beat monitor, because whether a mark may be believed depends on marks alone.

import PrecordiaSignal

/// Pacing pulses that are still to come, or ended within the last 0.6 s.
///
/// A device that takes each QRS, or its own noise, for a pulse must hide no rhythm. So marks are believed only as often as a pacemaker can make them, and the
/// share of signal that they may blank is bounded whatever they say.
struct PaceQueue {
    struct Pulse {
        var position: Int64 = -1
        /// The samples that are cut out: `first`..<`end`.
        var first: Int64 = -1
        var end: Int64 = -1
    }

    /// Marks that were not believed.
    private(set) var ignored: Int64 = 0
    /// Samples that pulses have blanked.
    private(set) var blanked: Int64 = 0
    private var isBelieved = true

    private var pulses = InlineArray<16, Pulse>(repeating: Pulse())
    private var count = 0
    /// How long a pulse is known after its end, samples: longer than the latest judgement of a beat that it may have called.
    private let memory: Int64

    /// The beginnings of the last groups of marks, the oldest at `next`. Marks within 100 ms of a group's first, as those of a pacemaker with leads in both
    /// ventricles, are one group.
    private var groups = InlineArray<16, Int64>(repeating: .min / 2)
    private var next = 0
    private let group: Int64
    /// Sixteen groups within this time, fifteen intervals of 4.5 a second, are too many: atrium and ventricle at 130 a minute make 4.3, a burst against
    /// tachycardia is over sooner.
    private let span: Int64
    /// Until when marks are not believed: 10 s after the last that came too fast.
    private var doubtedUntil: Int64 = .min
    private let doubt: Int64
    /// Samples that may still be blanked, in thirds; all marks together blank a third of the signal at most, and half a second on end.
    private var credit: Int64
    private let creditLimit: Int64
    /// What jumps and was not told: the samples that are cut out for it.
    private var jumpFirst: Int64 = .max
    private var jumpEnd: Int64 = .min

    @_noAllocation @_noLocks
    init(rate: Int) {
        memory = Int64(rate) &* 6 / 10
        group = Int64(rate) / 10
        span = Int64(rate) &* 10 / 3
        doubt = Int64(rate) &* 10
        creditLimit = Int64(rate)
        credit = Int64(rate)
    }

    /// Whether marks came as seldom as a pacemaker's in the 10 s before `position`.
    @_noAllocation @_noLocks
    func believes(at position: Int64) -> Bool { isBelieved || position >= doubtedUntil }

    /// Takes a mark; false if too many wait, or it is not believed.
    @_noAllocation @_noLocks
    mutating func add(_ pulse: Pulse) -> Bool {
        judge(pulse.position)
        guard isBelieved else {
            ignored &+= 1
            return false
        }
        guard count < 16 else { return false }
        pulses[count] = pulse
        count &+= 1
        return true
    }

    /// Takes a jump of the signal that no heart makes and that nobody told: it is cut out as a pulse of 2 ms is, and calls no beat.
    @_noAllocation @_noLocks
    mutating func addJump(first: Int64, end: Int64) {
        guard first >= jumpEnd else { return }
        jumpFirst = first
        jumpEnd = end
    }

    /// Cuts out more behind the last jump.
    @_noAllocation @_noLocks
    mutating func extendJump(to end: Int64) { if jumpFirst < .max, end > jumpEnd { jumpEnd = end } }

    /// Whether marks come faster than a pacemaker's.
    private mutating func judge(_ position: Int64) {
        let latest = groups[(next &+ 15) & 15]
        let isSame = position &- latest < group && latest &- position < group
        if !isSame {
            groups[next] = position
            next = (next &+ 1) & 15
            let oldest = groups[next]
            if position &- oldest < span {
                isBelieved = false
                doubtedUntil = position &+ doubt
                count = 0
            }
        }
        if !isBelieved, position >= doubtedUntil { isBelieved = true }
    }

    /// Whether the sample at `position` is to be cut out. Forgets what is long over.
    @inline(__always)
    @_noAllocation @_noLocks
    mutating func covers(_ position: Int64) -> Bool {
        let isInJump = position >= jumpFirst && position < jumpEnd
        return (isInJump || (count > 0 && search(position))) && credit >= 3
    }

    /// The same for the sample that is heard now, once for each: what it blanks is counted.
    @inline(__always)
    @_noAllocation @_noLocks
    mutating func blanks(_ position: Int64) -> Bool {
        if credit < creditLimit { credit &+= 1 }
        guard covers(position) else { return false }
        credit &-= 3
        blanked &+= 1
        return true
    }

    private mutating func search(_ position: Int64) -> Bool {
        var found = false
        var index = 0
        while index < count {
            let pulse = pulses[index]
            if position &- pulse.end > memory {
                count &-= 1
                pulses[index] = pulses[count]
                continue
            }
            if position >= pulse.first, position < pulse.end { found = true }
            index &+= 1
        }
        return found
    }

    /// Whether a pulse lies at most `time` before `position`, or within a tenth of it after.
    @_noAllocation @_noLocks
    func answered(by position: Int64, within time: Int64) -> Bool {
        for index in 0..<count {
            let distance = position &- pulses[index].position
            if distance > -(time / 10), distance <= time { return true }
        }
        return false
    }
}
