// Each 10 s of a record as an exam of its own.
// Apart from the mean over them, because of a day's recording one row says nothing.

package import PrecordiaHost
import PrecordiaNetwork
package import PrecordiaSession
import PrecordiaSignal

extension ExamClassifier {
    /// The verdict on each whole window of a source, and on what remains where it is at least a second, or all there is.
    package func windows(_ source: inout SignalSource) throws(RuntimeError) -> [ExamResult] {
        let length = UInt64(model.view.window * source.format.rate / model.view.rate)
        var found: [ExamResult] = []
        var start: UInt64 = 0
        while case let frames = try hear(&source, from: start, most: length), frames > 0 {
            if found.isEmpty || frames >= UInt64(source.format.rate) {
                var result = result(cautions: source.description.cautions)
                result.start = Double(start) / Double(source.format.rate)
                found.append(result)
            }
            start += frames
        }
        guard !found.isEmpty else { throw .noSample(source.description.name) }
        return found
    }
}
