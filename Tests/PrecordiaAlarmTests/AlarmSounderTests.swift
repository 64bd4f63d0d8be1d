// The sounder whole, with its threads, on devices that keep no time; ALSA's own devices; the fallback's bell and command.

import Glibc
import PrecordiaAlerts
import Testing

@testable import PrecordiaAlarm

@Suite("Alarm sounder")
struct AlarmSounderTests {
    private func unpaced() -> AlarmConfiguration {
        var configuration = AlarmConfiguration()
        configuration.isPaced = false
        configuration.bell = nil
        return configuration
    }

    /// A file in the system's folder for such, removed at the end.
    private func withFile(_ body: (String) throws -> Void) rethrows {
        var path = Array("/tmp/precordia-alarm-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        precondition(descriptor >= 0)
        close(descriptor)
        let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(name) }
        try body(name)
    }

    private func contents(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    @Test("Orders from another thread are played, and the sounder ends when it is told to")
    func orders() {
        let card = FakeCard()
        card.isBottomless = true
        let sounder = AlarmSounder(unpaced(), device: card)
        #expect(sounder.start())
        sounder.set(.high, .cardiovascular)
        while sounder.counters[.bursts] == 0 { sched_yield() }
        #expect(sounder.status == .ready && sounder.problem == nil)
        #expect(sounder.latency != nil)
        #expect(sounder.format == AlarmConfiguration().format)
        sounder.stop()
        #expect(!card.isOpen)
        let counters = sounder.counters
        #expect(counters[.failures] == 0 && counters[.underruns] == 0)
    }

    @Test("ALSA's null device plays")
    func null() throws {
        let device = ALSADevice("null")
        let sound = AlarmTable.sounds[AlarmTable.index(.high, .general)!]
        let counters = try AlarmRecording.play([sound], bursts: 2, configuration: AlarmConfiguration(), device: device)
        #expect(counters[.bursts] == 2 && counters[.failures] == 0)
    }

    @Test("A device that does not exist is a problem with words, and no error of the program")
    func missing() {
        var configuration = unpaced()
        configuration.device = "no-such-device"
        let sounder = AlarmSounder(configuration)
        #expect(sounder.start())
        while sounder.status == .starting { sched_yield() }
        #expect(sounder.status == .failed)
        #expect(sounder.problem == SoundProblem(.opening, code: ENOENT))
        sounder.stop()
        #expect(sounder.counters[.failedOpenings] >= 1)
    }

    @Test("Volume stays between the quietest and full")
    func volume() {
        #expect(AlarmSounder.gain(0) == 32_768)
        #expect(AlarmSounder.gain(6) == 32_768)
        #expect(AlarmSounder.gain(-90) == AlarmSounder.gain(AlarmConfiguration.quietest))
        #expect(AlarmSounder.gain(AlarmConfiguration.quietest) == 1036)
    }

    @Test("The fallback rings where it was told to")
    func bell() {
        withFile { path in
            let state = SounderState()
            let worker = FallbackWorker(bell: path, command: [], state: state)
            #expect(worker.start())
            worker.ring()
            worker.stop()
            #expect(contents(path) == "\u{7}")
            #expect(state.counters[.bells] == 1)
        }
    }

    @Test("The command is run with the priority behind its arguments")
    func command() {
        withFile { path in
            let state = SounderState()
            let worker = FallbackWorker(bell: nil, command: ["/bin/sh", "-c", "echo \"$1\" >>'\(path)'", "lamp"], state: state)
            #expect(worker.start())
            worker.tell(.high)
            while state.counters[.commands] < 1 { sched_yield() }
            worker.tell(.none)
            worker.stop()
            #expect(contents(path) == "high\nnone\n")
            #expect(state.counters[.commands] == 2)
        }
    }

    @Test("Of what is told while the command runs only the newest is run, and the others are counted")
    func newest() {
        withFile { path in
            let state = SounderState()
            let script =
                "echo \"$1\" >>'\(path)'; [ \"$1\" = high ] && while [ -e '\(path)' ] && ! grep -q go '\(path)'; do sleep 0.01; done"
            let worker = FallbackWorker(bell: nil, command: ["/bin/sh", "-c", script, "lamp"], state: state)
            #expect(worker.start())
            worker.tell(.high)
            while state.counters[.commands] < 1 { sched_yield() }
            worker.tell(.low)
            worker.tell(.medium)
            worker.tell(.none)
            while contents(path) != "high\n" { sched_yield() }
            let descriptor = open(path, O_WRONLY | O_APPEND)
            _ = write(descriptor, "go\n", 3)
            close(descriptor)
            worker.stop()
            #expect(contents(path) == "high\ngo\nnone\n")
            #expect(state.counters[.commands] == 2 && state.counters[.commandsLeftOut] == 2)
        }
    }

    @Test("A command that does not exist is counted")
    func noCommand() {
        let state = SounderState()
        let worker = FallbackWorker(bell: nil, command: ["/nowhere/lamp"], state: state)
        #expect(worker.start())
        worker.tell(.high)
        worker.stop()
        #expect(state.counters[.commandsFailed] == 1 && state.counters[.commands] == 0)
        #expect(state.fallbackProblem?.words == "cannot be started, No such file or directory")
    }

    @Test("A command that is not there is told before it is needed, and how each run ended after it")
    func runs() {
        for (command, words) in [
            (["/bin/true"], ""), (["true"], ""), (["/bin/false"], "fails, status 1"), (["/bin/sh", "-c", "exit 7"], "fails, status 7"),
            (["/bin/sh", "-c", "kill -TERM $$"], "was ended by signal 15"),
        ] {
            let state = SounderState()
            let worker = FallbackWorker(bell: nil, command: command, state: state)
            #expect(worker.start() && state.fallbackProblem == nil)
            worker.tell(.none)
            worker.stop()
            #expect(state.fallbackProblem?.words == words && state.counters[.commands] == 1)
            #expect(state.counters[.commandsFailed] == (words.isEmpty ? 0 : 1))
        }
        for (command, code) in [("/nowhere/lamp", ENOENT), ("no-such-lamp", ENOENT), ("/dev/null", EACCES)] {
            let state = SounderState()
            let worker = FallbackWorker(bell: nil, command: [command], state: state)
            #expect(worker.start())
            #expect(state.fallbackProblem == FallbackProblem(.starting, code: code))
            worker.stop()
        }
    }
}
