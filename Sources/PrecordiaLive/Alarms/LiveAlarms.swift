// The alarms of a live session: the policy's board, the sound, and what people press.
// Between the engine's thread, which feeds it, and the sound's, which it only ever tells.

import Glibc
import PrecordiaAlarm
import PrecordiaAlerts
import PrecordiaDevice
import PrecordiaEngine
import PrecordiaHost
package import PrecordiaPolicy
import PrecordiaReport
import Synchronization

/// What a person may press.
package enum AlarmKey: UInt32, Sendable {
    /// I have seen them: silence until something new.
    case acknowledge = 1
    /// Silence for the time that the policy says; again, and it goes on.
    case pause = 2
    /// Alarms off, or on again.
    case off = 4
}

/// Runs a policy's board in a live session.
///
/// - Thread: the engine's, but for ``press(_:)``, which any may call. Nothing here waits, and nothing allocates after init but ``keep()``.
package final class LiveAlarms: @unchecked Sendable {
    package let policyBoard: PolicyBoard
    let sounder: AlarmSounder?
    /// Why nothing sounds where there is no sounder, in words.
    let silence: String
    /// The fallback's program; empty for none.
    let program: String
    private let stateFile: AlarmStateFile?
    private let pressed = Atomic<UInt32>(0)
    private var told = AlarmSignal()
    private var watch = SoundWatch()
    /// Whether the sound has its threads.
    private(set) var isStarted = false
    private var keptAt: Int64 = 0
    /// The serial number of the device that was heard last, nil if it has none, and whether one was heard.
    private var device: String?
    private var hasDevice = false
    /// What an earlier session left whose bed nobody named: sound and switch wait for its device.
    private var doubtful: AlarmState?
    /// What a person must be told of what an earlier session left, until it is.
    private(set) var notes: [String] = []

    /// When the program began, and whether an earlier one left an alarm above low priority that nobody had acknowledged.
    private let began = Monotonic.now()
    private var isOwed = false
    /// Whether the device is missed since the beginning.
    private(set) var isMissing = false

    /// Nanoseconds that a device has to be there after a restart in the middle of an alarm.
    private static let missingAfter: Int64 = 10_000_000_000

    /// Nanoseconds after which the state is kept again while something that was acknowledged lasts.
    private static let keepingInterval: Int64 = 10_000_000_000

    /// Alarms under a policy; without a sound nothing is heard, without a file of their state nothing outlives the program.
    ///
    /// - Parameter silence: why there is no sound, where there is none.
    init(_ policy: AlarmPolicy, sound: AlarmConfiguration?, stateFile: AlarmStateFile?, silence: String = "no sound was asked for") {
        policyBoard = PolicyBoard(policy)
        sounder = sound.map { AlarmSounder($0) }
        self.silence = silence
        program = sound?.command.first ?? ""
        self.stateFile = stateFile
        if let stateFile {
            notes += [stateFile.lockProblem].compactMap { $0 }
            let stored = stateFile.stored()
            notes += [stored.problem].compactMap { $0 }
            if let state = stored.state { takeUp(state, of: stateFile) }
        }
        stateFile?.start()
        isStarted = sounder?.start() ?? false
    }

    /// Ends the sound, and keeps the last state.
    func stop() {
        keep()
        sounder?.stop()
        stateFile?.stop()
    }

    /// Keeps the state as it is now. Without a file nothing is done; with one a text is made, which allocates.
    func keep() {
        guard let stateFile else { return }
        keptAt = Monotonic.now()
        var state = AlarmState(policyBoard, bed: stateFile.bed, device: device, at: keptAt / 1_000_000, utc: DeviceTime.now().utc / 1000)
        if let doubtful {
            // Still to be decided, and so for the next session too.
            state.isOff = state.isOff || doubtful.isOff
            state.pausedUntil = state.pausedUntil ?? doubtful.pausedUntil
            state.device = doubtful.device
        }
        stateFile.keep(state)
    }

    /// Why the state is not kept, in words; nil if it is.
    var keepingProblem: String? { stateFile?.problem }

    /// A person has pressed a key. Any thread.
    func press(_ key: AlarmKey) { pressed.bitwiseOr(key.rawValue, ordering: .acquiringAndReleasing) }

    /// Does what is due: keys, time, sound. `now` is the monotonic clock in nanoseconds.
    ///
    /// - Returns: whether the sound has just failed, or is there again; nil if neither.
    func act(at now: Int64) -> Bool? {
        let time = now / 1_000_000
        let keys = pressed.exchange(0, ordering: .acquiringAndReleasing)
        if keys & AlarmKey.acknowledge.rawValue != 0 { policyBoard.board.pressAcknowledge(at: time) }
        if keys & AlarmKey.pause.rawValue != 0 { policyBoard.board.pressPause(at: time) }
        if keys & AlarmKey.off.rawValue != 0 { policyBoard.board.pressOff(at: time) }
        policyBoard.board.tick(at: time)
        sound(isCut: keys != 0)
        if stateFile != nil, now - keptAt >= Self.keepingInterval, policyBoard.board.hasAcknowledged { keep() }
        guard let sounder else { return nil }
        return watch.news(isFailing: !isStarted || sounder.status == .failed, at: time)
    }

    /// Whether the device has just become missed: an earlier program left an alarm that nobody had acknowledged, and nothing comes that could say whether
    /// it is still so. To be asked while there has been no stream.
    func misses(at now: Int64) -> Bool {
        guard isOwed, !isMissing, now - began >= Self.missingAfter else { return false }
        isMissing = true
        let place = Condition.deviceLost.rawValue
        let priority = policyBoard.policy.rules[place].alert.priority
        guard priority != .none else { return false }
        policyBoard.board.raise(place, priority: priority, at: now / 1_000_000)
        sound()
        return true
    }

    /// The device that was missed is there.
    func found(at now: Int64) {
        isMissing = false
        isOwed = false
        policyBoard.board.clear(Condition.deviceLost.rawValue, at: now / 1_000_000)
        sound()
    }

    /// Takes an alert in.
    func take(_ event: Event, at now: Int64) {
        policyBoard.take(event, at: now / 1_000_000)
        sound()
    }

    /// The stream has ended: the engine's alarms are over.
    func endStream(at now: Int64) {
        policyBoard.board.endStream(at: now / 1_000_000)
        sound()
    }

    /// Milliseconds until a pause ends; nil without one.
    func pauseLeft(at now: Int64) -> Int64? { policyBoard.board.pauseEnd.map { max(0, $0 - now / 1_000_000) } }

    /// A hand cuts the sound after the pulse; an alarm that is over completes its group, so that a short one is recognised.
    func sound(isCut: Bool = false) {
        let wanted = policyBoard.board.sound
        guard wanted != told, let sounder else { return }
        if wanted.priority == .none, isCut {
            sounder.silence()
        } else {
            sounder.set(wanted.priority, wanted.isTechnical ? .general : .cardiovascular, isNew: wanted.onset > told.onset)
        }
        told = wanted
    }

    /// Why the sound runs without the priority that was asked for, in words; nil if it has it, or none was.
    var schedulingProblem: String? { sounder?.schedulingProblem }

    /// Why nothing can be heard, in words.
    var problem: String { sounder?.problem?.words ?? "the system has no thread left for the sound" }
}

