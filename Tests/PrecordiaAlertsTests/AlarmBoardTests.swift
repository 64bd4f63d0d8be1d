// What people do about alarms, on a clock that the test moves: nothing here waits.

import PrecordiaAlerts
import PrecordiaSignalSupport
import Testing

@Suite("The alarm board")
struct AlarmBoardTests {
    let asystole = 0, slow = 1, fibrillation = 70, electrode = 3

    func board(_ settings: AlarmSettings = AlarmSettings()) -> AlarmBoard {
        var board = AlarmBoard(conditions: 80, settings: settings, memory: memory(AlarmBoard.requiredBytes(conditions: 80)))
        var rule = AlarmRule()
        rule.isLatching = true
        rule.inhibit(slow)
        rule.inhibit(fibrillation)
        board.set(rule, for: asystole)
        var onset = AlarmRule()
        onset.isOnsetOnly = true
        onset.onsetDuration = 10_000
        board.set(onset, for: fibrillation)
        var technical = AlarmRule()
        technical.isTechnical = true
        technical.escalation = 60_000
        board.set(technical, for: electrode)
        return board
    }

    func changes(_ board: inout AlarmBoard) -> [AlarmChange.Kind] {
        var kinds: [AlarmChange.Kind] = []
        while let change = board.poll() { kinds.append(change.kind) }
        return kinds
    }

    @Test("what hid a high alarm that was shown is over: poor signal, less urgent, does not keep it back")
    func shownBefore() {
        var board = board()
        var poor = AlarmRule()
        poor.inhibit(slow)
        board.set(poor, for: 5)
        board.raise(slow, priority: .high, at: 0)
        board.raise(5, priority: .information, at: 1)
        #expect(!board.alarm(slow).isInhibited)
        board.raise(asystole, priority: .high, at: 2)
        #expect(board.alarm(slow).isInhibited)
        board.clear(asystole, at: 3)
        #expect(!board.alarm(slow).isInhibited && board.sound.priority == .high)
        board.clear(slow, at: 4)
        board.raise(slow, priority: .high, at: 5)
        #expect(board.alarm(slow).isInhibited, "what rises anew under it is held back")
    }

    @Test("a latched alarm that rises again while it is held back stays in sight, and when it is over still waits for a hand")
    func latchedBeneath() {
        var board = board()
        var latching = AlarmRule()
        latching.isLatching = true
        board.set(latching, for: slow)
        board.restore(slow, priority: .high, isLatched: true, isAcknowledged: false, at: 0)
        board.raise(asystole, priority: .high, at: 1)
        board.raise(slow, priority: .high, at: 2)
        #expect(board.alarm(slow).isInhibited && board.alarm(slow).isShown)
        board.clear(slow, at: 3)
        #expect(board.alarm(slow).isLatched && board.alarm(slow).isShown)
        board.acknowledge(at: 4)
        #expect(!board.alarm(slow).isShown)

        board.clear(asystole, at: 5)
        board.raise(slow, priority: .high, at: 6)
        board.raise(asystole, priority: .high, at: 7)
        board.clear(slow, at: 8)
        #expect(board.alarm(slow).isLatched, "it had been shown before it was hidden")
    }

    @Test("the most urgent alarm sounds, until it is acknowledged, and then the next")
    func order() {
        var board = board()
        board.raise(slow, priority: .medium, at: 0)
        board.raise(electrode, priority: .low, at: 1)
        #expect(board.sound.priority == .medium && !board.sound.isTechnical)
        board.acknowledge(at: 5)
        #expect(board.sound == AlarmSignal())
        board.raise(electrode, priority: .medium, at: 9)
        #expect(board.sound.priority == .medium && board.sound.isTechnical)
        #expect(changes(&board) == [.raised, .raised, .acknowledged, .acknowledged, .raised])
    }

    @Test("a latching alarm stays, silent, when its condition is over, and goes when it is acknowledged")
    func latching() {
        var board = board()
        board.raise(asystole, priority: .high, at: 0)
        board.clear(asystole, at: 5)
        #expect(board.alarm(asystole).isLatched && board.alarm(asystole).isShown && board.sound.priority == .none)
        board.acknowledge(at: 9)
        #expect(!board.alarm(asystole).isShown)
        #expect(changes(&board) == [.raised, .latched, .acknowledged])
        board.raise(asystole, priority: .high, at: 10)
        board.acknowledge(at: 11)
        board.clear(asystole, at: 12)
        #expect(!board.alarm(asystole).isShown)
    }

