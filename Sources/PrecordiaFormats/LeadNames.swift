// The many ways in which recorders spell a lead and a unit.
// Data rather than grammar: a new recorder usually adds a line here and nothing elsewhere.

import PrecordiaSignal

extension Lead {
    /// The lead's usual name, `I` to `V6`.
    package var name: String { String(describing: self) }

    /// The lead that a signal's name means; nil if it means none, or one that is not of the standard twelve, such as `V4R` or `-aVR`.
    ///
    /// Capitals, blanks and punctuation do not matter, nor do words like "ECG" or "lead" before the name: `aVR`, `AVR`, `ECG_avr`,
    /// `MDC_ECG_LEAD_AVR`, `LI`, `D1`, `DII`, `C3`, `MLII`, `mod.V1`. A bare number means no lead: `ECG 1` is a channel.
    package init?(spelling: String) {
        var name: [UInt8] = []
        var previous = UInt8(ascii: " ")
        for byte in spelling.utf8 {
            let lower = byte >= 65 && byte <= 90 ? byte + 32 : byte
            if byte == UInt8(ascii: "-"), previous == UInt8(ascii: " ") { return nil }
            previous = byte
            if byte > 127 { return nil }
            if (lower >= 97 && lower <= 122) || (byte >= 48 && byte <= 57) { name.append(lower) }
        }
        var changed = true
        while changed {
            changed = false
            for prefix in ["mdc", "ecg", "ekg", "leads", "lead", "derivation", "mod"] where name.starts(with: prefix.utf8) {
                name.removeFirst(prefix.utf8.count)
                changed = true
            }
        }
        guard name.count <= 5, let lead = Lead(canonical: name) else { return nil }
        self = lead
    }

    private init?(canonical name: [UInt8]) {
        switch String(decoding: name, as: UTF8.self) {
        case "i", "li", "di", "l1", "d1", "mli": self = .I
        case "ii", "lii", "dii", "l2", "d2", "mlii": self = .II
        case "iii", "liii", "diii", "l3", "d3", "mliii": self = .III
        case "avr": self = .aVR
        case "avl": self = .aVL
        case "avf": self = .aVF
        case "v1", "c1": self = .V1
        case "v2", "c2": self = .V2
        case "v3", "c3": self = .V3
        case "v4", "c4": self = .V4
        case "v5", "c5": self = .V5
        case "v6", "c6": self = .V6
        default: return nil
        }
    }

    /// The spelling says that a lead was taken with the electrodes elsewhere on the trunk (Mason-Likar), as in ambulatory recordings.
    static func isModified(_ spelling: String) -> Bool {
        let lower = spelling.lowercased()
        return (lower.contains("mli") || lower.contains("mod")) && Lead(spelling: spelling) != nil
    }
}

/// Units of voltage.
enum Voltage {
    /// Microvolts in one `unit`; nil if it is not a voltage.
    static func microvolts(per unit: String) -> Double? {
        if unit == "V" || unit == "v" { return 1_000_000 }
        switch unit.lowercased() {
        case "mv", "millivolt", "millivolts", "mvolt", "mvolts": return 1000
        case "uv", "µv", "\u{3BC}v", "microvolt", "microvolts", "uvolt", "uvolts", "mcv": return 1
        case "nv", "nanovolt", "nanovolts": return 0.001
        case "volt", "volts": return 1_000_000
        default: return nil
        }
    }
}
