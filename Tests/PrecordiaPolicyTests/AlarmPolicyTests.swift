// Policies: the shipped ones load, each wrong value is refused with its place, and what is stated reaches the engine.

import PrecordiaAlerts
import PrecordiaCompanion
import PrecordiaExams
import PrecordiaHost
import PrecordiaNetwork
import PrecordiaSession
import PrecordiaSimulator
import Testing

@testable import PrecordiaPolicy

@Suite struct AlarmPolicyTests {
    let model: LoadedModel

    init() throws { model = try LoadedModel.shipped() }

    func problem(_ text: String) -> String {
        do throws(RuntimeError) {
            _ = try AlarmPolicy.read(text, file: "p.toml", model: model)
            return ""
        } catch { return "\(error)" }
    }

    @Test("the policies that ship load, and say so in words", arguments: AlarmPolicy.shipped)
    func shipped(_ name: String) throws {
        let policy = try AlarmPolicy.load(name, model: model)
        #expect(policy.name == name)
        #expect(policy.rules.count == Condition.count + model.view.statementCount)
        #expect(policy.rules.allSatisfy { $0.alert.problem == nil })
        let words = PolicyText(policy, model: model).lines
        #expect(words[0].contains("policy \(name) for model ptbxl71"))
        #expect(words.contains { $0.contains("atrial fibrillation") })
        #expect(policy.log.synchronous == (name == "replay" ? .normal : .full))
    }

