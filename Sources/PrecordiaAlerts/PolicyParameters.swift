// The engine's own alert limits, in one place.
// They are data: an integrator or a policy file overrides any of them before start.

/// Limits and priorities of the engine's own conditions, for hops of 1 s; ``stretched(by:)`` makes those for shorter ones.
///
/// Thresholds, priorities and persistence of a model's statements come from the model file.
///
/// The defaults are a first choice for adults. They are not taken from a clinical study, and a device maker replaces them.
public struct PolicyParameters: Sendable {
    /// More than 4 s without a beat, at once; over when 6 hops in a row saw a beat in the last 2 s: an artefact may count as one. Never lapses: a signal that
    /// is lost after an asystole does not end it.
    public var asystole = AlertRule(threshold: 4, release: 0.5, required: 1, hops: 6, priority: .high)
    /// 130 beats a minute in 3 of 5 hops; over below 123.5.
    public var heartRateHigh = AlertRule(
        threshold: 130, release: 0.95, required: 3, hops: 5, holdOff: 10, lapse: 30, priority: .medium)
    /// Below 40 beats a minute in 3 of 5 hops; over from 42.1.
    public var heartRateLow = AlertRule(
        threshold: 40, side: .below, release: 0.95, required: 3, hops: 5, holdOff: 10, lapse: 30, priority: .medium)
    /// One electrode off, at once; over after 2 hops with all attached; medium priority after 60 hops.
    public var electrodeOff = AlertRule(
        threshold: 1, release: 1, required: 1, hops: 2, priority: .low, escalatedPriority: .medium, escalation: 60)
    /// In 2 of 3 hops no usable signal, one measured lead left of three and more, or no rhythm that could be vouched for in the last 8 s; over after 3 hops without.
    public var signalLost = AlertRule(threshold: 1, release: 1, required: 2, hops: 3, priority: .high)
    /// The quality gate says unknown, at once; over at the first hop that does not.
    public var artefact = AlertRule(threshold: 1, release: 1, required: 1, hops: 1, priority: .information)
    /// 2 s without a valid block of the device, or at once when its line is gone; over with the next frame. Raised by whoever holds the line.
    public var deviceLost = AlertRule(threshold: 2, release: 1, required: 1, hops: 1, priority: .high)
    /// No alarm can be heard, at once; over when the sound card plays again. Raised by whoever sounds alarms.
    public var soundFailed = AlertRule(threshold: 1, release: 1, required: 1, hops: 1, priority: .high)

    /// 3 s without a beat, at once; over when 3 hops in a row had no interval of 1.5 s or more.
    public var pause = AlertRule(threshold: 3, release: 0.5, required: 1, hops: 3, holdOff: 5, lapse: 30, priority: .medium)
    /// 2 s of signal like ventricular fibrillation or flutter, after the 4 s that a look takes; over when 3 hops in a row saw none.
    public var fibrillationSuspected = AlertRule(threshold: 2, release: 0.2, required: 1, hops: 3, priority: .high)
    /// 5 ventricular beats in a row at 100 a minute or more, at once; over when 3 hops in a row had a run of 2 at most.
    public var ventricularRunSuspected = AlertRule(threshold: 5, release: 0.6, required: 1, hops: 3, priority: .high)
    /// Successive intervals that differ by 12 % for half a minute, 28 of 30 hops; over below 7 %. No priority but that of information: what
    /// the classifier says of atrial fibrillation counts.
    public var irregularRhythm = AlertRule(
        threshold: 12, release: 0.6, required: 28, hops: 30, holdOff: 60, lapse: 60, priority: .information)
    /// Limb electrodes at each other's places in 5 of 10 hops; over after 10 hops without.
    public var electrodesSwapped = AlertRule(threshold: 1, release: 1, required: 5, hops: 10, priority: .low)

    /// The log is not kept, at once; over when it is again. Raised by whoever feeds the log.
    public var logFailed = AlertRule(threshold: 1, release: 1, required: 1, hops: 1, priority: .low)

    /// The page does not run, at once; over when it does again. Raised by whoever feeds it.
    public var pageFailed = AlertRule(threshold: 1, release: 1, required: 1, hops: 1, priority: .low)
    /// Another program beside the session does not run, likewise.
    public var companionFailed = AlertRule(threshold: 1, release: 1, required: 1, hops: 1, priority: .low)

