// Signal lines and the clock of a WFDB header: the fields whose parts run together in one word.
// Split from the line structure, which is read first.

extension WFDBHeader {
    /// Samples of one signal in a frame above which a header is refused.
    static var samplesPerFrameLimit: Int { 65_536 }

    /// `FILE FORMAT[xSAMPLES][:SKEW][+OFFSET] [GAIN[(BASELINE)][/UNIT] [RESOLUTION [ZERO [INITIAL [CHECKSUM [BLOCK [NAME]]]]]]]`
    static func parseSignal(_ line: Range<Int>, _ text: HeaderText) throws(RecordError) -> Signal {
        var rest = line
        var signal = Signal()
        let file = text.takeField(&rest) ?? line
        signal.fileName = text.text(file)
        guard let format = text.takeField(&rest) else {
            throw RecordError(
                .badHeader, file: text.path, place: "line \(text.line)", problem: "signal file \(text.quoted(file)) has no format",
                remedy: "'FILE FORMAT GAIN ...' is expected")
        }
        try parseFormat(format, text, &signal)
        var baseline: Int32?
        if let field = text.takeField(&rest) { baseline = try parseGain(field, text, &signal) }
        if let field = text.takeField(&rest) {
            let bits = try text.count("resolution", field)
            guard bits <= 64 else { throw text.absurd("resolution", field, "8 to 32 bits are usual, 0 means unknown") }
            signal.resolution = bits
        }
        if let field = text.takeField(&rest) { signal.adcZero = try text.smallInteger("ADC zero", field) }
        signal.initialValue = signal.adcZero
        if let field = text.takeField(&rest) { signal.initialValue = try text.smallInteger("initial value", field) }
        if let field = text.takeField(&rest) {
            guard let sum = text.integer(field) else { throw text.bad("checksum", field, "a whole number is right") }
            signal.checksum = UInt16(truncatingIfNeeded: sum)
        }
        if let field = text.takeField(&rest) { signal.blockSize = try text.count("block size", field) }
        signal.baseline = baseline ?? signal.adcZero
        // "II # moved electrode": what some write behind the name.
        let comment = rest.isEmpty ? nil : text.firstComment(in: rest, digits: false)
        signal.name = text.text(text.trimmed(rest.lowerBound..<(comment ?? rest.upperBound)))
        return signal
    }

    private static func parseFormat(_ field: Range<Int>, _ text: HeaderText, _ signal: inout Signal) throws(RecordError) {
        var end = text.digitsEnd(field)
        let number = try text.count("format", field.lowerBound..<end)
        while end < field.upperBound {
            let mark = text.bytes[end]
            let digits = end + 1..<text.digitsEnd(end + 1..<field.upperBound)
            switch mark {
            case UInt8(ascii: "x"): signal.samplesPerFrame = try text.count("samples per frame", digits)
            case UInt8(ascii: ":"): signal.skew = try text.count("skew", digits)
            case UInt8(ascii: "+"): signal.byteOffset = try text.count("byte offset", digits)
            default: throw text.bad("format", field, "a number such as 16, then x, : or + with a number, is right")
            }
            end = digits.upperBound
        }
        guard signal.samplesPerFrame >= 1, signal.samplesPerFrame <= samplesPerFrameLimit else {
            throw text.absurd("samples per frame", field, "1 to \(samplesPerFrameLimit) is right")
        }
        guard let format = WFDBFormat(rawValue: number) else {
            let reason = WFDBFormat.compressed.contains(number) ? "is FLAC compressed and not supported" : "is not known"
            signal.fault = RecordError(
                .unsupportedFormat, file: text.path, place: "line \(text.line), format", problem: "format \(number) \(reason)",
                remedy: "formats \(WFDBFormat.supportedList) are read; wfdb's xform or wrsamp can convert it")
            return
        }
        signal.format = format
    }

