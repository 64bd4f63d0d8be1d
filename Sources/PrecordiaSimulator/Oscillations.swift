// Electrical activity that has no beats: fibrillating and fluttering atria, fibrillating ventricles.
// It runs from sample to sample instead of being scheduled, and fades in and out when the rhythm changes.

import PrecordiaSignal

/// An oscillator whose frequency and size wander.
struct Oscillator {
    private var phase: Double
    private var tempo = Wander()
    private var size = Wander()

    init(phase: Double) { self.phase = phase }

    /// The next value, about -1.3...1.3, of a wave of `frequency` hertz give or take `spread`.
    @_noAllocation @_noLocks mutating func advance(seconds: Double, frequency: Double, spread: Double, _ random: inout Random) -> Double {
        let hertz = frequency + spread * tempo.advance(by: seconds * 2.3, &random)
        phase += hertz * seconds
        if phase >= 1 { phase -= 1 }
        let angle = phase * 6.283185307179586
        let envelope = 0.7 + 0.3 * size.advance(by: seconds * 1.1, &random)
        return envelope * (Arithmetic.sine(angle) + 0.3 * Arithmetic.sine(2 * angle + 1))
    }
}

/// The three kinds of continuous activity and how strongly each one runs now.
struct Oscillations {
    enum Kind: UInt8 { case none, atrialFibrillation, fineFibrillation, flutter, ventricularFibrillation }

    var kind = Kind.none
    /// How large fibrillating ventricles are: 1 is coarse, some 0.5 mV.
    var coarseness = 1.0
    private var fibrillation = 0.0
    private var flutter = 0.0
    private var ventricular = 0.0
    private var flutterPhase = 0.0
    private var random: Random
    private var first = Oscillator(phase: 0.1)
    private var second = Oscillator(phase: 0.4)
    private var third = Oscillator(phase: 0.7)

    /// Flutter waves a second.
    static var flutterHertz: Double { @_noAllocation @_noLocks get { 5 } }

    init(random: Random) { self.random = random }

    /// The dipole of the next sample, `seconds` after the one before.
    @inline(__always)
    @_noAllocation @_noLocks mutating func advance(seconds: Double) -> Dipole {
        var dipole = Dipole()
        if kind.rawValue == Kind.none.rawValue && fibrillation == 0 && flutter == 0 && ventricular == 0 { return dipole }
        fade(seconds)
        if fibrillation > 0 { addFibrillation(to: &dipole, seconds) }
        if flutter > 0 { addFlutter(to: &dipole, seconds) }
        if ventricular > 0 { addVentricular(to: &dipole, seconds) }
        return dipole
    }

    /// Reaches full strength at once, as when the recording begins in the middle of it.
    @_noAllocation @_noLocks mutating func skipFade() { fade(1) }

    private mutating func fade(_ seconds: Double) {
        let step = seconds * 2.5
        var goals = (fibrillation: 0.0, flutter: 0.0, ventricular: 0.0)
        switch kind {
        case .none: break
        case .atrialFibrillation: goals.fibrillation = 1
        case .fineFibrillation: goals.fibrillation = 0.3
        case .flutter: goals.flutter = 1
        case .ventricularFibrillation: goals.ventricular = 1
        }
        fibrillation = Oscillations.approach(fibrillation, goals.fibrillation, step)
        flutter = Oscillations.approach(flutter, goals.flutter, step)
        ventricular = Oscillations.approach(ventricular, goals.ventricular, step)
    }

    private static func approach(_ value: Double, _ goal: Double, _ step: Double) -> Double {
        value < goal ? (value + step < goal ? value + step : goal) : (value - step > goal ? value - step : goal)
    }

    /// f waves: 5 to 8 a second, some 80 uV in V1 and less elsewhere, the limb leads on another beat than V1.
    private mutating func addFibrillation(to dipole: inout Dipole, _ seconds: Double) {
        let right = fibrillation * first.advance(seconds: seconds, frequency: 6.6, spread: 1.1, &random)
        let left = fibrillation * second.advance(seconds: seconds, frequency: 6.1, spread: 1.3, &random)
        dipole.x += -20 * right + 18 * left
        dipole.y += 14 * right + 60 * left
        dipole.z += -82 * right + 9 * left
    }

    /// Typical counter-clockwise flutter: a saw, slowly down and quickly up in II, III and aVF, upright and small in V1.
    private mutating func addFlutter(to dipole: inout Dipole, _ seconds: Double) {
        flutterPhase += Oscillations.flutterHertz * seconds
        if flutterPhase >= 1 { flutterPhase -= 1 }
        let angle = flutterPhase * 6.283185307179586
        // The Fourier series of a saw, tapered so that it has no ringing.
        var saw = Arithmetic.sine(angle) + 0.40 * Arithmetic.sine(2 * angle)
        saw += 0.18 * Arithmetic.sine(3 * angle) + 0.07 * Arithmetic.sine(4 * angle)
        saw *= flutter
        dipole.x += 36 * saw
        dipole.y += 120 * saw
        dipole.z += 40 * saw
    }

    /// Three oscillators of 3 to 7 hertz that never agree, at ``coarseness`` 1 some 0.5 mV.
    private mutating func addVentricular(to dipole: inout Dipole, _ seconds: Double) {
        let size = ventricular * coarseness
        let a = size * first.advance(seconds: seconds, frequency: 5.2, spread: 1.6, &random)
        let b = size * second.advance(seconds: seconds, frequency: 4.6, spread: 1.8, &random)
        let c = size * third.advance(seconds: seconds, frequency: 5.6, spread: 2.0, &random)
        dipole.x += 360 * a + 150 * c
        dipole.y += 420 * b - 170 * a
        dipole.z += 210 * c + 190 * b
    }
}
