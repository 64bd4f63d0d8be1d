// What is known of ten seconds of one exam, as values: what a sheet of paper shows, and nothing of how it was found.
// Apart from whoever finds it, so that the program that draws loads no engine, and from the drawing, so that the engine's program loads no Cairo.

/// An exam's samples and everything that is said of them. `precordia` makes it and hands it as one line of JSON to `precordia-sheet`.
package struct Findings: Equatable, Sendable {
    package var patient = PatientFindings()
    package var exam = ExamFacts()
    /// Twelve, in the standard order.
    package var traces: [Trace] = []
    /// What the log says of the alert that the exam was cut for; nil of an exam.
    package var alarm: AlarmFinding?
    package var values: [MeasuredValue] = []
    package var statements: [StatementFinding] = []
    /// Why the network says nothing; nil where it does.
    package var noAnswer: String?
    package var quality = QualityFinding()
    package var median: MedianFinding?
    package var comparison: ComparisonFinding?
    package var sheet = SheetSettings()

    package init() {}
}

/// Who it is about, as text of nobody knows whom; nil for what is not known.
package struct PatientFindings: Equatable, Sendable {
    package var name: String?
    package var id: String?
    package var birthDate: String?
    package var sex: String?
    package var age: String?
    /// Whether it was left out on purpose.
    package var isAnonymous = false

    package init() {}
}

/// When, where from and how it was recorded.
package struct ExamFacts: Equatable, Sendable {
    /// The clock at the first sample that is shown, as a person reads it.
    package var time: String?
    package var source: String?
    package var device: String?
    /// Samples a second.
    package var rate = 500
    /// Which stretch of a longer recording it is, in words; nil of a whole one.
    package var stretch: String?
    /// Filters, in words.
    package var filter = "none, as recorded"
    /// Version and model of who measured and judged.
    package var program = ""
    /// What is odd about the record, in sentences.
    package var notes: [String] = []
    /// The moment of the alarm, seconds from the first sample.
    package var mark: Double?

    package init() {}
}

/// One lead.
package struct Trace: Equatable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        /// Its samples are there.
        case recorded
        /// Computed from I and II.
        case computed
        /// The record does not have it.
        case absent
        /// Its electrode was off all the time.
        case off
        /// It is in the record and cannot be read.
        case unreadable
    }

    package var name: String
    package var state: State
    /// What is wrong with it, in a word or two to stand beside its name; empty where nothing is.
    package var fault: String
    /// Microvolts; nil for a sample that is missing. Empty unless recorded or computed.
    package var microvolts: [Int32?]

    package init(_ name: String, _ state: State, fault: String = "", microvolts: [Int32?] = []) {
        self.name = name
        self.state = state
        self.fault = fault
        self.microvolts = microvolts
    }
}

/// The alert of a log.
package struct AlarmFinding: Equatable, Sendable {
    package var words: String
    package var priority: String
    package var time: String?

    package init(words: String, priority: String, time: String?) {
        self.words = words
        self.priority = priority
        self.time = time
    }
}

/// A measured value.
package struct MeasuredValue: Equatable, Sendable {
    package var name: String
    package var unit: String
    /// Nil where it is not known.
    package var value: Double?
    /// Its standard error, in the same unit.
    package var error: Double?
    package var decimals: Int
    /// Why it is not known, in words.
    package var reason: String

    package init(_ name: String, _ unit: String, _ value: Double?, error: Double? = nil, decimals: Int = 0, reason: String = "") {
        self.name = name
        self.unit = unit
        self.value = value
        self.error = error
        self.decimals = decimals
        self.reason = reason
    }
}

/// A statement, with what it rests on.
package struct StatementFinding: Equatable, Sendable {
    package enum Status: String, Sendable, CaseIterable {
        /// The engine's rules of rhythm and signal.
        case rule
        /// A label of the network that people gave the exams it learned from.
        case network
        /// A published criterion on what is measured.
        case criterion
        /// A label of the network that another machine gave.
        case machine
    }

    package var words: String
    package var code: String
    package var status: Status
    /// 0 to 1; nil of what has none.
    package var probability: Double?
    /// 0 none ... 4 high.
    package var priority: Int

    package init(_ words: String, code: String, _ status: Status, probability: Double? = nil, priority: Int = 0) {
        self.words = words
        self.code = code
        self.status = status
        self.probability = probability
        self.priority = priority
    }
}

/// How good the signal is.
package struct QualityFinding: Equatable, Sendable {
    package enum Verdict: String, Sendable, CaseIterable {
        case good, degraded, unknown
    }

    package var verdict = Verdict.unknown
    /// What is wrong, each in a few words.
    package var faults: [String] = []

    package init() {}
}

/// The median beat with its marks.
package struct MedianFinding: Equatable, Sendable {
    /// Values a second, and the place that marks are relative to.
    package var rate: Double
    package var origin: Int
    package var beats: Int
    /// By lead, microvolts; nil of a lead that was not measured.
    package var leads: [[Int32]?]
    /// Of all leads together, milliseconds from the origin.
    package var marks: [MarkFinding]
    /// Sizes by lead.
    package var sizes: [LeadSizes?]

    package init(rate: Double, origin: Int, beats: Int, leads: [[Int32]?], marks: [MarkFinding], sizes: [LeadSizes?]) {
        self.rate = rate
        self.origin = origin
        self.beats = beats
        self.leads = leads
        self.marks = marks
        self.sizes = sizes
    }
}

/// An edge of a wave.
package struct MarkFinding: Equatable, Sendable {
    package var name: String
    package var milliseconds: Double

    package init(_ name: String, _ milliseconds: Double) {
        self.name = name
        self.milliseconds = milliseconds
    }
}

/// Waves of one lead, millivolts; nil for what is not there.
package struct LeadSizes: Equatable, Sendable {
    /// P, Q, R, S, R', T, level at J, level 60 ms later.
    package var values: [Double?]
    package static let names = ["P", "Q", "R", "S", "R'", "T", "J", "J+60"]

    package init(_ values: [Double?]) { self.values = values }
}

/// What differs from another exam of the same patient.
package struct ComparisonFinding: Equatable, Sendable {
    package struct Change: Equatable, Sendable {
        package var name: String
        package var unit: String
        package var before: Double?
        package var now: Double?
        package var decimals: Int
        /// Whether it is more than both values' errors explain; nil where that is not known.
        package var isChange: Bool?

        package init(_ name: String, _ unit: String, before: Double?, now: Double?, decimals: Int, isChange: Bool?) {
            self.name = name
            self.unit = unit
            self.before = before
            self.now = now
            self.decimals = decimals
            self.isChange = isChange
        }
    }

    /// The other exam's time or name.
    package var other = ""
    package var changes: [Change] = []
    /// Statements that only one of both has, and those of both.
    package var new: [String] = []
    package var gone: [String] = []
    package var same: [String] = []
    /// What keeps both from being compared, in sentences.
    package var notes: [String] = []
    package var median: MedianFinding?

    package init() {}
}
