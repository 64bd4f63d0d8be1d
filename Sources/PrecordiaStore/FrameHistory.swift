// The last seconds of a stream's frames: what an alert's ECG is cut from.

import PrecordiaSignal

/// A ring of frames.
///
/// - Memory: 104 bytes a frame at most, for the rate's seconds, allocated at init; of 20 s at 500 Hz 1 MiB. Thread: one.
/// - When full: the oldest frame goes, as it should.
struct FrameHistory {
    let format: StreamFormat
    private var ring: [Frame]
    private var count = 0
    private var next = 0

    init(format: StreamFormat, seconds: Int) {
        self.format = format
        ring = Array(repeating: Frame(index: 0), count: format.rate * seconds)
    }

    /// Frames that it holds at most.
    var capacity: Int { ring.count }

    /// The newest frame's index; nil before the first.
    var newest: UInt64? { count == 0 ? nil : ring[(next + ring.count - 1) % ring.count].index }

    /// The index of the frame that the next one takes the place of; nil while there is room.
    var leaving: UInt64? { count == ring.count ? ring[next].index : nil }

    /// Adds a frame. One whose index does not grow is left out, as the engine does.
    mutating func append(_ frame: Frame) {
        if let newest, frame.index <= newest { return }
        ring[next] = frame
        next = (next + 1) % ring.count
        count = min(count + 1, ring.count)
    }

    /// The frames with these indexes that are there, oldest first.
    func frames(_ range: ClosedRange<UInt64>) -> [Frame] {
        (0..<count).lazy.map { ring[(next + ring.count - count + $0) % ring.count] }.filter { range.contains($0.index) }
    }
}