extension LiveAlarms {
    /// Takes up what an earlier session left, if it belongs here. Of another bed nothing is taken over; where nobody named a bed, alarms are shown, and
    /// sound and switch wait for the device that they were set at.
    private func takeUp(_ state: AlarmState, of stateFile: AlarmStateFile) {
        guard state.bed == stateFile.bed else {
            let (before, now) = (state.bed.map { "bed \($0)" } ?? "no named bed", stateFile.bed.map { "bed \($0)" } ?? "no named bed")
            notes.append("\(stateFile.path): is of \(before), this session's is \(now): nothing is taken over of \(state.words)")
            return
        }
        isOwed = state.alarms.contains { !$0.isAcknowledged && $0.priority.isAbove(.low) }
        let (time, utc) = (Monotonic.now() / 1_000_000, DeviceTime.now().utc / 1000)
        state.restoreAlarms(policyBoard, at: time, utc: utc)
        guard stateFile.bed == nil, state.isSilenced else { return state.restoreSilence(policyBoard, at: time, utc: utc) }
        doubtful = state
        notes.append(
            "\(stateFile.path): \(state.words), at a bed that nobody named: alarms are on and heard, until its device is heard again")
    }

    /// A device has said who it is. Without a name for the bed another device is another bed: what was paused or switched off is on again.
    ///
    /// - Returns: what a person must be told; nil for nothing.
    func hears(deviceNamed serial: String) -> String? {
        let serial = serial.isEmpty ? nil : Text.printable(serial)
        let before = hasDevice ? device : serial
        device = serial
        hasDevice = true
        guard stateFile?.bed == nil else { return nil }
        let time = Monotonic.now() / 1_000_000
        if let state = doubtful {
            doubtful = nil
            if let serial, serial == state.device {
                state.restoreSilence(policyBoard, at: time, utc: DeviceTime.now().utc / 1000)
                return nil
            }
            let (now, then) = (serial ?? "without a serial number", state.device ?? "none that is known")
            return "this is device \(now), and the state kept was of \(then): what was paused or switched off there is not taken over"
        }
        guard serial != before, policyBoard.board.isOff || policyBoard.board.pauseEnd != nil else { return nil }
        policyBoard.board.switchOff(false, at: time)
        if policyBoard.board.pauseEnd != nil { policyBoard.board.pauseAudio(at: time) }
        sound()
        let words = "another device, \(serial ?? "without a serial number") after \(before ?? "one without")"
        return words + ": alarms are on, and the pause is over; --bed NAME names the bed"
    }

    /// What a person must be told, once.
    func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }
}

/// Says once when the sound begins to fail, and once when it is there again.
struct SoundWatch {
    private var hasFailed = false
    private var failingSince: Int64?

    /// Milliseconds that a failing card has before it is an alert: opening one takes some.
    static let patience: Int64 = 1000

    /// Whether the sound has just failed, or is there again; nil if neither. `time` in milliseconds.
    mutating func news(isFailing: Bool, at time: Int64) -> Bool? {
        if !isFailing { failingSince = nil }
        if isFailing, failingSince == nil { failingSince = time }
        guard isFailing != hasFailed else { return nil }
        if let failingSince, time - failingSince < Self.patience { return nil }
        hasFailed = isFailing
        return isFailing
    }
}
