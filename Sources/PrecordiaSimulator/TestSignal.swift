// Signals of a test bench, as monitors are tested with: triangles for QRS complexes, bumps for T waves, patterns of them in time.
// No heart: a formula of the time, so that a test knows to the microvolt and the millisecond what went in.

import PrecordiaSignal

/// Triangular complexes in all eight measured leads alike, after the figures of IEC 60601-2-27, 201.12.1.101 (ANSI/AAMI EC13).
///
/// The standard's own texts were not at hand: the irregular patterns keep its names and rates, their intervals are ours.
package struct TestSignal: Sendable {
    /// How complexes follow each other.
    package enum Pattern: UInt8, Sendable {
        /// Evenly, at ``rate``.
        case steady
        /// An upright complex and after 500 ms a wide, inverted one, every 1.5 s: 80 a minute.
        case bigeminy
        /// The same after 600 ms, every 2 s: 60 a minute.
        case slowAlternating
        /// The same after 400 ms, every second: 120 a minute.
        case rapidAlternating
        /// Upright and inverted complexes in turn, evenly: 90 a minute.
        case bidirectional
    }

    package var pattern = Pattern.steady
    /// Complexes a minute of ``Pattern/steady``, and those from ``change`` seconds on; 0 for none.
    package var rate = 80.0
    package var laterRate: Double?
    package var change = Double.infinity
    /// Height in microvolts and width in seconds of a complex.
    package var height = 1000.0
    package var width = 0.08
    /// Height in microvolts of the T wave; it is 180 ms wide and ends ``interval`` seconds after the complex begins (QT).
    package var waveHeight = 0.0
    package var interval = 0.35
    /// Mains hum in microvolts, peak to valley, at 50 Hz, and noise that is uniform between plus and minus this.
    package var mains = 0.0
    package var noise = 0.0

    package init() {}

    /// Complexes a minute after all patterns' own definition.
    package var nominalRate: Double {
        switch pattern {
        case .steady: laterRate ?? rate
        case .bigeminy: 80
        case .slowAlternating: 60
        case .rapidAlternating: 120
        case .bidirectional: 90
        }
    }

    /// The time of the last complex whose middle is at or before `time`, and whether it is the wide or inverted one; the first comes at 0.5 s.
    package func complex(before time: Double) -> (time: Double, isOther: Bool)? {
        let start = 0.5
        guard time >= start else { return nil }
        let (period, second): (Double, Double) =
            switch pattern {
            case .steady: (0, 0)
            case .bigeminy: (1.5, 0.5)
            case .slowAlternating: (2, 0.6)
            case .rapidAlternating: (1, 0.4)
            case .bidirectional: (120.0 / 90, 60.0 / 90)
            }
        guard period == 0 else {
            let whole = Double(Int64((time - start) / period)) * period + start
            return time - whole >= second ? (whole + second, true) : (whole, false)
        }
        func last(_ rate: Double, from first: Double, _ time: Double) -> Double {
            first + Double(Int64((time - first) * rate / 60)) * 60 / rate
        }
        guard time >= change, let laterRate else { return rate > 0 ? (last(rate, from: start, time), false) : nil }
        let before = rate > 0 && change > start ? last(rate, from: start, change) : change
        guard laterRate > 0 else { return (before, false) }
        return (last(laterRate, from: before, time), false)
    }

    /// The signal at `time` seconds, in microvolts, without noise.
    package func value(at time: Double) -> Double {
        var sum = mains / 2 * Arithmetic.sine(314.1592653589793 * time)
        // The complex that is over and its T wave, and the one whose first half is running.
        if let last = complex(before: time) { sum += value(of: last, since: time - last.time) }
        if let next = complex(before: time + 0.1), next.time > time { sum += value(of: next, since: time - next.time) }
        return sum
    }

    private func value(of complex: (time: Double, isOther: Bool), since: Double) -> Double {
        let wide = complex.isOther && pattern.rawValue != Pattern.bidirectional.rawValue ? 0.12 : width
        var sum = 0.0
        let distance = since.magnitude / (wide / 2)
        if distance < 1 { sum += height * (1 - distance) }
        let wave = (since + wide / 2 - interval + 0.09) / 0.09
        if wave.magnitude < 1 { sum += waveHeight * (1 - wave * wave) * (1 - wave * wave) }
        return complex.isOther ? -sum : sum
    }
}
