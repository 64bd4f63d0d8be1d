// What the header of a WFDB record says, field by field, as header(5) of the WFDB Applications Guide defines it.
// Kept apart from the samples: `inspect` reads headers alone, and a folder of exams is sorted out by them.

/// The header of a WFDB record: one recording, or the list of its segments.
package struct WFDBHeader: Sendable {
    /// The header file, as it was opened.
    package internal(set) var path = ""
    /// The record's name on the record line.
    package internal(set) var name = ""
    /// Signals that the record line announces, one line each unless the record has segments.
    package internal(set) var signalCount = 0
    /// Frames a second, hertz, above 0. 250 if the header does not say.
    package internal(set) var frequency = 250.0
    /// The header states a frequency.
    package internal(set) var statesFrequency = false
    /// Ticks a second of the recorder's counter, hertz; the frequency if the header does not say.
    package internal(set) var counterFrequency = 250.0
    /// The counter's value at sample 0.
    package internal(set) var baseCounter = 0.0
    /// Frames of the record; nil if the header does not say.
    package internal(set) var frameCount: Int?
    /// When the first sample was taken, by the recorder's clock.
    package internal(set) var startTime: StartTime?
    /// The signals, in the order of their lines. Empty for a record of segments.
    package internal(set) var signals: [Signal] = []
    /// The segments in time order, the layout segment first if there is one. Empty for a single recording.
    package internal(set) var segments: [Segment] = []
    /// The text of comment lines, without the `#` and the blanks around.
    package internal(set) var comments: [String] = []
    /// What the header does oddly without being unreadable, in words.
    package internal(set) var problems: [String] = []

    /// The record is a list of segments.
    package var isMultiSegment: Bool { !segments.isEmpty }

    /// The first segment only describes the signals, and the others hold whichever of them were connected.
    package var hasVariableLayout: Bool { segments.first.map { $0.frameCount == 0 && !$0.isNull } ?? false }

    /// A signal line.
    package struct Signal: Sendable {
        /// The signal file, relative to the header's folder.
        package internal(set) var fileName = ""
        /// Why the signal cannot be read though others can: its storage format is not one that is read, and ``format`` stands for none.
        package internal(set) var fault: RecordError?
        /// How samples are stored.
        package internal(set) var format = WFDBFormat.null
        /// Samples of this signal in each frame, 1 or more.
        package internal(set) var samplesPerFrame = 1
        /// Frames by which this signal lags in the file.
        package internal(set) var skew = 0
        /// Bytes of the file before the first sample.
        package internal(set) var byteOffset = 0
        /// Counts a physical unit; finite and not 0. 200 if the header does not say, see ``isCalibrated``.
        package internal(set) var gain = 200.0
        /// The header states a gain.
        package internal(set) var isCalibrated = false
        /// The count that stands for 0 physical units; ``adcZero`` if the header does not say.
        package internal(set) var baseline: Int32 = 0
        /// The physical unit; `mV` if the header does not say.
        package internal(set) var unit = "mV"
        /// Bits of the converter; 0 if the header does not say.
        package internal(set) var resolution = 0
        /// The count in the middle of the converter's range.
        package internal(set) var adcZero: Int32 = 0
        /// The first sample's count; ``adcZero`` if the header does not say.
        package internal(set) var initialValue: Int32 = 0
        /// The low 16 bits of the sum of all counts; nil if the header does not say.
        package internal(set) var checksum: UInt16?
        /// Bytes of a block of a special file; 0 for ordinary ones.
        package internal(set) var blockSize = 0
        /// The signal's name, such as the lead; may be empty.
        package internal(set) var name = ""
    }

    /// A line of a record of segments.
    package struct Segment: Sendable {
        /// The segment's record name, or `~` for a stretch without any signal.
        package internal(set) var name: String
        /// Frames of the segment.
        package internal(set) var frameCount: Int

        /// Nothing was recorded in this stretch.
        package var isNull: Bool { name == "~" }
    }

    /// A recorder's wall clock at the first sample. The zone is not recorded.
    package struct StartTime: Sendable, Equatable, CustomStringConvertible {
        /// The date, if the header states one.
        package internal(set) var date: Day?
        package internal(set) var hour = 0
        package internal(set) var minute = 0
        package internal(set) var second = 0
        package internal(set) var millisecond = 0

        /// A day of the calendar.
        package struct Day: Sendable, Equatable {
            package var year: Int
            package var month: Int
            package var day: Int

            package init(year: Int, month: Int, day: Int) {
                self.year = year
                self.month = month
                self.day = day
            }
        }

        package init(date: Day? = nil, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0) {
            self.date = date
            self.hour = hour
            self.minute = minute
            self.second = second
            self.millisecond = millisecond
        }

        /// `2020-02-05 11:39:16.250`: the date if known, the fraction if not 0.
        package var description: String {
            var text = ""
            if let date { text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2)) " }
            text += "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
            return millisecond == 0 ? text : text + ".\(padded(millisecond, 3))"
        }
    }

    /// The name of signal `index`, or its number if it has none.
    package func label(of index: Int) -> String {
        signals[index].name.isEmpty ? "signal \(index + 1)" : signals[index].name
    }

    /// Whether a signal lies in a file of this name.
    func names(_ fileName: String) -> Bool { signals.contains { $0.fileName == fileName } }

    /// The path of a file that the header names.
    func path(ofFile fileName: String) -> String {
        fileName.utf8.first == UInt8(ascii: "/") ? fileName : path.folderPrefix + fileName
    }
}

/// `value` in decimal with leading zeros up to `width` digits.
func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
