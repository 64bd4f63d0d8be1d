// The alarm matrix judges rightly, knows when a rhythm's definition is met, and plays a live session as it plays a replay: the same each time.
// Whether the engine passes is the matrix's own to say (`make test-alarms`).

import PrecordiaBoards
import PrecordiaHost
import PrecordiaLink
import PrecordiaSession
import PrecordiaSignal
import Testing

@testable import PrecordiaBench

@Suite("Alarm matrix") struct AlarmMatrixTests {
    private func stretch(_ name: String, _ start: Double, _ end: Double = .infinity, technical: Bool = false) -> MatrixWatch.Stretch {
        MatrixWatch.Stretch(name: name, isTechnical: technical, start: start, end: end)
    }

    private func verdict(_ stretches: [MatrixWatch.Stretch], met: Double? = 20, limit: Double = 10) -> MatrixVerdict {
        MatrixVerdict(stretches, right: ["vf-suspected", "asystole"], met: met, limit: limit, end: 100)
    }

    @Test("an alarm within the limit that lasts is right; one of another kind, of another time or none is silence")
    func right() {
        #expect(verdict([stretch("vf-suspected", 25)]) == .right("vf-suspected", after: 5))
        #expect(verdict([stretch("vf-suspected", 12)]) == .right("vf-suspected", after: -8))
        #expect(verdict([stretch("vt-suspected", 25)]) == .silent)
        #expect(verdict([stretch("vf-suspected", 5, 15)]) == .silent)
        #expect(verdict([]) == .silent)
        #expect(verdict([stretch("vf-suspected", 25)], met: nil) == .silent)
    }

    @Test("a technical alarm stands in for the right one, and the right one is named where it comes in time")
    func technical() {
        #expect(verdict([stretch("signal-lost", 24, technical: true)]) == .technical("signal-lost", after: 4))
        #expect(verdict([stretch("signal-lost", 24, technical: true), stretch("asystole", 28)]) == .right("asystole", after: 8))
        #expect(verdict([stretch("signal-lost", 24, technical: true), stretch("asystole", 48)]) == .technical("signal-lost", after: 4))
    }

    @Test("what comes after the limit is late, and the limit is what it is given")
    func late() {
        #expect(verdict([stretch("asystole", 30.5)]) == .late("asystole", after: 10.5))
        #expect(verdict([stretch("asystole", 30.5)], limit: 15) == .right("asystole", after: 10.5))
    }