    @Test("its table of the log reaches the recorder's options and the words of the check")
    func log() throws {
        let text = "[log]\nsynchronous = \"normal\"\nentries = 4\nsnippets = 0\ndays = 7"
        let policy = try AlarmPolicy.read(text, file: "p.toml", model: model)
        #expect(policy.log.options == ["--synchronous", "normal", "--entries", "4", "--snippets", "0", "--days", "7"])
        #expect(
            PolicyText(policy, model: model).lines.contains(
                "log, where one is kept: entries are flushed some seconds later, which a loss of power may cost; "
                    + "4 MiB of entries and 0 MiB of ECG at most, for 7 days"))
        #expect(try AlarmPolicy.read("", file: "p.toml", model: model).log == LogRules())
    }

    @Test("how long a device may take to stream is the policy's, of device-lost alone")
    func grace() throws {
        #expect(try AlarmPolicy.read("", file: "p.toml", model: model).grace == 10)
        #expect(try AlarmPolicy.read("[alarm.device-lost]\ngrace = 25", file: "p.toml", model: model).grace == 25)
        #expect(problem("[alarm.device-lost]\ngrace = 0").contains("a whole number from 1 to 600 seconds"))
        #expect(problem("[alarm.asystole]\ngrace = 5").contains("alarm.asystole.grace: not known"))
    }

    @Test("an empty policy is the model's own")
    func empty() throws {
        let policy = try AlarmPolicy.read("", file: "p.toml", model: model)
        #expect(policy.engineRules.isEmpty)
        let place = try #require(policy.place(of: "AFIB"))
        #expect(policy.rules[place].alert.threshold == model.view.label(place - Condition.count).alarmThreshold)
    }

    @Test("what is stated is what the rules have")
    func stated() throws {
        let text = """
            name = "ward"
            [sound]
            pause = 90
            pause-breaker = "none"
            [alarm.asystole]
            latching = true
            inhibits = ["AFIB"]
            [alarm."3AVB"]
            priority = "high"
            threshold = 0.25
            persistence = [4, 6]
            hold-off = 7
            escalate-after = 30
            """
        let policy = try AlarmPolicy.read(text, file: "p.toml", model: model)
        #expect(policy.name == "ward" && policy.settings.pause == 90_000 && policy.settings.pauseBreaker == .none)
        let block = policy.rules[try #require(policy.place(of: "3AVB"))]
        #expect(block.alert.priority == .high && block.alert.threshold == 0.25 && block.alert.holdOff == 7)
        #expect(block.alert.required == 4 && block.alert.hops == 6 && block.alarm.escalation == 30_000 && block.isStated)
        let asystole = policy.rules[Condition.asystole.rawValue]
        let fibrillation = try #require(policy.place(of: "AFIB"))
        #expect(asystole.alarm.isLatching && asystole.alarm.inhibits(fibrillation))
        #expect(policy.engineRules.count == 2)
    }

    @Test("each wrong value is refused with its line, its column, and what would be right")
    func refused() {
        let cases = [
            ("name = 3", "p.toml:1:8: name = 3: not possible; a text would be right"),
            ("nmae = \"x\"", "p.toml:1:8: nmae: not known; name, [sound], [log] and [alarm.NAME] would be right"),
            ("[sound]\npause = 0", "p.toml:2:9: sound.pause = 0: not possible; a whole number from 1 to 3600 seconds would be right"),
            ("[sound]\nvolume = 1", "p.toml:2:10: sound.volume: not known; pause, pause-breaker, reminder or sound-again would be right"),
            (
                "[alarm.AFIB]\nthreshold = 1.5",
                "p.toml:2:13: alarm.AFIB.threshold = 1.5: not possible; a probability above 0 and at most 1 would be right"
            ),
            (
                "[alarm.AFIB]\n  priority = \"urgent\"",
                "p.toml:2:14: alarm.AFIB.priority = \"urgent\": not possible; one of none, information, low, medium, high would be right"
            ),
            (
                "[alarm.AFIB]\npersistence = [6, 5]",
                "p.toml:2:19: alarm.AFIB.persistence.1 = 5: not possible; [m, n], m of n answers, with m from 1 to n and n up to 32, would be right"
            ),
            (
                "[alarm.AFIB]\npersistence = 3",
                "p.toml:2:15: alarm.AFIB.persistence = 3: not possible; [m, n], m of n answers, with m from 1 to n and n up to 32, would be right"
            ),
            (
                "[alarm.asystole]\ninhibits = [\"AFIB\", \"XYZ\"]",
                "p.toml:2:21: alarm.asystole.inhibits.1 = \"XYZ\": not possible; the name of another condition or statement would be right"
            ),
            (
                "[log]\nsynchronous = \"of\"", "p.toml:2:15: log.synchronous = \"of\": not possible; \"full\" or \"normal\" would be right"
            ),
            ("[log]\n days = 0", "p.toml:2:9: log.days = 0: not possible; a whole number from 1 to 1048576 would be right"),
            ("[log]\nsnippets = 1.5", "p.toml:2:12: log.snippets = 1.5: not possible; a whole number from 0 to 1048576 MiB would be right"),
            (
                "[log]\nentries = 9223372036854775807",
                "p.toml:2:11: log.entries = 9223372036854775807: not possible; a whole number from 1 to 1048576 MiB would be right"
            ),
            ("[log]\nfolder = 1", "p.toml:2:10: log.folder: not known; synchronous, entries, snippets or days would be right"),
            ("log = 3", "p.toml:1:7: log = 3: not possible; a table, [log], would be right"),
            (
                "[sound]\npause = 9223372036854775807",
                "p.toml:2:9: sound.pause = 9223372036854775807: not possible; a whole number from 1 to 3600 seconds would be right"
            ),
            (
                "[sound]\npause = 1e300",
                "p.toml:2:9: sound.pause = 1e+300: not possible; a whole number from 1 to 3600 seconds would be right"
            ),
            (
                "[alarm.AFIB]\npersistence = [8]",
                "p.toml:2:15: alarm.AFIB.persistence = a list of 1: not possible; [m, n], m of n answers, with m from 1 to n and n up to 32, would be right"
            ),
            (
                "[alarm.AFIB]\npersistence = []",
                "p.toml:2:15: alarm.AFIB.persistence = a list of 0: not possible; [m, n], m of n answers, with m from 1 to n and n up to 32, would be right"
            ),
            (
                "[alarm.AFIB]\npersistence = [1, 2, 3]",
                "p.toml:2:15: alarm.AFIB.persistence = a list of 3: not possible; [m, n], m of n answers, with m from 1 to n and n up to 32, would be right"
            ),
            ("[alarm.AFIB]\nlatching = \"yes\"", "p.toml:2:12: alarm.AFIB.latching = \"yes\": not possible; true or false would be right"),
        ]
        for (text, expected) in cases { #expect(problem(text) == expected) }
        #expect(
            problem("[alarm.XYZ]\nlatching = true").hasPrefix(
                "p.toml:1:1: alarm.XYZ: neither a condition nor a statement of the model; conditions are "))
        #expect(problem("[alarm.AFIB]\nloudness = 3").hasPrefix("p.toml:2:12: alarm.AFIB.loudness: not known; kind, priority, "))
        #expect(problem("name = \"x\nname").hasPrefix("p.toml:1:"))
        #expect(problem("name = \"x\"\nname = \"y\"").hasPrefix("p.toml:2:"))
        #expect(problem("\u{0}").hasPrefix("p.toml:1:1: is no TOML"))
    }

    @Test("a text that was damaged at random, or is made to hurt, is refused or is a policy whose rules an engine takes")
    func damaged() throws {
        var random = Random(seed: 7)
        let pieces = [
            "9223372036854775807", "-9223372036854775808", "1e400", "nan", "inf", "[]", "[[1]]", "{}", "\"", "\n[", "=", "0x7f", "\u{0}",
            "é",
        ]
        var accepted = 0
        for name in AlarmPolicy.shipped {
            let bytes = try #require(AlarmPolicy.shippedText(name))
            for _ in 0..<700 {
                var text = Array(bytes.utf8)
                for _ in 0...random.index(below: 3) {
                    let place = random.index(below: text.count)
                    switch random.index(below: 4) {
                    case 0: text[place] = UInt8(truncatingIfNeeded: random.index(below: 256))
                    case 1: text.removeSubrange(place..<min(text.count, place + 1 + random.index(below: 20)))
                    case 2: text.insert(contentsOf: Array(pieces[random.index(below: pieces.count)].utf8), at: place)
                    default:
                        // In place of a value, where it hurts most.
                        guard let start = text[place...].firstIndex(of: UInt8(ascii: "=")) else { continue }
                        let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
                        text.replaceSubrange(start + 1..<end, with: Array(pieces[random.index(below: pieces.count)].utf8))
                    }
                    if text.isEmpty { text = [0x0A] }
                }
                guard let policy = try? AlarmPolicy.read(String(decoding: text, as: UTF8.self), file: "p.toml", model: model) else {
                    continue
                }
                accepted += 1
                #expect(policy.rules.allSatisfy { $0.alert.problem == nil })
            }
        }
        #expect(accepted > 100)
        func deep(_ count: Int) -> String { problem("[alarm.AFIB]\n" + String(repeating: "a.", count: count) + "a = 1") }
        #expect(deep(4000).hasPrefix("p.toml:2:"))
        #expect(deep(50_000) == "p.toml:1:1: is no TOML: more than 4096 dots")
    }

    @Test("a missing file is told with the names that ship")
    func missing() {
        #expect(
            throws: RuntimeError.cannotRead(
                file: "absent", reason: "there is no such file, and no policy of that name but bedside, clinic, replay")
        ) {
            try AlarmPolicy.load("absent", model: model)
        }
    }

    @Test("a policy's rules decide in the engine, and its board what is shown")
    func run() throws {
        func alarms(_ text: String) throws -> [String] {
            let run = PolicyRun(try AlarmPolicy.read(text, file: "p.toml", model: model), model: model)
            var source = SignalSource(simulator: Simulator(rate: 500, seed: 1, scenario: .demo), frames: 30_000, name: "demo")
            var said: [String] = []
            try run.play(&source) { (_, change, words) throws(RuntimeError) in said.append("\(PolicyBoard.name(change.kind)) \(words)") }
            return said
        }
        #expect(try alarms("").contains("raised atrial fibrillation"))
        #expect(!(try alarms("[alarm.AFIB]\npriority = \"none\"").contains("raised atrial fibrillation")))
        #expect(try alarms("[alarm.AFIB]\nonset-only = true").contains("acknowledged atrial fibrillation"))
        #expect(try alarms("[alarm.AFIB]\nlatching = true").contains("latched atrial fibrillation"))
    }

    @Test("what a policy would have done counts what sounds: not what is information, nor what a more urgent alarm drowns")
    func sounding() throws {
        func totals(_ text: String) throws -> PolicyRun.Totals {
            let rate = text.contains("heart-rate-high") ? "" : "\n[alarm.heart-rate-high]\npriority = \"none\""
            let run = PolicyRun(try AlarmPolicy.read(Self.silentButTwo + text + rate, file: "p.toml", model: model), model: model)
            var source = SignalSource(simulator: Simulator(rate: 500, seed: 1, scenario: .demo), frames: 30_000, name: "demo")
            try run.play(&source) { (_, _, _) throws(RuntimeError) in }
            return run.totals
        }
        let heard = try totals("")
        #expect(heard.sounded == [3: 1] && heard.unheard == 0 && heard.sounding > 10)
        let shown = try totals("\npriority = \"information\"")
        #expect(shown.sounded.isEmpty && shown.unheard == 1 && shown.sounding == 0)
        let louder = try totals("\npriority = \"information\"\nescalate-after = 5")
        #expect(louder.sounded == [2: 1] && louder.unheard == 0 && louder.sounding > 5 && louder.sounding < heard.sounding)
        let drowned = try totals("\n[alarm.heart-rate-high]\npriority = \"high\"\nthreshold = 1\npersistence = [1, 32]")
        #expect(drowned.sounded == [4: 1] && drowned.unheard == 1)
    }

    /// A policy that leaves atrial fibrillation and the high heart rate.
    private static let silentButTwo =
        [
            "asystole", "heart-rate-low", "electrode-off", "signal-lost", "artefact", "pause", "vf-suspected",
            "vt-suspected",
            "irregular-rhythm", "electrodes-swapped", "STACH", "SBRAD",
        ].map { "[alarm.\($0)]\npriority = \"none\"\n" }.joined() + "[alarm.AFIB]"
}
