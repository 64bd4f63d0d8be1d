// Hands that are too quick, keys that are stuck, and what must be heard although somebody acknowledged or something holds it back.

import PrecordiaAlerts
import PrecordiaSignalSupport
import Testing

@Suite("Hands at the alarm board")
struct AlarmBoardHandTests {
    let asystole = Condition.asystole.rawValue, fast = Condition.heartRateHigh.rawValue, poor = Condition.artefact.rawValue

    func board(_ settings: AlarmSettings = AlarmSettings()) -> AlarmBoard {
        var board = AlarmBoard(conditions: 80, settings: settings, memory: memory(AlarmBoard.requiredBytes(conditions: 80)))
        var rule = AlarmRule()
        rule.isTechnical = true
        rule.inhibit(fast)
        rule.inhibit(70)
        board.set(rule, for: poor)
        rule = AlarmRule()
        rule.isLatching = true
        rule.inhibit(fast)
        board.set(rule, for: asystole)
        return board
    }

    func changes(_ board: inout AlarmBoard) -> [AlarmChange.Kind] {
        var kinds: [AlarmChange.Kind] = []
        while let change = board.poll() { kinds.append(change.kind) }
        return kinds
    }

    @Test("a key that is held down when an asystole rises does not acknowledge it, however long it is held")
    func heldAcknowledge() {
        var board = board()
        for time in stride(from: 0, through: 60_000, by: 33) {
            if time >= 10_000 { board.raise(asystole, priority: .high, at: 10_000) }
            board.pressAcknowledge(at: Int64(time))
            board.tick(at: Int64(time))
        }
        #expect(board.sound.priority == .high && changes(&board) == [.raised])
        board.pressAcknowledge(at: 61_200)
        #expect(board.sound.priority == .none && changes(&board) == [.acknowledged])
    }

    @Test("a press before an alarm was shown for a second acknowledges nothing of it, and says so; another one does")
    func tooSoon() {
        var board = board()
        board.raise(70, priority: .medium, at: 0)
        board.raise(asystole, priority: .high, at: 5_000)
        board.pressAcknowledge(at: 5_999)
        #expect(board.alarm(70).isAcknowledged && !board.alarm(asystole).isAcknowledged && board.sound.priority == .high)
        #expect(changes(&board) == [.raised, .raised, .tooSoon, .acknowledged])
        board.pressAcknowledge(at: 7_100)
        #expect(board.alarm(asystole).isAcknowledged)
    }

    @Test("an alarm that has just become more urgent, or is shown after it was held back, has not been seen either")
    func newToTheEye() {
        var board = board()
        board.raise(fast, priority: .medium, at: 0)
        board.raise(fast, priority: .high, at: 9_000)
        board.pressAcknowledge(at: 9_500)
        #expect(board.sound.priority == .high)
        board.raise(asystole, priority: .high, at: 20_000)
        board.clear(asystole, at: 30_000)
        board.pressAcknowledge(at: 30_500)
        #expect(!board.alarm(fast).isAcknowledged)
        board.pressAcknowledge(at: 32_000)
        #expect(board.alarm(fast).isAcknowledged)
    }

    @Test("an asystole that was acknowledged and lasts sounds again after the policy's time, each time, and ends a pause")
    func soundsAgain() {
        var settings = AlarmSettings()
        settings.soundAgain = 60_000
        var board = board(settings)
        board.raise(asystole, priority: .high, at: 0)
        board.pressAcknowledge(at: 2_000)
        board.tick(at: 61_999)
        #expect(board.sound.priority == .none)
        board.pressPause(at: 61_999)
        board.tick(at: 62_000)
        #expect(board.sound.priority == .high && board.pauseEnd == nil)
        board.pressAcknowledge(at: 70_000)
        board.tick(at: 130_000)
        #expect(board.sound.priority == .high)
        #expect(changes(&board) == [.raised, .acknowledged, .audioPaused, .soundedAgain, .audioResumed, .acknowledged, .soundedAgain])
        board.pressAcknowledge(at: 140_000)
        board.clear(asystole, at: 150_000)
        board.tick(at: 900_000)
        #expect(board.sound.priority == .none, "its cause is over")
    }

