// What makes a ventricular run of beats that follow each other, beat by beat.

import PrecordiaSignal
import Testing

@testable import PrecordiaBeats

/// A beat of another shape than the usual ones.
private func strange(ventricular: Bool, sharpness: Float = 0.8, constancy: Float = 0.9, usual: Float = 0.4) -> RunBeat {
    var beat = RunBeat()
    beat.isStrange = true
    beat.isVentricular = ventricular
    beat.isWide = true
    beat.isVeryWide = true
    beat.sharpness = sharpness
    beat.constancy = constancy
    beat.usualLikeness = usual
    beat.likeness = 0.9
    return beat
}

/// How many of these beats, 400 ms from each other at 500 Hz, it takes to be a run of 5 and more; nil if 12 are none.
private func beatsToARun(_ beat: RunBeat) -> Int? {
    var run = VentricularRun()
    for count in 1...12 {
        run.add(beat, interval: 200, since: 200, rate: 500, RhythmLimits())
        if run.beats >= 5 { return count }
    }
    return nil
}

@Suite("A ventricular run")
struct VentricularRunTests {
    @Test("is one from the fifth beat on where its beats were called ventricular")
    func called() { #expect(beatsToARun(strange(ventricular: true)) == 5) }

    @Test("needs 8 beats where they were only strange, and 5 where they are very blunt and alike")
    func strangeOnes() {
        #expect(beatsToARun(strange(ventricular: false)) == 8)
        #expect(beatsToARun(strange(ventricular: false, sharpness: 0.6)) == 5)
        #expect(beatsToARun(strange(ventricular: false, sharpness: 0.6, constancy: 0.7)) == 8)
    }

    @Test("is none where they are sharp, or unlike each other")
    func none() {
        #expect(beatsToARun(strange(ventricular: true, sharpness: 0.95)) == nil)
        #expect(beatsToARun(strange(ventricular: true, constancy: 0.5)) == nil)
    }

    @Test("of usual beats that were never narrow needs 8 of them, at 115 a minute and more")
    func fromTheStart() {
        var beat = RunBeat()
        beat.isUsuallyWide = true
        beat.isWide = true
        beat.isVeryWide = true
        beat.sharpness = 1
        beat.usualLikeness = 0.98
        #expect(beatsToARun(beat) == 8)
        var slow = VentricularRun()
        for _ in 0..<20 { slow.add(beat, interval: 265, since: 265, rate: 500, RhythmLimits()) }
        #expect(slow.beats < 5)
    }

    @Test("of usual beats of 155 ms, where nobody has heard a slower rhythm, needs 16 of them at 105 a minute")
    func slowFromTheStart() {
        var beat = RunBeat()
        beat.isUsuallyWide = true
        beat.isUsuallyVeryWide = true
        beat.isWide = true
        beat.isVeryWide = true
        beat.sharpness = 1
        beat.usualLikeness = 0.98
        var run = VentricularRun()
        var counts: [Int] = []
        for _ in 0..<20 {
            run.add(beat, interval: 285, since: 285, rate: 500, RhythmLimits())
            counts.append(run.beats)
        }
        #expect(counts[14] == 4 && counts[15] == 16 && counts[19] == 20)
    }

    @Test("is over after beats that are more like the usual ones than like it")
    func over() {
        var run = VentricularRun()
        for _ in 0..<6 { run.add(strange(ventricular: true), interval: 200, since: 200, rate: 500, RhythmLimits()) }
        var usual = RunBeat()
        usual.likeness = 0.8
        usual.usualLikeness = 0.99
        for _ in 0..<3 { run.add(usual, interval: 250, since: 250, rate: 500, RhythmLimits()) }
        #expect(run.beats < 5)
    }
}
