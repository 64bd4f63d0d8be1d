// Findings into a file, by the program that draws. What `report` and `exam` share.

import PrecordiaCompanion
import PrecordiaFindings
import PrecordiaFormats
import PrecordiaHost
import PrecordiaSession

/// Writes sheets.
enum SheetDrawing {
    /// Writes findings as a picture, or as they are.
    static func write(_ findings: Findings, to path: String, replaces: Bool, asValues: Bool = false) throws(RuntimeError) {
        let bytes =
            asValues
            ? findings.line
            : try AnsweringProgram.answer(
                of: "precordia-sheet", to: findings.line, missing: "it belongs beside precordia: make programs",
                loading: "a library is missing; Cairo is in the package libcairo2: sudo apt-get install libcairo2 fonts-dejavu-core")
        do throws(RecordError) {
            try OutputFile.write(bytes, path: path, isPrivate: true, isKeeping: !replaces)
        } catch { throw RuntimeError(error) }
    }
}
