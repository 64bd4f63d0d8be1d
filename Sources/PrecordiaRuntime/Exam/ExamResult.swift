// What one exam came to: the row that `classify` writes, before it is text.
// A value, so that threads may hand it over.

/// The classifier's verdict on one exam.
public struct ExamResult: Equatable, Sendable {
    /// Windows that the probabilities are the mean of: those with an answer, or all if none has one.
    public var windows = 0
    /// "good", or what is wrong, joined by semicolons; see ``ExamQuality``.
    public var quality = ""
    /// Mean probability of each label of the model, statements first.
    public var probabilities: [Double] = []
    /// Mean probability of each class; nil where the model does not cover it.
    public var classProbabilities: [Double?] = []
    /// Why the exam has no answer, in words; nil if it has one, or is good and merely short.
    public var noAnswer: String?
    /// The bit patterns of the last window's logits, one a label.
    public var logitBits: [UInt32] = []

    public init() {}
}

/// One record's outcome: a verdict, or why there is none.
public struct ExamOutcome: Sendable {
    /// The record as given.
    public var record: String
    public var result: Result<ExamResult, RuntimeError>

    public init(record: String, result: Result<ExamResult, RuntimeError>) {
        self.record = record
        self.result = result
    }
}
