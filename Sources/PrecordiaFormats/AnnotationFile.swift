// Annotation files of the WFDB library in MIT format (annot(5)), read and written whole.
// A file is a few kilobytes an hour, so that nothing is gained by streaming it.

/// Reads and writes annotation files.
///
/// Words of 16 bits, little-endian: a code in the upper 6 bits, samples since the last annotation in the lower 10. Codes from 59 on say more:
/// SKIP a long interval, NUM, SUB and CHN a field of the annotation before, AUX its text. NUM and CHN stay until they change. A word of 0 ends.
package enum AnnotationFile {
    private static let skip = 59, num = 60, sub = 61, chn = 62, aux = 63
    /// The largest file that is read: some weeks of beats.
    private static let limit = 64 << 20

    /// Reads a file.
    ///
    /// - Throws: ``RecordError/Code/badAnnotations`` where the bytes do not follow the format, or what the system refuses.
    package static func read(path: String) throws(RecordError) -> [Annotation] {
        try parse(fileBytes(path: path, limit: limit), path: path)
    }

    /// Reads the bytes of a file.
    package static func parse(_ bytes: [UInt8], path: String) throws(RecordError) -> [Annotation] {
        var found: [Annotation] = []
        var at = 0
        var time: Int64 = 0
        var number: Int8 = 0
        var channel: UInt8 = 0
        func word() throws(RecordError) -> Int {
            guard at + 2 <= bytes.count else {
                throw problem(path, at, "ends in the middle of an annotation", "an annotation file ends with two zero bytes")
            }
            defer { at += 2 }
            return Int(bytes[at]) | Int(bytes[at + 1]) << 8
        }
        while true {
            let place = at
            let value = try word()
            if value == 0 { return found }
            let (code, data) = (value >> 10, value & 1023)
            switch code {
            case skip:
                let high = try word()
                time += Int64(Int32(truncatingIfNeeded: high << 16 | (try word())))
            case num, sub, chn, aux:
                guard !found.isEmpty else {
                    throw problem(path, place, "code \(code) stands before any annotation", "an annotation comes first")
                }
                let last = found.count - 1
                switch code {
                case num:
                    number = Int8(truncatingIfNeeded: data)
                    found[last].number = number
                case sub: found[last].subtype = Int8(truncatingIfNeeded: data)
                case chn:
                    channel = UInt8(truncatingIfNeeded: data)
                    found[last].channel = channel
                default:
                    guard data <= 255, at + data + data % 2 <= bytes.count else {
                        throw problem(
                            path, place, "a text of \(data) bytes does not fit", "a text has up to 255 bytes and ends within the file")
                    }
                    found[last].text = Array(bytes[at..<at + data])
                    at += data + data % 2
                }
            case 0...49:
                time += Int64(data)
                guard time >= 0 else {
                    throw problem(path, place, "an annotation lies before the record's beginning", "samples count from 0")
                }
                // A code of 0 with a time moves on and marks nothing.
                guard code > 0 else { continue }
                found.append(
                    Annotation(sample: time, code: .init(rawValue: UInt8(code)), channel: channel, number: number))
            default: throw problem(path, place, "code \(code) is none", "1 to 49 and 59 to 63 are codes")
            }
        }
    }

    /// The bytes of a file with these annotations.
    ///
    /// Traps when samples descend or go below 0, a code is not 1 to 49 or a text is longer than 255 bytes: a program's errors.
    package static func bytes(_ annotations: [Annotation]) -> [UInt8] {
        var bytes: [UInt8] = []
        func put(_ code: Int, _ data: Int) {
            let word = code << 10 | data & 1023
            bytes.append(UInt8(truncatingIfNeeded: word))
            bytes.append(UInt8(truncatingIfNeeded: word >> 8))
        }
        var time: Int64 = 0
        var number: Int8 = 0
        var channel: UInt8 = 0
        for annotation in annotations {
            precondition(annotation.sample >= time, "Annotations must come in the order of their samples.")
            precondition((1...49).contains(annotation.code.rawValue) && annotation.text.count <= 255, "This annotation cannot be stored.")
            var distance = annotation.sample - time
            time = annotation.sample
            while distance > 1023 {
                // A long interval is a 32-bit number, its upper half first.
                let step = min(distance, Int64(Int32.max))
                put(skip, 0)
                for half in [step >> 16, step & 0xFFFF] { put(Int(half >> 10), Int(half & 1023)) }
                distance -= step
            }
            put(Int(annotation.code.rawValue), Int(distance))
            if annotation.subtype != 0 { put(sub, Int(annotation.subtype)) }
            if annotation.channel != channel { put(chn, Int(annotation.channel)) }
            if annotation.number != number { put(num, Int(annotation.number)) }
            (channel, number) = (annotation.channel, annotation.number)
            guard !annotation.text.isEmpty else { continue }
            put(aux, annotation.text.count)
            bytes += annotation.text + (annotation.text.count % 2 == 1 ? [0] : [])
        }
        put(0, 0)
        return bytes
    }

    /// Writes a file, whole or not at all.
    package static func write(_ annotations: [Annotation], path: String) throws(RecordError) {
        let file = try OutputFile(path: path)
        try file.write(bytes(annotations))
        try file.end()
        try file.place()
    }

    private static func problem(_ path: String, _ at: Int, _ problem: String, _ remedy: String) -> RecordError {
        RecordError(.badAnnotations, file: path, place: "byte \(at)", problem: problem, remedy: remedy)
    }
}
