// What can be wrong with a recorded exam, told so that the person at the cart can act on it.
// One flat type for the whole room, so that a program can act on the code and a person can read the rest.

/// Why a recording cannot be read or written.
///
/// ``description`` reads "FILE, PLACE: what is wrong, with the value; what would be right".
package struct RecordError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of error. The raw value is the stable name that programs may depend on.
    package enum Code: String, Sendable, CaseIterable {
        /// No file of that name.
        case notFound = "not-found"
        /// The operating system refuses to open or read the file.
        case unreadable = "unreadable"
        /// The operating system refuses to create or write the file.
        case unwritable = "unwritable"
        /// The header's text does not follow the WFDB format.
        case badHeader = "bad-header"
        /// A number in the header is outside of what a recording can have.
        case absurdValue = "absurd-value"
        /// The storage format is known but not read by this program, or not known at all.
        case unsupportedFormat = "unsupported-format"
        /// A signal file is shorter than its header says.
        case truncated = "truncated"
        /// The samples read do not add up to the header's checksum.
        case checksumMismatch = "checksum-mismatch"
        /// The sampling rate is not one that the engine takes.
        case unsupportedRate = "unsupported-rate"
        /// A lead's unit is not a voltage.
        case unknownUnit = "unknown-unit"
        /// A lead that cannot be computed from others is not in the record.
        case missingLead = "missing-lead"
        /// Two signals have the same lead's name.
        case duplicateLead = "duplicate-lead"
        /// The segments of a record do not fit together.
        case segmentMismatch = "segment-mismatch"
        /// A list of records or a folder cannot be used.
        case badList = "bad-list"
        /// An annotation file does not follow the MIT format.
        case badAnnotations = "bad-annotations"
    }

    /// The kind of error.
    package var code: Code
    /// The file that it is about, as the program opened it.
    package var file: String
    /// Where in the file: a line, a field, a signal; empty if it is the whole file.
    package var place: String
    /// What is wrong, with the value found.
    package var problem: String
    /// What would be right or what to do; empty if the problem says it all.
    package var remedy: String

    package init(_ code: Code, file: String, place: String = "", problem: String, remedy: String = "") {
        self.code = code
        self.file = file
        self.place = place
        self.problem = problem
        self.remedy = remedy
    }

    /// The error in one line.
    package var description: String {
        let subject = place.isEmpty ? file : "\(file), \(place)"
        return remedy.isEmpty ? "\(subject): \(problem)" : "\(subject): \(problem); \(remedy)"
    }
}
