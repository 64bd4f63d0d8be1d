// The quality column: everything that the gate found in the windows of an exam, as one short text.
// Apart from what the engine gathers, because only a file has cautions.

package import PrecordiaQuality
import PrecordiaSession

/// Gathers the quality of an exam's windows.
package struct ExamQuality {
    /// The record is shorter than the model's window.
    package var isShort = false
    /// Windows that got "unknown" instead of an answer.
    package var unknownWindows = 0
    /// Windows with and without an answer.
    package var windows = 0
    /// What makes the record's amplitudes or times a guess: "uncalibrated:LEADS", "rate-assumed".
    package var cautions: [String] = []
    /// What was found in the windows.
    package var faults = SignalFaults()

    package init() {}

    /// "good", or what ``EventWords/quality(_:isShort:unknownWindows:windows:)`` has, then the cautions, joined by semicolons.
    package var text: String {
        let found = EventWords.quality(faults, isShort: isShort, unknownWindows: unknownWindows, windows: windows)
        let parts = (found.isEmpty ? [] : [found]) + cautions
        return parts.isEmpty ? "good" : parts.joined(separator: ";")
    }
}
