// A record's marks as WFDB annotation files: one for all leads together, one for each lead, as LUDB and the QT Database have them.

import PrecordiaBeats
package import PrecordiaFormats
package import PrecordiaHost
import PrecordiaMeasure
import PrecordiaSession
package import PrecordiaSignal

/// Writes the marks of a ``MeasureListing``.
package enum MeasureMarks {
    /// Writes `name`.global and `name`.LEAD for each lead of the record: the record's own names in small letters, a repeated one with 2, 3 and so on.
    ///
    /// - Returns: the files' paths.
    package static func write(_ listing: MeasureListing, name: String) throws(RuntimeError) -> [String] {
        var paths = ["\(name).global"]
        do throws(RecordError) {
            try AnnotationFile.write(annotations(listing, lead: nil), path: paths[0])
            for (lead, suffix) in suffixes(of: listing.record) {
                try AnnotationFile.write(annotations(listing, lead: lead), path: "\(name).\(suffix)")
                paths.append("\(name).\(suffix)")
            }
        } catch { throw RuntimeError(error) }
        return paths
    }

    /// The leads that the record has, in order, with the ends of their files' names.
    package static func suffixes(of record: ECGRecord) -> [(lead: Lead, suffix: String)] {
        var seen: [String: Int] = ["global": 1]
        return Lead.allCases.filter { record.format.leads.contains($0) }.map { lead in
            let plain = String((record.signalName(of: lead) ?? lead.name).lowercased().map { isPlain($0) ? $0 : "_" })
            seen[plain, default: 0] += 1
            let count = seen[plain]!
            return (lead, count == 1 ? plain : "\(plain)\(count)")
        }
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "-" || character == ".")
    }

    /// The marks of one lead, or of all together, in the order of time: "(" peak ")" for each wave; a wave without edges is left out.
    static func annotations(_ listing: MeasureListing, lead: Lead?) -> [Annotation] {
        var marks: [Annotation] = []
        let last = Int64(listing.record.sampleCount) - 1
        for beat in listing.beats {
            let wave = lead.map { beat.leads[Int($0.rawValue)] } ?? beat.together
            let place = { (time: Float) -> Int64 in beat.beat.position + Int64((time * Float(listing.record.rate) / 1000).rounded()) }
            let add = { (times: [(Float?, Annotation.Code)]) in
                let known = times.compactMap { time, code in time.map { (place($0), code) } }
                guard known.allSatisfy({ $0.0 >= 0 && $0.0 <= last }) else { return }
                marks += known.map { Annotation(sample: $0.0, code: $0.1) }
            }
            if let onset = wave.pOnset, let end = wave.pEnd {
                add([(onset, .waveOnset), (wave.pPeak ?? 0.5 * (onset + end), .pWave), (end, .waveEnd)])
            }
            if let onset = wave.qrsOnset, let end = wave.qrsEnd {
                let peak = min(max(wave.rPeak ?? 0, onset), end)
                add([(onset, .waveOnset), (peak, code(beat.beat.kind)), (end, .waveEnd)])
            }
            if let onset = wave.tOnset, let end = wave.tEnd {
                add([(onset, .waveOnset), (min(max(wave.tPeak ?? 0.5 * (onset + end), onset), end), .tWave), (end, .waveEnd)])
            }
        }
        // Waves of neighbouring beats may overlap at fast rates; a file's annotations ascend.
        return marks.enumerated().sorted { ($0.element.sample, $0.offset) < ($1.element.sample, $1.offset) }.map(\.element)
    }

    private static func code(_ kind: BeatKind) -> Annotation.Code {
        switch kind {
        case .usual: .normal
        case .ventricular: .ventricular
        case .paced: .paced
        }
    }
}
