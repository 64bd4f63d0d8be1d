// Which signals are an electrocardiogram though their names say no lead of the twelve: ECG, ECG1, V, MCL1, CM5, V4R.
// Apart from the spellings of leads: a wrong guess here costs a note, a wrong one there an answer about the wrong lead.

import PrecordiaSignal

/// Judges the names of signals that say no lead.
enum UnplacedSignals {
    /// Places for them, in this order as far as they are free. II and I together would let others be computed from them, so I comes last.
    static var places: [Lead] { [.II, .V5, .V1, .V2, .V3, .V4, .V6, .I] }

    /// Whether the name says that it is an electrocardiogram.
    static func isECG(_ name: String) -> Bool {
        let name = plain(name)
        for word in ["ecg", "ekg", "electrocard", "lead", "mcl"] where contains(name, word) { return true }
        guard let first = name.first else { return false }
        // V, V4R, V4-V5 (bipolar), CM5, CC5, CS5, ML5: chest leads, not of the twelve.
        if name.count == 1 { return first == UInt8(ascii: "v") }
        let rest = name.dropFirst()
        if first == UInt8(ascii: "v"), isDigit(rest.first) {
            return rest.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "r") || $0 == UInt8(ascii: "v") }
        }
        guard name.count == 3, isDigit(name.last) else { return false }
        return [Array("cm".utf8), Array("cc".utf8), Array("cs".utf8), Array("cb".utf8), Array("ml".utf8), Array("mv".utf8)].contains(
            Array(name.prefix(2)))
    }

    /// Whether the name says that it is something else than an electrocardiogram, though it may be a voltage.
    static func isOther(_ name: String) -> Bool {
        let name = plain(name)
        let words = [
            "resp", "imp", "abp", "art", "pap", "cvp", "icp", "bp", "press", "pleth", "ppg", "spo", "sao", "so2", "eeg", "emg", "eog",
            "co2", "temp",
            "pulse", "acc", "marker", "event", "sound", "pcg", "phono", "volume", "flow", "airflow", "gsr", "eda", "trigger", "status",
            "battery",
        ]
        return words.contains { contains(name, $0) } || name == Array("hr".utf8)
    }

    /// Small letters and digits alone.
    private static func plain(_ name: String) -> [UInt8] {
        name.utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }.filter { ($0 >= 97 && $0 <= 122) || isDigit($0) }
    }

    private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 48 && $0 <= 57 } ?? false }

    private static func contains(_ name: [UInt8], _ word: String) -> Bool {
        let word = Array(word.utf8)
        guard name.count >= word.count else { return false }
        return (0...(name.count - word.count)).contains { name[$0..<($0 + word.count)].elementsEqual(word) }
    }
}
