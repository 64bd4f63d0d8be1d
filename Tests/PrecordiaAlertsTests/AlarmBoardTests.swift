// What people do about alarms, on a clock that the test moves: nothing here waits.

import PrecordiaAlerts
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

    @Test("the most urgent alarm sounds, until it is acknowledged, and then the next")
    func order() {
        var board = board()
        board.raise(slow, priority: .medium, at: 0)
        board.raise(electrode, priority: .low, at: 1)
        #expect(board.sound.priority == .medium && !board.sound.isTechnical)
        board.acknowledge(at: 5)
        #expect(board.sound == AlarmSound())
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
        for second in 0...900 { board.tick(at: Int64(second) * 1000) }
        #expect(board.sound.priority == .none)
        #expect(changes(&board) == [.switchedOff, .raised, .reminded, .reminded, .reminded])
        board.switchOff(false, at: 901_000)
        #expect(board.sound.priority == .high)
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

    @Test("changes that nobody fetches are counted, and the sound is right all the same")
    func unread() {
        var board = board()
        for time in 0..<100 {
            board.raise(slow, priority: .medium, at: Int64(time))
            board.clear(slow, at: Int64(time))
        }
        #expect(board.changesDropped == 136)
        board.raise(slow, priority: .medium, at: 100)
        #expect(board.sound.priority == .medium)
    }
}
