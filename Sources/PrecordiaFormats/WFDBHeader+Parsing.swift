// The grammar of WFDB headers, after header(5), with what writers in the field do differently: dates before times, CRLF, loose spelling.
// A header that cannot be understood is an error with its line and field; one that is merely odd is read, and the oddity is noted.

extension WFDBHeader {
    /// Headers above this size are refused, bytes. A month-long record of ten thousand segments needs a hundredth of it.
    static var sizeLimit: Int { 32 << 20 }

    /// Signals or segments of a record above which a header is refused.
    static var signalLimit: Int { 4096 }
    static var segmentLimit: Int { 65_536 }

    /// Reads the header file at `path`.
    ///
    /// - Throws: `notFound`, `unreadable`, `badHeader`, `absurdValue` or `unsupportedFormat`.
    package init(path: String) throws(RecordError) {
        try self.init(bytes: fileBytes(path: path, limit: WFDBHeader.sizeLimit), path: path)
    }

    /// Parses a header's text.
    ///
    /// - Parameter path: where the text came from, for messages and for finding the signal files.
    /// - Throws: `badHeader`, `absurdValue` or `unsupportedFormat`.
    package init(bytes: [UInt8], path: String) throws(RecordError) {
        self.init()
        self.path = path
        var text = HeaderText(path: path, bytes: bytes)
        guard let recordLine = nextContent(&text) else {
            throw RecordError(.badHeader, file: path, problem: "the header is empty", remedy: "its first line names the record")
        }
        let segmentCount = try parseRecordLine(recordLine, text)
        if let segmentCount {
            for index in 0..<segmentCount {
                guard let line = nextContent(&text) else { throw missingLines(index, of: segmentCount, "segment") }
                segments.append(try parseSegment(line, text))
            }
            try checkSegments()
        } else {
            for index in 0..<signalCount {
                guard let line = nextContent(&text) else { throw missingLines(index, of: signalCount, "signal") }
                signals.append(try WFDBHeader.parseSignal(line, text))
            }
            // One signal that is stored otherwise does not keep the others from being read.
            if let fault = signals.first?.fault, signals.allSatisfy({ $0.fault != nil }) { throw fault }
        }
        var surplus = 0
        while nextContent(&text) != nil { surplus += 1 }
        if surplus > 0 { problems.append("\(surplus) lines after the last announced one are ignored") }
        noteUncalibrated()
    }

    /// The next line that is neither empty nor a comment; comments are kept.
    private mutating func nextContent(_ text: inout HeaderText) -> Range<Int>? {
        while let line = text.nextLine() {
            guard let first = line.first else { continue }
            guard text.bytes[first] == UInt8(ascii: "#") else { return line }
            comments.append(text.text(text.trimmed(first + 1..<line.upperBound)))
        }
        return nil
    }

    private func missingLines(_ found: Int, of announced: Int, _ kind: String) -> RecordError {
        RecordError(
            .badHeader, file: path, place: "record line",
            problem: "\(announced) \(kind)s are announced but only \(found) \(kind) lines follow",
            remedy: "one line for each \(kind) is needed; the header may have been cut short")
    }

    /// - Returns: the number of segments if the record has segments.
    private mutating func parseRecordLine(_ line: Range<Int>, _ text: HeaderText) throws(RecordError) -> Int? {
        var rest = line
        let first = text.takeField(&rest) ?? line
        let slash = text.firstIndex(of: "/", in: first)
        name = text.text(first.lowerBound..<(slash ?? first.upperBound))
        guard !name.isEmpty else { throw text.bad("record name", first, "a name before the slash is needed") }
        var segmentCount: Int?
        if let slash {
            segmentCount = try text.count("number of segments", slash + 1..<first.upperBound)
            guard let segmentCount, (1...WFDBHeader.segmentLimit).contains(segmentCount) else {
                throw text.absurd("number of segments", slash + 1..<first.upperBound, "1 to \(WFDBHeader.segmentLimit) is right")
            }
        }
        guard let field = text.takeField(&rest) else {
            throw RecordError(
                .badHeader, file: path, place: "line \(text.line)", problem: "the record line has no number of signals",
                remedy: "'NAME SIGNALS FREQUENCY SAMPLES' is expected")
        }
        signalCount = try text.count("number of signals", field)
        guard signalCount <= WFDBHeader.signalLimit else {
            throw text.absurd("number of signals", field, "up to \(WFDBHeader.signalLimit) are read")
        }
        if let field = text.takeField(&rest) {
            try parseFrequency(field, text)
        } else {
            problems.append("the header states no sampling frequency: 250 Hz is assumed, as the format's definition says")
        }
        if let field = text.takeField(&rest) {
            let count = try text.count("number of samples", field)
            frameCount = count == 0 && segmentCount == nil ? nil : count
        }
        parseClock(&rest, text)
        return segmentCount
    }

