// The stable names of everything that an event can say, as docs/events.md lists them, and a condition's words.
// In one place for JSON lines, tables and the C interface, so that they never disagree.

package import PrecordiaAlerts
package import PrecordiaEngine
import PrecordiaQuality
import PrecordiaSignal

/// Names for the numbers in an event.
package enum EventNames {
    /// The name of an event's kind.
    @_noAllocation @_noLocks
    package static func kind(_ kind: Event.Kind) -> StaticString {
        switch kind {
        case .window: "window"
        case .unknown: "unknown"
        case .heartRate: "heartRate"
        case .alertRaised: "alertRaised"
        case .alertCleared: "alertCleared"
        case .quality: "quality"
        case .gap: "gap"
        case .measurement: "measurement"
        }
    }

    /// The name of a lead by its place, 0...11.
    @_noAllocation @_noLocks
    package static func lead(_ index: Int) -> StaticString {
        switch index {
        case 0: "I"
        case 1: "II"
        case 2: "III"
        case 3: "aVR"
        case 4: "aVL"
        case 5: "aVF"
        case 6: "V1"
        case 7: "V2"
        case 8: "V3"
        case 9: "V4"
        case 10: "V5"
        default: "V6"
        }
    }

    /// The name of an electrode by its place in a set, 0...9: RA, LA, LL, RL, V1 to V6.
    @_noAllocation @_noLocks
    package static func electrode(_ index: Int) -> StaticString {
        switch index {
        case 0: "RA"
        case 1: "LA"
        case 2: "LL"
        case 3: "RL"
        default: lead(index &+ 2)
        }
    }

    /// The name of an alert's priority, 0...4.
    @_noAllocation @_noLocks
    package static func priority(_ priority: UInt8) -> StaticString {
        switch priority {
        case 1: "information"
        case 2: "low"
        case 3: "medium"
        case 4: "high"
        default: "none"
        }
    }

    /// What became of a device, 0...5.
    @_noAllocation @_noLocks
    package static func deviceState(_ state: Int) -> StaticString {
        switch state {
        case 0: "open"
        case 1: "lost"
        case 2: "silent"
        case 3: "streaming"
        case 4: "absent"
        case 5: "restarted"
        default: ""
        }
    }

    /// Bits of an event's reasons in use: those of `QualityReasons`, and ``lapsed``.
    package static var reasonCount: Int { @_noAllocation @_noLocks get { 19 } }

    /// The reason of an alert that ended because nothing is known any more.
    package static var lapsed: UInt32 { @_noAllocation @_noLocks get { 0x8000 } }

    /// The bit and the name of a reason, 0..<``reasonCount``.
    @_noAllocation @_noLocks
    package static func reason(_ index: Int) -> (bit: UInt32, name: StaticString) {
        switch index {
        case 0: (QualityReasons.incomplete.rawValue, "incomplete")
        case 1: (QualityReasons.gap.rawValue, "gap")
        case 2: (QualityReasons.electrodeOff.rawValue, "electrodeOff")
        case 3: (QualityReasons.flat.rawValue, "flat")
        case 4: (QualityReasons.clipped.rawValue, "clipped")
        case 5: (QualityReasons.noisy.rawValue, "noisy")
        case 6: (QualityReasons.outOfRange.rawValue, "outOfRange")
        case 7: (QualityReasons.missingLead.rawValue, "missingLead")
        case 8: (QualityReasons.tooFewLeads.rawValue, "tooFewLeads")
        case 9: (QualityReasons.mains.rawValue, "mains")
        case 10: (QualityReasons.wander.rawValue, "wander")
        case 11: (QualityReasons.muscle.rawValue, "muscle")
        case 12: (QualityReasons.spikes.rawValue, "spikes")
        case 13: (QualityReasons.swapped.rawValue, "swapped")
        case 14: (QualityReasons.absentLeads.rawValue, "absentLeads")
        case 15: (lapsed, "lapsed")
        case 16: (QualityReasons.rhythmAlarmed.rawValue, "rhythmAlarmed")
        case 17: (QualityReasons.paceMarks.rawValue, "paceMarks")
        default: (QualityReasons.unfit.rawValue, "unfit")
        }
    }

    /// A condition of the engine as a person says it.
    @_noAllocation @_noLocks
    package static func words(_ condition: Condition) -> StaticString {
        switch condition {
        case .asystole: "no heartbeat (asystole)"
        case .heartRateHigh: "heart rate high"
        case .heartRateLow: "heart rate low"
        case .electrodeOff: "electrode off"
        case .signalLost: "signal lost"
        case .artefact: "signal too poor for an answer"
        case .deviceLost: "nothing comes from the device"
        case .logFailed: "the log of alerts is not kept"
        case .pause: "pause in the heartbeat"
        case .fibrillationSuspected: "ventricular fibrillation or flutter suspected"
        case .ventricularRunSuspected: "run of ventricular beats suspected"
        case .irregularRhythm: "irregular rhythm"
        case .soundFailed: "alarms cannot be heard"
        case .electrodesSwapped: "limb electrodes swapped"
        case .extremeBradycardia: "extreme bradycardia"
        case .extremeTachycardia: "extreme tachycardia"
        case .leadsFlat: "all leads flat: electrodes or cable, or no heartbeat; look at the patient"
        case .rateWrong: "the device's sampling rate is wrong"
        case .stElevation: "ST elevation"
        case .stDepression: "ST depression"
        case .longQTc: "long QT interval"
        case .atrioventricularBlock: "AV block"
        case .pageFailed: "the page in the browser does not work"
        case .companionFailed: "a program beside the session does not work"
        }
    }

    /// The limb electrodes of an exchange as a person says them, by the value of an `electrodes-swapped` alert.
    @_noAllocation @_noLocks
    package static func swap(_ value: Float) -> StaticString {
        let number: UInt8 = value >= 0 && value < 256 ? UInt8(value) : 0
        return switch LimbSwap(rawValue: number) ?? .none {
        case .none: "none"
        case .rightArmLeftArm: "right arm and left arm"
        case .leftArmLeftLeg: "left arm and left leg"
        case .rightArmLeftLeg: "right arm and left leg"
        case .rightArmRightLeg: "right arm and right leg"
        case .leftArmRightLeg: "left arm and right leg"
        case .armsLegs: "arms and legs"
        }
    }

    /// Counters of an engine.
    package static var counterCount: Int { @_noAllocation @_noLocks get { 14 } }

    /// The name and value of a counter, 0..<``counterCount``.
    @_noAllocation @_noLocks
    package static func counter(_ index: Int, of counters: EngineCounters) -> (name: StaticString, value: UInt64) {
        switch index {
        case 0: ("frames", counters.frames)
        case 1: ("framesMissing", counters.framesMissing)
        case 2: ("framesOutOfOrder", counters.framesOutOfOrder)
        case 3: ("samplesMissing", counters.samplesMissing)
        case 4: ("framesClipped", counters.framesClipped)
        case 5: ("windows", counters.windows)
        case 6: ("windowsUnknown", counters.windowsUnknown)
        case 7: ("alertsRaised", counters.alertsRaised)
        case 8: ("alertsCleared", counters.alertsCleared)
        case 9: ("paceMarks", counters.paceMarks)
        case 10: ("paceMarksUnused", counters.paceMarksUnused)
        case 11: ("paceMarksIgnored", counters.paceMarksIgnored)
        case 12: ("framesBlanked", counters.framesBlanked)
        default: ("eventsDropped", counters.eventsDropped)
        }
    }
}
