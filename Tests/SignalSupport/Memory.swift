// Memory for the states under test: it lives as long as the test process.

package import PrecordiaBeats
package import PrecordiaQuality
package import PrecordiaSignal

package func memory(_ count: Int) -> UnsafeMutableRawBufferPointer { .allocate(byteCount: count, alignment: 16) }

package func beatDetector(_ rate: Int) -> BeatDetector {
    BeatDetector(rate: rate, memory: memory(BeatDetector.requiredBytes(rate: rate)))
}

package func qualityMonitor(
    _ rate: Int, derived: LeadSet = .empty, lacking: LeadSet = .empty, unplaced: LeadSet = .empty, kernel: SignalKernel = .best
) -> QualityMonitor {
    QualityMonitor(
        rate: rate, windowSeconds: 10, derived: derived, lacking: lacking, unplaced: unplaced, kernel: kernel,
        memory: memory(QualityMonitor.requiredBytes(rate: rate, windowSeconds: 10)))
}
