// What one exam came to: the row that `classify` writes, before it is text.
// A value, so that threads may hand it over.

package import PrecordiaHost

/// The classifier's verdict on one exam.
package struct ExamResult: Equatable, Sendable {
    /// Windows that the probabilities are the mean of: those with an answer, or all if none has one.
    package var windows = 0
    /// "good", or what is wrong, joined by semicolons; see ``ExamQuality``.
    package var quality = ""
    /// Mean probability of each label of the model, statements first.
    package var probabilities: [Double] = []
    /// Mean probability of each class; nil where the model does not cover it.
    package var classProbabilities: [Double?] = []
    /// Why the exam has no answer, in words; nil if it has one, or is good and merely short.
    package var noAnswer: String?
    /// The bit patterns of the last window's logits, one a label.
    package var logitBits: [UInt32] = []

    /// What was measured of the last 10 s, and which criteria are met, as columns; nil where nobody asked.
    package var measured: MeasuredColumns?

    /// The second of the record at which it begins, of a window; nil of a whole record.
    package var start: Double?

    package init() {}
}

/// One record's outcome: a verdict, or why there is none.
package struct ExamOutcome: Sendable {
    /// The record as given.
    package var record: String
    package var result: Result<ExamResult, RuntimeError>
    /// Its windows behind the first, which is ``result``, where each has a row of its own.
    package var rest: [ExamResult] = []

    package init(record: String, result: Result<ExamResult, RuntimeError>) {
        self.record = record
        self.result = result
    }

    /// A record's windows, at least one.
    package init(record: String, windows: [ExamResult]) {
        self.init(record: record, result: .success(windows[0]))
        rest = Array(windows.dropFirst())
    }
}
