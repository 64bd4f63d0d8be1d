// The conditions that the engine finds without a model, with names that never change.
// Labels of a model come after them in the policy's numbering.

/// A condition that belongs to the engine and not to a model. The raw value is its index in an ``AlertPolicy``;
/// the label `n` of a model has the index `Condition.count + n`.
public enum Condition: Int, Sendable {
    /// No beat in usable signal; the value is ``BeatDetector/secondsWithoutBeat``.
    case asystole = 0
    /// Heart rate above a limit; the value is beats a minute.
    case heartRateHigh = 1
    /// Heart rate below a limit; the value is beats a minute.
    case heartRateLow = 2
    /// The device reports electrodes off; the value is how many.
    case electrodeOff = 3
    /// No signal that a rhythm could be told from: none at all, a single lead left of three and more, or one in which nobody can vouch for beats; the value is 1
    /// while it lasts, 0 otherwise.
    case signalLost = 4
    /// The quality gate says unknown; the value is 1 while it lasts, 0 otherwise.
    case artefact = 5
    /// The device sends nothing: it is unplugged, or silent. Not the engine's, which has no clock, but raised by whoever holds the line; the value
    /// is seconds since the last frame.
    case deviceLost = 6
    /// A long time without a beat that ended with one, or lasts; the value is ``RhythmReport/pause``.
    case pause = 7
    /// The signal looks like ventricular fibrillation or flutter; the value is ``RhythmReport/fibrillation``.
    case fibrillationSuspected = 8
    /// A run of ventricular beats; the value is ``RhythmReport/ventricularRun``.
    case ventricularRunSuspected = 9
    /// Intervals that differ without a pattern; the value is ``RhythmReport/irregularity``.
    case irregularRhythm = 10
    /// Limb electrodes seem to be at each other's places; the value is a ``LimbSwap``, 0 for none.
    case electrodesSwapped = 11
    /// Alarms cannot be heard: the sound card is missing or fails. Not the engine's either, but raised by whoever sounds alarms; the value is 1
    /// while it lasts, 0 otherwise.
    case soundFailed = 12

    /// The log of alerts cannot be kept. Not the engine's, but raised by whoever feeds the log; the value is 1 where only the ECG of alerts is not
    /// stored, 2 where alerts are not, 3 where nobody keeps the log.
    case logFailed = 13

    /// A heart rate that lets too little blood flow; the value is ``RhythmReport/slowest``.
    case extremeBradycardia = 14
    /// A heart rate so high that little blood flows; the value is ``RhythmReport/fastest``.
    case extremeTachycardia = 15
    /// Every attached lead stands still, at a rail or anywhere: electrodes or cable, or a heart without any activity; the value is 1 while it lasts.
    case leadsFlat = 16

    /// The samples come at another rate than the device says, by its clock or the host's: no time and no heart rate is right. Not the engine's, but raised
    /// by whoever holds the line and a clock; the value is the rate at which they come, hertz.
    case rateWrong = 17

    /// ST raised in two neighbouring leads; the value is by how many times its limit, of the lesser of the two. Of an engine that measures alone, as the
    /// three that follow.
    case stElevation = 18
    /// ST lowered in two neighbouring leads; the value is by how many times its limit, of the lesser of the two.
    case stDepression = 19
    /// A long QT interval, corrected for the rate; the value is milliseconds.
    case longQTc = 20
    /// Beats that do not reach the ventricles, or late; the value is 1 of PR above 200 ms, 1.5 from 300 ms on, 2 where beats are dropped.
    case atrioventricularBlock = 21
    /// The page in the browser does not run, or hangs: who looks there sees nothing. Not the engine's, but raised by whoever feeds the page's program; the
    /// value is 3 where it does not run or hangs, less where it says itself that something hinders it.
    case pageFailed = 22
    /// The same of any other program beside the session.
    case companionFailed = 23

    /// Conditions that every policy has, and the index of a model's first label.
    public static var count: Int { @_noAllocation @_noLocks get { 24 } }

    /// Whether it tells of the equipment and not of the patient.
    public var isTechnical: Bool {
        switch self {
        case .asystole, .heartRateHigh, .heartRateLow, .pause, .fibrillationSuspected, .ventricularRunSuspected, .irregularRhythm,
            .extremeBradycardia, .extremeTachycardia, .stElevation, .stDepression, .longQTc, .atrioventricularBlock:
            false
        case .electrodeOff, .signalLost, .artefact, .deviceLost, .electrodesSwapped, .soundFailed, .logFailed, .leadsFlat,
            .rateWrong, .pageFailed, .companionFailed:
            true
        }
    }

    /// Whether it is raised by the session, which outlives streams, and not by the engine.
    public var isOfSession: Bool {
        @_noAllocation @_noLocks get {
            switch self {
            case .deviceLost, .soundFailed, .logFailed, .rateWrong, .pageFailed, .companionFailed: true
            default: false
            }
        }
    }

    /// The stable name, as events and files spell it.
    public var name: StaticString {
        @_noAllocation @_noLocks get {
            switch self {
            case .asystole: "asystole"
            case .heartRateHigh: "heart-rate-high"
            case .heartRateLow: "heart-rate-low"
            case .electrodeOff: "electrode-off"
            case .signalLost: "signal-lost"
            case .artefact: "artefact"
            case .deviceLost: "device-lost"
            case .pause: "pause"
            case .fibrillationSuspected: "vf-suspected"
            case .ventricularRunSuspected: "vt-suspected"
            case .irregularRhythm: "irregular-rhythm"
            case .electrodesSwapped: "electrodes-swapped"
            case .soundFailed: "sound-failed"
            case .logFailed: "log-failed"
            case .extremeBradycardia: "extreme-bradycardia"
            case .extremeTachycardia: "extreme-tachycardia"
            case .leadsFlat: "leads-flat"
            case .rateWrong: "rate-wrong"
            case .stElevation: "st-elevation"
            case .stDepression: "st-depression"
            case .longQTc: "qtc-long"
            case .atrioventricularBlock: "av-block"
            case .pageFailed: "page-failed"
            case .companionFailed: "companion-failed"
            }
        }
    }
}
