// Frames as C has them, counts or microvolts, handed to the engine one by one.
// Apart from the engine's other functions, because these run for every frame.

public import CPrecordia
import PrecordiaEngine
import PrecordiaSignal

extension EngineState {
    /// Takes frames until there is an event, or none is left; `fill` puts a frame's samples in.
    @inline(__always)
    fileprivate mutating func push(
        _ index: UInt64, _ marks: UnsafePointer<precordia_marks>?, _ frames: Int, fill: (borrowing Channels, Int, inout Frame) -> Void
    ) -> Int {
        var frame = Frame(index: index)
        var taken = 0
        while taken < frames {
            frame.missing = .empty
            frame.clipped = .empty
            if let mark = marks?[taken] {
                frame.missing.formUnion(LeadSet(rawValue: mark.missing))
                frame.clipped = LeadSet(rawValue: mark.clipped)
                frame.off = ElectrodeSet(rawValue: mark.off)
            }
            fill(channels, taken, &frame)
            engine.push(frame)
            taken &+= 1
            frame.index &+= 1
            if engine.hasEvents { break }
        }
        return taken
    }
}

extension Channels {
    /// Puts a channel's microvolts into a frame, rounded to counts.
    @inline(__always)
    fileprivate func put(_ microvolts: Double, _ channel: Int, _ frame: inout Frame) {
        let lead = Int(self.lead[channel])
        let bit = LeadSet(rawValue: 1 &<< UInt16(lead))
        let count = Arithmetic.roundedToEven(microvolts / format.microvoltsPerCount[lead]) + Double(format.baseline[lead])
        if count >= -2_147_483_648, count <= 2_147_483_647 {
            frame.counts[lead] = Int32(count)
        } else if microvolts.isNaN {
            frame.missing.formUnion(bit)
        } else {
            frame.counts[lead] = count < 0 ? .min : .max
            frame.clipped.formUnion(bit)
        }
    }
}

@c @implementation
public func precordia_engine_mark_pace(_ engine: OpaquePointer, _ sample: UInt64, _ width: UInt16) -> Bool {
    EngineState.at(engine).pointee.engine.mark(pace: sample, width: width == 0 ? nil : width)
}

@c @implementation
public func precordia_engine_push_counts(
    _ engine: OpaquePointer, _ index: UInt64, _ counts: UnsafePointer<Int32>, _ marks: UnsafePointer<precordia_marks>?, _ frames: Int
) -> Int {
    EngineState.at(engine).pointee.push(index, marks, frames) { channels, place, frame in
        let values = counts + place &* channels.count
        for channel in 0..<channels.count { frame.counts[Int(channels.lead[channel])] = values[channel] }
    }
}

@c @implementation
public func precordia_engine_push_microvolts(
    _ engine: OpaquePointer, _ index: UInt64, _ microvolts: UnsafePointer<Double>, _ marks: UnsafePointer<precordia_marks>?, _ frames: Int
) -> Int {
    EngineState.at(engine).pointee.push(index, marks, frames) { channels, place, frame in
        let values = microvolts + place &* channels.count
        for channel in 0..<channels.count { channels.put(values[channel], channel, &frame) }
    }
}

@c @implementation
public func precordia_engine_push_microvolts_float(
    _ engine: OpaquePointer, _ index: UInt64, _ microvolts: UnsafePointer<Float>, _ marks: UnsafePointer<precordia_marks>?, _ frames: Int
) -> Int {
    EngineState.at(engine).pointee.push(index, marks, frames) { channels, place, frame in
        let values = microvolts + place &* channels.count
        for channel in 0..<channels.count { channels.put(Double(values[channel]), channel, &frame) }
    }
}
