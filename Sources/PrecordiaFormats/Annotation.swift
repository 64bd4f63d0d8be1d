// One annotation of a recording: a beat, a change of rhythm, a note, with the codes and symbols of the WFDB library.
// Apart from the file that holds them, because detectors and scorers speak of annotations and not of bytes.

/// A mark on a recording, as the WFDB library has it (ecgcodes.h; WFDB Applications Guide, annot(5)).
package struct Annotation: Equatable, Sendable {
    /// What is marked. Any number of 1 to 49; those with a name are the ones that this program writes or counts as beats.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package var rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A normal beat; from a detector a beat whose kind nobody judged, too.
        package static let normal = Code(rawValue: 1)
        /// A premature ventricular beat.
        package static let ventricular = Code(rawValue: 5)
        /// A paced beat.
        package static let paced = Code(rawValue: 12)
        /// A beat that cannot be classified.
        package static let unclassifiable = Code(rawValue: 13)
        /// A pacing pulse that no beat answers, or any mark of a pulse.
        package static let pacingPulse = Code(rawValue: 26)
        /// A change of rhythm; the text names it.
        package static let rhythmChange = Code(rawValue: 28)
        /// The peak of a P wave, and of a T wave.
        package static let pWave = Code(rawValue: 24)
        package static let tWave = Code(rawValue: 27)
        /// The beginning and the end of the wave whose peak stands between.
        package static let waveOnset = Code(rawValue: 39)
        package static let waveEnd = Code(rawValue: 40)
        /// A comment.
        package static let note = Code(rawValue: 22)

        /// The symbol of the WFDB library's tools, such as "N" or "V"; "?" for a number without one.
        package var symbol: String {
            let symbols: [Character] = Array(" NLRaVFJASEj/Q~ | sT*D\"=pB^t+u?![]en@xf()r")
            return rawValue < symbols.count && symbols[Int(rawValue)] != " " ? String(symbols[Int(rawValue)]) : "?"
        }

        /// Whether it marks a beat of the ventricles (WFDB's isqrs: N L R a V F J A S E j / Q B e n f r).
        package var isBeat: Bool {
            switch rawValue {
            case 1...13, 25, 30, 34, 35, 38, 41: true
            default: false
            }
        }
    }

    /// The sample that it stands at, counted from 0 at the record's own rate.
    package var sample: Int64
    package var code: Code
    /// A finer kind, the meaning of which depends on the code.
    package var subtype: Int8
    /// The signal that it is about; 0 for all.
    package var channel: UInt8
    /// A number for the use of whoever wrote it.
    package var number: Int8
    /// Text, up to 255 bytes.
    package var text: [UInt8]

    package init(
        sample: Int64, code: Code, subtype: Int8 = 0, channel: UInt8 = 0, number: Int8 = 0, text: [UInt8] = []
    ) {
        self.sample = sample
        self.code = code
        self.subtype = subtype
        self.channel = channel
        self.number = number
        self.text = text
    }
}