    @Test("an alarm that outranks others holds them back, those before it too, and gives them back after it")
    func inhibition() {
        var board = board()
        board.raise(slow, priority: .medium, at: 0)
        board.raise(asystole, priority: .high, at: 1)
        board.raise(fibrillation, priority: .medium, at: 2)
        #expect(!board.alarm(slow).isShown && !board.alarm(fibrillation).isShown && board.sound.priority == .high)
        board.clear(fibrillation, at: 3)
        board.clear(asystole, at: 4)
        #expect(board.alarm(slow).isShown && board.alarm(slow).since == 4 && board.sound.priority == .medium)
        #expect(changes(&board) == [.raised, .raised, .inhibited, .inhibited, .cleared, .latched, .released])
    }

    @Test("an alarm that sounds at its onset only is silent after it, and shown as long as it lasts")
    func onset() {
        var board = board()
        board.raise(fibrillation, priority: .medium, at: 0)
        board.tick(at: 9_999)
        #expect(board.sound.priority == .medium)
        board.tick(at: 10_000)
        #expect(board.sound.priority == .none && board.alarm(fibrillation).isShown)
    }

    @Test("what nobody acknowledges becomes more urgent, once")
    func escalation() {
        var board = board()
        board.raise(electrode, priority: .low, at: 0)
        board.tick(at: 59_999)
        #expect(board.sound.priority == .low)
        board.tick(at: 60_000)
        board.tick(at: 200_000)
        #expect(board.sound.priority == .medium)
        #expect(changes(&board) == [.raised, .escalated])
    }

    @Test("a pause ends by its time, by a second press, and by a new alarm of high priority, and by no lesser one")
    func pause() {
        var board = board()
        board.raise(slow, priority: .medium, at: 0)
        board.pauseAudio(at: 1_000)
        #expect(board.sound.priority == .none && board.pauseEnd == 121_000)
        board.raise(electrode, priority: .low, at: 2_000)
        #expect(board.sound.priority == .none)
        board.tick(at: 121_000)
        #expect(board.sound.priority == .medium && board.pauseEnd == nil)
        board.pauseAudio(at: 130_000)
        board.pauseAudio(at: 131_000)
        #expect(board.pauseEnd == nil)
        board.pauseAudio(at: 140_000)
        board.raise(asystole, priority: .high, at: 141_000)
        #expect(board.sound.priority == .high)
    }

    @Test("alarms that are off stay off, and a reminder comes as often as the settings say")
    func off() {
        var board = board()
        board.switchOff(true, at: 0)
        board.raise(asystole, priority: .high, at: 1)
        var reminders: [Int] = []
        for second in 0...901 {
            board.tick(at: Int64(second) * 1000)
            if board.sound.priority != .none { reminders.append(second) }
            #expect(board.sound.priority == .none || (board.sound.priority == .low && board.sound.isTechnical))
        }
        #expect(reminders == [300, 600, 900])
        #expect(changes(&board) == [.switchedOff, .raised, .reminded, .reminded, .reminded])
        board.switchOff(false, at: 902_000)
        #expect(board.sound.priority == .high)
    }

    @Test("an onset sounds for its time, and the time in which it could not be heard does not count")
    func unheardOnset() {
        var board = board()
        board.tick(at: 0)
        board.pauseAudio(at: 0)
        board.raise(fibrillation, priority: .medium, at: 1_000)
        for second in 1...119 {
            board.tick(at: Int64(second) * 1000)
            #expect(!board.alarm(fibrillation).isAcknowledged)
        }
        board.tick(at: 120_000)
        #expect(board.sound.priority == .medium)
        board.raise(electrode, priority: .high, at: 121_000)
        for second in 121...140 { board.tick(at: Int64(second) * 1000) }
        board.clear(electrode, at: 140_000)
        #expect(board.sound.priority == .medium)
        for second in 141...150 { board.tick(at: Int64(second) * 1000) }
        #expect(board.alarm(fibrillation).isAcknowledged && board.sound.priority == .none)
    }