    @Test("what is below high priority, or sounds at its onset only, or where the policy says never, stays silent once acknowledged")
    func staysSilent() {
        for (priority, isOnsetOnly, again) in [(.medium, false, 60_000), (.high, true, 60_000), (.high, false, 0)]
            as [(AlertPriority, Bool, Int64)]
        {
            var settings = AlarmSettings()
            settings.soundAgain = again
            var board = board(settings)
            var rule = AlarmRule()
            rule.isOnsetOnly = isOnsetOnly
            board.set(rule, for: 70)
            board.raise(70, priority: priority, at: 0)
            board.pressAcknowledge(at: 2_000)
            for second in 2...1_200 { board.tick(at: Int64(second) * 1000) }
            #expect(board.sound.priority == .none)
        }
    }

    @Test("what was acknowledged, hidden and given back is shown as acknowledged, and silent")
    func releasedAcknowledged() {
        var board = board()
        board.raise(fast, priority: .medium, at: 0)
        board.pressAcknowledge(at: 2_000)
        board.raise(asystole, priority: .high, at: 3_000)
        _ = changes(&board)
        board.clear(asystole, at: 9_000)
        #expect(board.sound.priority == .none && changes(&board) == [.latched, .released, .acknowledged])
    }

    @Test("poor signal that holds back a fast heart is heard in its place: low, and medium in place of a high one")
    func standsIn() {
        for (priority, heard) in [(.low, .low), (.medium, .low), (.high, .medium)] as [(AlertPriority, AlertPriority)] {
            var board = board()
            board.raise(poor, priority: .information, at: 0)
            board.tick(at: 30_000)
            #expect(!board.sound.priority.isAbove(.information), "it holds back nothing")
            board.raise(fast, priority: priority, at: 30_000)
            board.tick(at: 34_999)
            #expect(!board.sound.priority.isAbove(.information))
            board.tick(at: 35_000)
            #expect(board.sound.priority == heard && board.sound.isTechnical)
            #expect(changes(&board) == [.raised, .inhibited, .escalated])
            board.pressAcknowledge(at: 40_000)
            for second in 40...100 { board.tick(at: Int64(second) * 1000) }
            #expect(board.sound.priority == .none, "who acknowledged it has been told")
            board.raise(70, priority: .medium, at: 100_000)
            board.tick(at: 105_000)
            #expect(board.sound.priority.isAbove(.information), "and is told of another")
        }
    }

    @Test("what would not be heard itself has nothing in its place, and an asystole that was acknowledged stays silent over a slow heart")
    func noStandIn() {
        var board = board()
        board.raise(poor, priority: .information, at: 0)
        board.raise(fast, priority: .information, at: 1_000)
        board.tick(at: 60_000)
        #expect(!board.sound.priority.isAbove(.information))
        board.raise(asystole, priority: .high, at: 61_000)
        board.pressAcknowledge(at: 63_000)
        board.raise(fast, priority: .medium, at: 64_000)
        for second in 64...180 { board.tick(at: Int64(second) * 1000) }
        #expect(!board.sound.priority.isAbove(.information))
        board.tick(at: 183_000)
        #expect(board.sound.priority == .high, "until it sounds again itself")
    }

    @Test("an alarm that says more than it did is a new one, acknowledged or not")
    func saysMore() {
        var board = board()
        board.raise(70, priority: .low, at: 0)
        board.pressAcknowledge(at: 2_000)
        board.raise(70, priority: .low, at: 3_000)
        #expect(board.sound.priority == .none)
        board.raise(70, priority: .low, isMore: true, at: 4_000)
        #expect(board.sound.priority == .low && changes(&board) == [.raised, .acknowledged, .raised])
    }
}