    @Test("an alarm that ends by itself is found, unless another has taken over within an answer")
    func ends() {
        #expect(verdict([stretch("vf-suspected", 25, 60)]) == .ends("vf-suspected", after: 40))
        #expect(verdict([stretch("vf-suspected", 25, 60), stretch("vf-suspected", 70)]) == .ends("vf-suspected", after: 40))
        #expect(verdict([stretch("vf-suspected", 25, 60), stretch("asystole", 61)]) == .right("vf-suspected", after: 5))
        #expect(
            verdict([stretch("vf-suspected", 25, 60), stretch("signal-lost", 59, technical: true)]) == .right("vf-suspected", after: 5))
        #expect(verdict([stretch("vf-suspected", 12, 22), stretch("asystole", 28)]) == .right("asystole", after: 8))
        #expect(verdict([stretch("vf-suspected", 25, 99)]) == .right("vf-suspected", after: 5))
    }

    @Test("of a normal rhythm each alarm about the patient is false, a technical one is not")
    func normal() {
        #expect(MatrixVerdict(normal: []) == .quiet)
        #expect(MatrixVerdict(normal: [stretch("signal-lost", 3, technical: true)]) == .quiet)
        #expect(MatrixVerdict(normal: [stretch("asystole", 6), stretch("vf-suspected", 5)]) == .falseAlarm("vf-suspected", at: 5))
    }

    @Test("a watch keeps the stretches of what is up, each by its name")
    func watch() {
        var watch = MatrixWatch()
        watch.note([("a", false)], at: 1)
        watch.note([("a", false), ("b", true)], at: 2)
        watch.note([("b", true)], at: 3)
        watch.note([("a", false), ("b", true)], at: 4)
        #expect(watch.stretches == [stretch("a", 1, 3), stretch("b", 2, technical: true), stretch("a", 4)])
    }

    @Test("definitions are met with the 5th or 17th beat, or after 4 s without one")
    func definitions() throws {
        let clean = try #require(MatrixDisturbance.all.first { $0.name == "clean" })
        func truth(_ rhythm: MatrixRhythm, beginsInRhythm: Bool) -> MatrixRhythm.Truth {
            let signal = MatrixSignal(rhythm, clean, beginsInRhythm: beginsInRhythm)
            var frame = Frame(index: 0)
            for _ in 0..<signal.frames { _ = signal.next(into: &frame) }
            #expect(frame.index == UInt64(signal.frames - 1))
            return signal.truth
        }
        for rhythm in MatrixRhythm.allCases {
            for beginsInRhythm in [false, true] {
                let truth = truth(rhythm, beginsInRhythm: beginsInRhythm)
                let (began, met) = (try #require(truth.began), try #require(truth.met))
                #expect((beginsInRhythm ? 0...0 : 20...21.5).contains(began), "\(rhythm)")
                let least: ClosedRange<Double> =
                    switch rhythm {
                    case .tachycardia105: 2.2...3
                    case .tachycardia120: 1.9...2.6
                    case .tachycardia170: 1.3...2
                    case .tachycardia250: 0.9...1.5
                    case .slow: 6.5...8.9
                    case .fast: 5.2...5.9
                    case .block30: 7.5...9
                    case .block20: 11.5...13
                    case .asystole: 3...4
                    case .coarseFibrillation, .fineFibrillation, .normal: 4...4.01
                    }
                #expect(least.contains(met - began), "\(rhythm), \(met - began)")
            }
        }
    }

    @Test("disturbances have names of their own, and a third of the signal grants 5 s more")
    func disturbances() {
        #expect(Set(MatrixDisturbance.all.map(\.name)).count == MatrixDisturbance.all.count)
        #expect(MatrixDisturbance.all.filter { $0.limit == 15 }.map(\.name) == ["lost-third"])
        for disturbance in MatrixDisturbance.all {
            let lost = (0..<1500).count { disturbance.loses(block: UInt64($0)) }
            #expect(lost == 1500 * disturbance.lost.blocks / disturbance.lost.of, "\(disturbance.name)")
        }
    }

    @Test("pulses come before beats where they are captured, and 70 a minute where they are not")
    func pulses() throws {
        func marks(_ name: String, _ rhythm: MatrixRhythm) throws -> Int {
            let disturbance = try #require(MatrixDisturbance.all.first { $0.name == name })
            let signal = MatrixSignal(rhythm, disturbance, beginsInRhythm: true)
            var frame = Frame(index: 0)
            return (0..<60 * MatrixSignal.rate).count { _ in signal.next(into: &frame) != nil }
        }
        #expect((168...172).contains(try marks("pulses-captured", .tachycardia170)))
        #expect(try marks("pulses-captured", .asystole) == 0)
        #expect((69...71).contains(try marks("pulses-free", .asystole)))
        #expect(try marks("marks-20", .asystole) == 2999)
        #expect(try marks("clean", .tachycardia170) == 0)
    }

    /// One cell, played.
    private func play(
        _ rhythm: MatrixRhythm, _ disturbance: String, _ way: MatrixWay, silenced: String? = nil
    ) throws -> MatrixOutcome {
        var matrix = AlarmMatrix()
        matrix.rhythms = [rhythm]
        matrix.disturbances = MatrixDisturbance.all.filter { $0.name == disturbance }
        (matrix.ways, matrix.beginnings, matrix.silenced) = ([way], [false], silenced)
        var outcomes: [MatrixOutcome] = []
        try matrix.run(try LoadedModel.open(nil), threads: 1) { outcomes.append($0) }
        #expect(outcomes.count == 1)
        return outcomes[0]
    }

    @Test("an asystole is alarmed on every way, and twice the same", arguments: MatrixWay.allCases)
    func asystole(way: MatrixWay) throws {
        let first = try play(.asystole, "clean", way)
        guard case .right("asystole", let after) = first.verdict else {
            Issue.record("\(MatrixText.line(first))")
            return
        }
        #expect((0...10).contains(after))
        #expect(try play(.asystole, "clean", way).account == first.account)
    }

    @Test("a silent cell that is planted is found")
    func planted() throws {
        let outcome = try play(.asystole, "clean", .replay, silenced: "asystole")
        #expect(outcome.verdict == .silent)
        var text = MatrixText()
        text.add(outcome)
        #expect(!text.isWhole)
        #expect(text.tables.contains { $0.contains("**silent**") } && text.tables.last?.contains("1 silent") == true)
    }

    @Test("a device that repeats its last block is lost, and one that tells another rate is told by it")
    func devices() throws {
        guard case .technical("device-lost", _) = try play(.asystole, "repeats", .bedside).verdict else {
            Issue.record("a device that repeats itself is not lost")
            return
        }
        var settings = DeviceSettings()
        settings.faults.toldRate = 250
        let signal = MatrixSignal(.normal, MatrixDisturbance.all[0], beginsInRhythm: true)
        let source = SignalSource(signal, rate: MatrixSignal.rate, frames: 10, name: "told")
        let firmware = DeviceFirmware(settings, source: source, takesCommands: false)
        var rates: [Int] = []
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 64)
        defer { memory.deallocate() }
        var decoder = LinkDecoder(memory: memory)
        let line = MemoryLine { bytes throws(RuntimeError) in
            _ = decoder.feed(bytes)
            while decoder.next() != nil { if let rate = decoder.configuration?.rate { rates.append(rate) } }
        }
        try firmware.queue.send(to: line)
        #expect(rates.last == 250)
    }

    @Test("a played clock stands where it was set, on its thread, and the system's is back afterwards")
    func clock() {
        let now = Monotonic.now()
        Monotonic.played { set in
            set(17)
            #expect(Monotonic.now() == 17)
            set(23)
            #expect(Monotonic.now() == 23)
        }
        #expect(Monotonic.now() >= now)
    }
}