    @Test("what is acknowledged while a new episode is held back is the one that was latched, and the new one sounds when it is released")
    func latchedThenHeldBack() {
        var board = board()
        var latching = AlarmRule()
        latching.isLatching = true
        board.set(latching, for: slow)
        board.raise(slow, priority: .medium, at: 0)
        board.clear(slow, at: 1)
        board.raise(asystole, priority: .high, at: 2)
        board.raise(slow, priority: .medium, at: 3)
        #expect(board.alarm(slow).isInhibited && board.alarm(slow).isShown)
        board.acknowledge(at: 4)
        #expect(!board.alarm(slow).isShown && !board.alarm(slow).isAcknowledged)
        board.clear(asystole, at: 5)
        #expect(board.alarm(slow).isShown && board.sound.priority == .medium)
    }

    @Test("a key for the pause that is held down is one press")
    func heldPause() {
        var board = board()
        for time in [0, 1_000, 1_033, 1_066, 2_000] as [Int64] { board.pressPause(at: time) }
        #expect(board.pauseEnd != nil, "a keyboard may wait a second before it repeats a key")
        board.pressPause(at: 3_100)
        #expect(board.pauseEnd == nil)
    }

    @Test("what a program left behind is shown by the next until it is acknowledged")
    func restored() {
        var board = board()
        board.restore(slow, priority: .medium, isLatched: false, isAcknowledged: false, at: 0)
        board.restore(pauseEnd: 50_000, isOff: false, at: 0)
        #expect(board.alarm(slow).isShown && board.pauseEnd == 50_000)
        board.acknowledge(at: 1)
        #expect(!board.alarm(slow).isShown)
    }

    @Test("what is restored is told, so that a screen can show it, and a pause with it")
    func restoredIsTold() {
        var board = board()
        board.restore(slow, priority: .medium, isLatched: false, isAcknowledged: false, at: 0)
        board.restore(fibrillation, priority: .medium, isLatched: false, isAcknowledged: true, at: 0)
        board.restore(pauseEnd: 50_000, isOff: true, at: 0)
        #expect(changes(&board) == [.latched, .audioPaused, .switchedOff])
    }

    @Test("what was acknowledged before a restart stays so if it rises again in time, no more urgent; later it sounds")
    func acknowledgedBefore() {
        func sound(_ priority: AlertPriority, at time: Int64) -> AlertPriority {
            var board = self.board()
            board.restore(slow, priority: .medium, isLatched: false, isAcknowledged: true, silentUntil: 60_000, at: 0)
            board.raise(slow, priority: priority, at: time)
            return board.sound.priority
        }
        #expect(sound(.medium, at: 59_999) == .none)
        #expect(sound(.medium, at: 60_000) == .medium)
        #expect(sound(.high, at: 1_000) == .high)
        var board = self.board()
        board.restore(slow, priority: .medium, isLatched: false, isAcknowledged: true, silentUntil: 60_000, at: 0)
        board.raise(slow, priority: .medium, at: 10_000)
        #expect(board.alarm(slow).isShown && changes(&board) == [.raised, .acknowledged])
        board.clear(slow, at: 11_000)
        board.raise(slow, priority: .medium, at: 12_000)
        #expect(board.sound.priority == .medium, "once only")
    }