    /// - Returns: the baseline if one is stated.
    private static func parseGain(_ field: Range<Int>, _ text: HeaderText, _ signal: inout Signal) throws(RecordError) -> Int32? {
        let slash = text.firstIndex(of: "/", in: field)
        if let slash, slash + 1 < field.upperBound { signal.unit = text.text(slash + 1..<field.upperBound) }
        let head = field.lowerBound..<(slash ?? field.upperBound)
        let open = text.firstIndex(of: "(", in: head)
        let gain = head.lowerBound..<(open ?? head.upperBound)
        guard let value = text.number(gain) else {
            signal.fault = text.bad("gain", gain, "counts a unit, such as 1000(0)/mV, are right")
            return nil
        }
        if value != 0 {
            signal.gain = value
            signal.isCalibrated = true
        }
        guard let open else { return nil }
        guard let close = text.firstIndex(of: ")", in: open..<head.upperBound), close == head.upperBound - 1 else {
            throw text.bad("baseline", open..<head.upperBound, "a whole number in parentheses is right")
        }
        return try text.smallInteger("baseline", open + 1..<close)
    }

    /// The start's time and date, in either order; what cannot be understood is noted, since no sample depends on it.
    mutating func parseClock(_ rest: inout Range<Int>, _ text: HeaderText) {
        var time = StartTime()
        var sawTime = false
        while let field = text.takeField(&rest) {
            if !sawTime, WFDBHeader.parseTime(field, text, &time) {
                sawTime = true
            } else if time.date == nil, let date = WFDBHeader.parseDate(field, text) {
                time.date = date
            } else {
                problems.append("line \(text.line): \(text.quoted(field)) is neither a start time nor a date; it is ignored")
            }
        }
        if sawTime || time.date != nil { startTime = time }
    }

    /// `SS`, `MM:SS` or `HH:MM:SS`, the seconds with up to 6 decimals.
    private static func parseTime(_ field: Range<Int>, _ text: HeaderText, _ time: inout StartTime) -> Bool {
        var parts: [Range<Int>] = []
        var lower = field.lowerBound
        while let colon = text.firstIndex(of: ":", in: lower..<field.upperBound) {
            parts.append(lower..<colon)
            lower = colon + 1
        }
        parts.append(lower..<field.upperBound)
        guard parts.count <= 3, let seconds = text.number(parts[parts.count - 1]), seconds >= 0, seconds < 61 else { return false }
        var whole = [0, 0]
        for (place, part) in parts.dropLast().reversed().enumerated() {
            guard let value = text.integer(part), value >= 0, value < (place == 0 ? 60 : 24) else { return false }
            whole[place] = value
        }
        let milliseconds = Int(seconds * 1000 + 0.5)
        time.hour = whole[1]
        time.minute = whole[0]
        time.second = milliseconds / 1000
        time.millisecond = milliseconds % 1000
        return true
    }

    /// `DD/MM/YYYY`, or `DD-Mon-YYYY` as the CinC data sets write.
    private static func parseDate(_ field: Range<Int>, _ text: HeaderText) -> StartTime.Day? {
        let mark: Unicode.Scalar = text.firstIndex(of: "/", in: field) != nil ? "/" : "-"
        guard let first = text.firstIndex(of: mark, in: field),
            let second = text.firstIndex(of: mark, in: first + 1..<field.upperBound),
            let day = text.integer(field.lowerBound..<first), let year = text.integer(second + 1..<field.upperBound)
        else { return nil }
        let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        let middle = first + 1..<second
        let named = names.firstIndex(of: text.text(middle).lowercased()).map { $0 + 1 }
        guard let month = named ?? text.integer(middle), (1...12).contains(month), (1...31).contains(day), (0...9999).contains(year)
        else { return nil }
        return StartTime.Day(year: year, month: month, day: day)
    }
}

extension HeaderText {
    /// Where the run of digits at the start of `range` ends.
    func digitsEnd(_ range: Range<Int>) -> Int {
        var end = range.lowerBound
        while end < range.upperBound, bytes[end] >= 48, bytes[end] <= 57 { end += 1 }
        return end
    }
}
