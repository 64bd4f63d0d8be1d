// Findings read from JSON. What is not there keeps its usual value; what cannot be is refused with its name.

/// What is wrong with a text that is no findings.
package struct FindingsFault: Error, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

extension Findings {
    /// The version of the text that this program reads and writes.
    static var version: Double { 1 }
    /// Most samples of a lead: a minute at the highest rate.
    static var mostSamples: Int { 120_000 }

    /// Reads what ``line`` wrote.
    package init(_ bytes: [UInt8]) throws(FindingsFault) {
        let json: JSONValue
        do throws(JSONValue.Fault) { json = try JSONValue(bytes) } catch {
            throw FindingsFault("no JSON: \(error.problem), at byte \(error.offset)")
        }
        guard json["findings"].number == Self.version else {
            throw FindingsFault("not the findings of this version; precordia and precordia-sheet must be of one version")
        }
        self.init()
        sheet = try SheetSettings(json["sheet"])
        patient = PatientFindings(json["patient"])
        exam = try ExamFacts(json["exam"])
        if let words = json["alarm"]["words"].text {
            alarm = AlarmFinding(words: words, priority: json["alarm"]["priority"].text ?? "", time: json["alarm"]["time"].text)
        }
        quality.verdict = json["quality"]["verdict"].text.flatMap(QualityFinding.Verdict.init) ?? .unknown
        quality.faults = Self.texts(json["quality"]["faults"])
        values = (json["values"].list ?? []).map(MeasuredValue.init)
        statements = (json["statements"].list ?? []).map(StatementFinding.init)
        noAnswer = json["noAnswer"].text
        if case .object = json["median"] { median = try MedianFinding(json["median"]) }
        if case .object = json["comparison"] { comparison = try ComparisonFinding(json["comparison"]) }
        for trace in json["traces"].list ?? [] { traces.append(try Trace(trace)) }
        guard traces.count == 12 else { throw FindingsFault("\(traces.count) leads; twelve would be right") }
    }

    static func texts(_ value: JSONValue) -> [String] { (value.list ?? []).compactMap(\.text) }

    /// A whole number within bounds.
    static func whole(_ value: JSONValue, _ name: String, _ range: ClosedRange<Int>) throws(FindingsFault) -> Int {
        guard let number = value.number, number == number.rounded(), number >= Double(range.lowerBound), number <= Double(range.upperBound)
        else { throw FindingsFault("\(name) is none; \(range.lowerBound) to \(range.upperBound) would be right") }
        return Int(number)
    }

    static func microvolts(_ value: JSONValue) -> [Int32?] {
        (value.list ?? []).prefix(mostSamples).map { $0.number.map { Int32(max(-2_147_483_647, min(2_147_483_647, $0))) } }
    }

    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: JSONValue, _ name: String, _ type: Choice.Type
    ) throws(FindingsFault) -> Choice where Choice.RawValue == String {
        guard let text = value.text, let choice = Choice(rawValue: text) else {
            throw FindingsFault("\(name) is none; \(Choice.allCases.map(\.rawValue).joined(separator: ", ")) would be right")
        }
        return choice
    }

    static func number(_ value: JSONValue, _ name: String, _ range: ClosedRange<Double>) throws(FindingsFault) -> Double {
        guard let number = value.number, range.contains(number) else {
            throw FindingsFault("\(name) is none; \(range.lowerBound) to \(range.upperBound) would be right")
        }
        return number
    }
}

extension SheetSettings {
    fileprivate init(_ json: JSONValue) throws(FindingsFault) {
        self.init()
        form = try Findings.choice(json["form"], "form", Form.self)
        paper = try Findings.choice(json["paper"], "paper", Paper.self)
        layout = try Findings.choice(json["layout"], "layout", Layout.self)
        speed = try Findings.number(json["speed"], "speed", 5...200)
        gain = try Findings.number(json["gain"], "gain", 1...100)
        rhythm = json["rhythm"].text ?? rhythm
        dots = try Findings.whole(json["dots"], "dots", 20...1200)
        page = try Findings.whole(json["page"], "page", 1...2)
    }
}

extension PatientFindings {
    fileprivate init(_ json: JSONValue) {
        self.init()
        (name, id, birthDate) = (json["name"].text, json["id"].text, json["birthDate"].text)
        (sex, age, isAnonymous) = (json["sex"].text, json["age"].text, json["isAnonymous"].bool ?? false)
    }
}

extension ExamFacts {
    fileprivate init(_ json: JSONValue) throws(FindingsFault) {
        self.init()
        (time, source, device, stretch) = (json["time"].text, json["source"].text, json["device"].text, json["stretch"].text)
        rate = try Findings.whole(json["rate"], "rate", 1...100_000)
        filter = json["filter"].text ?? filter
        program = json["program"].text ?? program
        notes = Findings.texts(json["notes"])
        mark = json["mark"].number
    }
}

extension Trace {
    fileprivate init(_ json: JSONValue) throws(FindingsFault) {
        self.init(
            json["name"].text ?? "", try Findings.choice(json["state"], "a lead's state", State.self), fault: json["fault"].text ?? "",
            microvolts: Findings.microvolts(json["microvolts"]))
    }
}

extension MeasuredValue {
    fileprivate init(_ json: JSONValue) {
        self.init(
            json["name"].text ?? "", json["unit"].text ?? "", json["value"].number, error: json["error"].number,
            decimals: Int(max(0, min(6, json["decimals"].number ?? 0))), reason: json["reason"].text ?? "")
    }
}

extension StatementFinding {
    fileprivate init(_ json: JSONValue) {
        self.init(
            json["words"].text ?? "", code: json["code"].text ?? "", json["status"].text.flatMap(Status.init) ?? .machine,
            probability: json["probability"].number, priority: Int(max(0, min(4, json["priority"].number ?? 0))))
    }
}

extension MedianFinding {
    fileprivate init(_ json: JSONValue) throws(FindingsFault) {
        rate = try Findings.number(json["rate"], "the median's rate", 1...100_000)
        origin = try Findings.whole(json["origin"], "the median's origin", 0...100_000)
        beats = try Findings.whole(json["beats"], "beats", 0...1_000_000)
        leads = (json["leads"].list ?? []).map { $0 == .null ? nil : Findings.microvolts($0).map { $0 ?? 0 } }
        marks = (json["marks"].list ?? []).compactMap { mark in
            mark["milliseconds"].number.map { MarkFinding(mark["name"].text ?? "", $0) }
        }
        sizes = (json["sizes"].list ?? []).map { sizes in sizes.list.map { LeadSizes($0.map(\.number)) } }
        guard leads.count == 12, sizes.count == 12 else { throw FindingsFault("a median of \(leads.count) leads; twelve would be right") }
        guard sizes.allSatisfy({ $0 == nil || $0!.values.count == LeadSizes.names.count }) else {
            throw FindingsFault("sizes of a lead are not \(LeadSizes.names.count)")
        }
    }
}

extension ComparisonFinding {
    fileprivate init(_ json: JSONValue) throws(FindingsFault) {
        self.init()
        other = json["other"].text ?? ""
        changes = (json["changes"].list ?? []).map { change in
            Change(
                change["name"].text ?? "", change["unit"].text ?? "", before: change["before"].number, now: change["now"].number,
                decimals: Int(max(0, min(6, change["decimals"].number ?? 0))), isChange: change["isChange"].bool)
        }
        (new, gone) = (Findings.texts(json["new"]), Findings.texts(json["gone"]))
        (same, notes) = (Findings.texts(json["same"]), Findings.texts(json["notes"]))
        if case .object = json["median"] { median = try MedianFinding(json["median"]) }
    }
}