    @Test("the end of a stream ends the engine's alarms by their rules, and leaves the session's own")
    func streamEnd() {
        var board = board()
        let lost = Condition.deviceLost.rawValue, silent = Condition.soundFailed.rawValue
        board.raise(slow, priority: .medium, at: 0)
        board.raise(asystole, priority: .high, at: 1)
        board.raise(silent, priority: .high, at: 2)
        board.raise(lost, priority: .high, at: 3)
        _ = changes(&board)
        board.endStream(at: 5)
        #expect(changes(&board) == [.cleared, .latched], "what was held back is not given back on the way")
        #expect(
            !board.alarm(slow).isActive && board.alarm(asystole).isLatched && board.alarm(lost).isActive && board.alarm(silent).isActive)
        board.acknowledge(at: 6)
        board.raise(slow, priority: .medium, at: 7)
        #expect(board.sound.priority == .medium, "the next patient's alarm is a new one")
    }

    @Test("when what holds back is over, the most that may be shown is given back, and holds back in turn")
    func chain() {
        var board = board()
        let rate = Condition.heartRateHigh.rawValue, run = Condition.ventricularRunSuspected.rawValue
        let flutter = Condition.fibrillationSuspected.rawValue
        var rule = AlarmRule()
        rule.inhibit(rate)
        board.set(rule, for: run)
        rule.inhibit(run)
        board.set(rule, for: flutter)
        board.raise(flutter, priority: .high, at: 0)
        board.raise(rate, priority: .medium, at: 1)
        board.raise(run, priority: .high, at: 2)
        _ = changes(&board)
        board.clear(flutter, at: 3)
        #expect(board.alarm(run).isShown && !board.alarm(rate).isShown)
        #expect(changes(&board) == [.cleared, .released])
        board.clear(run, at: 4)
        #expect(board.alarm(rate).isShown)
    }

    @Test("two that hold each other back never hide each other for good")
    func circle() {
        var board = board()
        var rule = AlarmRule()
        rule.inhibit(70)
        board.set(rule, for: 60)
        rule = AlarmRule()
        rule.inhibit(60)
        board.set(rule, for: 70)
        board.raise(60, priority: .low, at: 0)
        board.raise(70, priority: .low, at: 1)
        #expect(board.alarm(60).isShown != board.alarm(70).isShown)
        board.clear(60, at: 2)
        #expect(board.alarm(70).isShown)
    }

    @Test("an alarm holds back a more urgent one that comes, and never one that is shown already")
    func lesser() {
        var board = board()
        let artefact = Condition.artefact.rawValue, run = Condition.ventricularRunSuspected.rawValue
        var rule = AlarmRule()
        rule.inhibit(run)
        board.set(rule, for: artefact)
        board.raise(artefact, priority: .information, at: 0)
        board.raise(run, priority: .high, at: 1)
        #expect(!board.alarm(run).isShown && board.sound.priority == .information)
        board.clear(artefact, at: 2)
        #expect(board.sound.priority == .high)
        board.raise(artefact, priority: .information, at: 3)
        #expect(board.alarm(run).isShown && board.sound.priority == .high)
    }

    @Test("of equal priority the patient's alarm sounds before the equipment's, in any order")
    func equal() {
        for order in [[slow, electrode], [electrode, slow], [electrode, fibrillation]] {
            var board = self.board()
            for (time, condition) in order.enumerated() { board.raise(condition, priority: .medium, at: Int64(time)) }
            #expect(board.sound.priority == .medium && !board.sound.isTechnical)
        }
    }

    @Test("a new alarm of the priority that sounds is told as new, and a lesser one is not")
    func onsets() {
        var board = board()
        board.raise(slow, priority: .medium, at: 0)
        let first = board.sound
        board.raise(electrode, priority: .low, at: 1)
        #expect(board.sound == first)
        board.raise(fibrillation, priority: .medium, at: 2)
        #expect(board.sound.onset > first.onset && board.sound.priority == .medium)
    }

    @Test("alarms are switched off by a second press in time, not by a key that is held down, and on by one press")
    func confirmed() {
        var board = board()
        board.pressOff(at: 0)
        for time in stride(from: 500, to: 20_000, by: 30) { board.pressOff(at: Int64(time)) }
        #expect(!board.isOff && changes(&board) == [.offAsked])
        board.pressOff(at: 30_000)
        board.pressOff(at: 35_001)
        #expect(board.isOff == false, "too late: asked anew")
        board.pressOff(at: 36_200)
        #expect(board.isOff && changes(&board) == [.offAsked, .offAsked, .switchedOff])
        board.pressOff(at: 36_300)
        #expect(board.isOff == true)
        board.pressOff(at: 37_400)
        #expect(board.isOff == false)
    }

    @Test("changes that nobody fetches are counted, and the sound is right all the same")
    func unread() {
        var board = board()
        for time in 0..<200 {
            board.raise(slow, priority: .medium, at: Int64(time))
            board.clear(slow, at: Int64(time))
        }
        #expect(board.changesDropped == 144)
        board.raise(slow, priority: .medium, at: 200)
        #expect(board.sound.priority == .medium)
    }
}
