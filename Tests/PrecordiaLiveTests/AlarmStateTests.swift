// What outlives the program: kept whole or not at all, the newest, and taken up as docs/policy.md says.

import Foundation
import PrecordiaAlerts
import PrecordiaHost
import PrecordiaPolicy
import PrecordiaSession
import PrecordiaTestSupport
import Testing

@testable import PrecordiaLive

@Suite struct AlarmStateTests {
    let model: LoadedModel

    init() throws { model = try LoadedModel.shipped() }

    @Test("what was acknowledged, latched, paused or switched off outlives the program")
    func kept() throws {
        let folder = try TemporaryFolder()
        let policy = try AlarmPolicy.load("bedside", model: model)
        let before = PolicyBoard(policy)
        let fibrillation = try #require(policy.place(of: "AFIB"))
        before.board.raise(fibrillation, priority: .medium, at: 0)
        before.board.acknowledge(at: 1)
        before.board.raise(Condition.asystole.rawValue, priority: .high, at: 2)
        before.board.clear(Condition.asystole.rawValue, at: 3)
        before.board.raise(Condition.electrodeOff.rawValue, priority: .low, at: 4)
        before.board.pauseAudio(at: 5)
        before.board.switchOff(true, at: 6)
        let stateFile = AlarmStateFile(path: folder.file("alarms"))
        stateFile.start()
        stateFile.keep(AlarmState(before, at: 1_005, utc: 500_000))
        stateFile.stop()
        #expect(stateFile.problem == nil)

        let state = try #require(AlarmStateFile(path: folder.file("alarms")).stored().state)
        #expect(state.isOff && state.pausedUntil == 500_000 + 119_000 && state.alarms.count == 3)
        let after = PolicyBoard(policy)
        state.restore(after, at: 0, utc: 510_000)
        #expect(after.board.isOff && after.board.pauseEnd == 109_000)
        #expect(!after.board.alarm(fibrillation).isShown, "it was acknowledged")
        #expect(after.board.alarm(Condition.asystole.rawValue).isShown && after.board.alarm(Condition.electrodeOff.rawValue).isShown)
        after.board.acknowledge(at: 1)
        #expect(!after.board.alarm(Condition.asystole.rawValue).isShown)
    }

    @Test("what was acknowledged stays so over a restart for its hold-off, and not after it")
    func acknowledged() throws {
        let policy = try AlarmPolicy.load("bedside", model: model)
        let fibrillation = try #require(policy.place(of: "AFIB"))
        let before = PolicyBoard(policy)
        before.board.raise(fibrillation, priority: .medium, at: 0)
        before.board.acknowledge(at: 1)
        before.board.raise(Condition.fibrillationSuspected.rawValue, priority: .high, at: 2)
        before.board.acknowledge(at: 3)
        let state = try #require(AlarmState(AlarmState(before, at: 10, utc: 500_000).text))
        #expect(state.keptAt == 500_000)
        func sound(_ place: Int, _ priority: AlertPriority, restart: Int64, rise: Int64) -> AlertPriority {
            let after = PolicyBoard(policy)
            state.restore(after, at: 1_000, utc: restart)
            after.board.raise(place, priority: priority, at: 1_000 + rise)
            return after.board.sound.priority
        }
        #expect(sound(fibrillation, .medium, restart: 505_000, rise: 30_000) == .none)
        #expect(sound(fibrillation, .medium, restart: 505_000, rise: 56_000) == .medium)
        #expect(sound(fibrillation, .medium, restart: 9_505_000, rise: 1_000) == .medium, "the program was away for hours")
        #expect(sound(fibrillation, .medium, restart: 1_000, rise: 61_000) == .medium, "the clock was set back")
        #expect(sound(Condition.fibrillationSuspected.rawValue, .high, restart: 500_001, rise: 0) == .high, "it has no hold-off")
        #expect(AlarmState("precordia-alarms 1\nkept-at -9223372036854775808\npaused-until 9223372036854775807\n")?.keptAt == nil)
    }

    @Test("while the disk stands still one state waits, the newest")
    func newest() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("alarms")
        #expect(mkfifo(path + ".new", 0o644) == 0 && link(path + ".new", path + ".pipe") == 0)
        let stateFile = AlarmStateFile(path: path)
        stateFile.start()
        // The file stands in its opening of the pipe; more states than any ring would hold come meanwhile.
        for number in 0..<5000 {
            var state = AlarmState()
            state.pausedUntil = Int64(number)
            stateFile.keep(state)
        }
        Thread.detachNewThread {
            // Whoever reads lets it go on; what it writes next is a file.
            unlink(path + ".new")
            let reader = open(path + ".pipe", O_RDONLY)
            var room = [UInt8](repeating: 0, count: 4096)
            while read(reader, &room, room.count) > 0 {}
            close(reader)
        }
        stateFile.stop()
        #expect(stateFile.stored().state?.pausedUntil == 4999)
    }

    @Test("a state that cannot be written is told, and one that is none is no state")
    func unkept() throws {
        let folder = try TemporaryFolder()
        let stateFile = AlarmStateFile(path: folder.file("absent/alarms"))
        stateFile.start()
        stateFile.stop()
        #expect(stateFile.problem == "No such file or directory")
        let late = AlarmStateFile(path: folder.file("absent/alarms"))
        late.start()
        late.keep(AlarmState())
        let deadline = Monotonic.now() + 20_000_000_000
        while late.problem == nil, Monotonic.now() < deadline { usleep(1000) }
        #expect(mkdir(folder.file("absent"), 0o755) == 0)
        while late.problem != nil, Monotonic.now() < deadline { usleep(1000) }
        late.stop()
        #expect(late.stored().state == AlarmState())
        let taken = AlarmStateFile(path: folder.file("absent"))
        #expect(taken.stored().problem?.hasPrefix(taken.path + ": cannot be read as a state of alarms") == true && taken.problem != nil)
        let other = AlarmStateFile(path: folder.file("other"))
        #expect(other.stored().state == nil && other.stored().problem == nil)
        try Data("something else".utf8).write(to: URL(fileURLWithPath: other.path))
        let found = other.stored()
        #expect(found.state == nil && found.problem?.hasPrefix(other.path + ": is no state of alarms, set aside as ") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: other.path + ".unread")) == Data("something else".utf8))
        #expect(AlarmState("precordia-alarms 1\nfrom a later version\nalarm high latched asystole\n")?.alarms.count == 1)
    }
}