    private mutating func parseFrequency(_ field: Range<Int>, _ text: HeaderText) throws(RecordError) {
        let slash = text.firstIndex(of: "/", in: field)
        let main = field.lowerBound..<(slash ?? field.upperBound)
        guard let value = text.number(main) else { throw text.bad("sampling frequency", main, "a number of hertz such as 500 is right") }
        guard value > 0, value <= 10_000_000 else {
            throw text.absurd("sampling frequency", main, "above 0 and up to 10000000 Hz is right")
        }
        frequency = value
        statesFrequency = true
        counterFrequency = value
        guard let slash else { return }
        let counter = slash + 1..<field.upperBound
        let open = text.firstIndex(of: "(", in: counter)
        let ticks = counter.lowerBound..<(open ?? counter.upperBound)
        guard let value = text.number(ticks), value > 0 else { throw text.bad("counter frequency", ticks, "a number above 0 is right") }
        counterFrequency = value
        guard let open else { return }
        let close = text.firstIndex(of: ")", in: open..<counter.upperBound) ?? counter.upperBound
        guard let value = text.number(open + 1..<close) else {
            throw text.bad("base counter", open + 1..<close, "a number in parentheses is right")
        }
        baseCounter = value
    }

    private mutating func parseSegment(_ line: Range<Int>, _ text: HeaderText) throws(RecordError) -> Segment {
        var rest = line
        let field = text.takeField(&rest) ?? line
        guard let length = text.takeField(&rest) else {
            throw RecordError(
                .badHeader, file: path, place: "line \(text.line)", problem: "segment \(text.quoted(field)) has no number of samples",
                remedy: "'SEGMENT SAMPLES' is expected")
        }
        return Segment(name: text.text(field), frameCount: try text.count("segment's number of samples", length))
    }

    private mutating func checkSegments() throws(RecordError) {
        var total = 0
        for segment in segments {
            let (sum, overflow) = total.addingReportingOverflow(segment.frameCount)
            guard !overflow else {
                throw RecordError(.absurdValue, file: path, place: "segments", problem: "their lengths add up to more than 64 bits hold")
            }
            total = sum
        }
        if let stated = frameCount, stated != total, stated != 0 {
            problems.append("the record line says \(stated) samples, its segments have \(total); the segments are used")
        }
        frameCount = total
    }

    private mutating func noteUncalibrated() {
        let uncalibrated = signals.filter { !$0.isCalibrated && $0.format != .null }.count
        guard uncalibrated > 0 else { return }
        problems.append("\(uncalibrated) of \(signals.count) signals state no gain: 200 counts a millivolt are assumed, uncalibrated")
    }
}

extension HeaderText {
    func bad(_ field: String, _ range: Range<Int>, _ remedy: String) -> RecordError {
        RecordError(
            .badHeader, file: path, place: "line \(line), \(field)", problem: "\(quoted(range)) cannot be understood", remedy: remedy)
    }

    func absurd(_ field: String, _ range: Range<Int>, _ remedy: String) -> RecordError {
        RecordError(.absurdValue, file: path, place: "line \(line), \(field)", problem: "\(quoted(range)) is not possible", remedy: remedy)
    }

    /// A whole number from 0.
    func count(_ field: String, _ range: Range<Int>) throws(RecordError) -> Int {
        guard let value = integer(range) else {
            let digits = !range.isEmpty && bytes[range].allSatisfy { $0 >= 48 && $0 <= 57 }
            if digits { throw absurd(field, range, "a number that a recording can have is right") }
            throw bad(field, range, "a whole number is right")
        }
        guard value >= 0 else { throw absurd(field, range, "0 or more is right") }
        return value
    }

    /// A whole number of at most 32 bits.
    func smallInteger(_ field: String, _ range: Range<Int>) throws(RecordError) -> Int32 {
        guard let value = integer(range) else { throw bad(field, range, "a whole number is right") }
        guard let small = Int32(exactly: value) else { throw absurd(field, range, "a number of at most 32 bits is right") }
        return small
    }
}