    /// Below 40 beats a minute over 5 beats, at once; over from 42.1 in 10 hops in a row: artefacts may count as beats.
    public var extremeBradycardia = AlertRule(threshold: 40, side: .below, release: 0.95, required: 1, hops: 10, priority: .high)
    /// 140 beats a minute and more over 17 beats, at once; over below 133 in 6 hops in a row: beats may be missed.
    public var extremeTachycardia = AlertRule(threshold: 140, release: 0.95, required: 1, hops: 6, priority: .high)
    /// Every attached lead stands still, in 2 of 3 hops; over after 3 hops in which one moved.
    public var leadsFlat = AlertRule(threshold: 1, release: 1, required: 2, hops: 3, priority: .high)
    /// The samples contradict the rate that the device says, at once; over when they agree again. Raised by whoever holds the line.
    public var rateWrong = AlertRule(threshold: 1, release: 1, required: 1, hops: 1, priority: .high)

    /// ST raised to its limit (by lead, age and sex) in 30 of 32 hops, some 40 s with what a measurement looks back on: ST alarms are delayed, as Drew 2014 advises. Over
    /// below 0.8 of it. Of an engine that measures; so are the next three.
    public var stElevation = AlertRule(threshold: 1, release: 0.8, required: 30, hops: 32, holdOff: 60, lapse: 60, priority: .medium)
    /// ST lowered to its limit in 30 of 32 hops; over below 0.8 of it.
    public var stDepression = AlertRule(threshold: 1, release: 0.8, required: 30, hops: 32, holdOff: 60, lapse: 60, priority: .low)
    /// QTc of 500 ms and more (AHA/ACC 2010) in 30 of 32 hops; over below 480.
    public var longQTc = AlertRule(threshold: 500, release: 0.96, required: 30, hops: 32, holdOff: 60, lapse: 60, priority: .low)
    /// PR of 300 ms and more, or dropped beats, in 20 of 32 hops; over with PR below 300 ms and no dropped beat.
    public var atrioventricularBlock = AlertRule(
        threshold: 1.5, release: 0.8, required: 20, hops: 32, holdOff: 60, lapse: 60, priority: .medium)

    /// Unknown hops after which an active statement lapses.
    public var labelLapse: UInt16 = 30

    public init() {}

    /// The rule of one of the engine's own conditions.
    public func rule(for condition: Condition) -> AlertRule {
        switch condition {
        case .asystole: asystole
        case .heartRateHigh: heartRateHigh
        case .heartRateLow: heartRateLow
        case .electrodeOff: electrodeOff
        case .signalLost: signalLost
        case .artefact: artefact
        case .deviceLost: deviceLost
        case .pause: pause
        case .fibrillationSuspected: fibrillationSuspected
        case .ventricularRunSuspected: ventricularRunSuspected
        case .irregularRhythm: irregularRhythm
        case .soundFailed: soundFailed
        case .electrodesSwapped: electrodesSwapped
        case .logFailed: logFailed
        case .extremeBradycardia: extremeBradycardia
        case .extremeTachycardia: extremeTachycardia
        case .leadsFlat: leadsFlat
        case .rateWrong: rateWrong
        case .stElevation: stElevation
        case .stDepression: stDepression
        case .longQTc: longQTc
        case .atrioventricularBlock: atrioventricularBlock
        case .pageFailed: pageFailed
        case .companionFailed: companionFailed
        }
    }

    /// The same rules in seconds, for hops `factor` times as short.
    public func stretched(by factor: Int) -> PolicyParameters {
        var all = self
        all.asystole = asystole.stretched(by: factor)
        all.heartRateHigh = heartRateHigh.stretched(by: factor)
        all.heartRateLow = heartRateLow.stretched(by: factor)
        all.electrodeOff = electrodeOff.stretched(by: factor)
        all.signalLost = signalLost.stretched(by: factor)
        all.artefact = artefact.stretched(by: factor)
        all.pause = pause.stretched(by: factor)
        all.fibrillationSuspected = fibrillationSuspected.stretched(by: factor)
        all.ventricularRunSuspected = ventricularRunSuspected.stretched(by: factor)
        all.irregularRhythm = irregularRhythm.stretched(by: factor)
        all.electrodesSwapped = electrodesSwapped.stretched(by: factor)
        all.extremeBradycardia = extremeBradycardia.stretched(by: factor)
        all.extremeTachycardia = extremeTachycardia.stretched(by: factor)
        all.leadsFlat = leadsFlat.stretched(by: factor)
        all.stElevation = stElevation.stretched(by: factor)
        all.stDepression = stDepression.stretched(by: factor)
        all.longQTc = longQTc.stretched(by: factor)
        all.atrioventricularBlock = atrioventricularBlock.stretched(by: factor)
        all.labelLapse = UInt16(clamping: Int(labelLapse) * factor)
        return all
    }
}
