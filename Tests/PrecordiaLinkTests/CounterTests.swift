// What each counter says over restarts, changed configurations and ends: nothing lost without a number, nothing counted twice.
// Apart from the tests of what arrives, because here it is only what does not.

import PrecordiaLink
import PrecordiaSignal
import Testing

@Suite struct CounterTests {
    private func part(_ device: Device, _ blocks: Range<Int>) -> [UInt8] {
        let ends = device.starts.dropFirst() + [device.bytes.count]
        return Array(device.bytes[device.starts[blocks.lowerBound]..<ends[ends.startIndex + blocks.upperBound - 1]])
    }

    @Test("an end in the middle of a data block loses none of its frames")
    func finish() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
        defer { memory.deallocate() }
        for framing in [LinkFraming.plain, .cobs] {
            var decoder = LinkDecoder(framing: framing, memory: memory)
            let bytes = Device(framing: framing).configure().data(from: 0, 10).bytes
            let cut = bytes.count - (framing == .cobs ? 1 : 0)
            var taken = 0
            var frames = 0
            bytes[..<cut].withUnsafeBytes { all in
                while taken < all.count, frames == 0 {
                    taken += decoder.feed(UnsafeRawBufferPointer(rebasing: all[taken...]))
                    while frames == 0, let message = decoder.next() { frames += message == .frame ? 1 : 0 }
                }
            }
            decoder.finish()
            while let message = decoder.next() { frames += message == .frame ? 1 : 0 }
            #expect(frames == 10 && decoder.counters.frames == 10)
            #expect(!decoder.counters.hasLoss)
        }
    }

    @Test("what the device says it dropped is added up over sessions, and stays when it can no longer tell")
    func dropped() {
        let first = Device(session: 1).configure().status(dropped: 300).status(dropped: 500)
        #expect(Decoded(first.bytes).counters.deviceSamplesDropped == 500)
        #expect(Decoded(first.status(dropped: .max).bytes).counters.deviceSamplesDropped == 500)
        let second = Device(session: 2).configure().status(dropped: 0).status(dropped: 7)
        #expect(Decoded(first.bytes + second.bytes).counters.deviceSamplesDropped == 507)
        #expect(Decoded(Device().status(dropped: 9).status(dropped: 4).bytes).counters.deviceSamplesDropped == 13)
    }

    @Test("frames lost at a change of configuration are counted, and so are those before data of an unheard one, once")
    func configurations() {
        let changed = Decoded(Device().configure().data(from: 0).configure(number: 2).data(from: 504).bytes)
        #expect(changed.counters.framesMissing == 500)
        #expect(changed.counters.restarts == 0)
        let device = Device().configure().data(from: 0).configure(number: 2).data(from: 14).configure(number: 2).data(from: 18).data(
            from: 30)
        let unheard = Decoded(part(device, 0..<2) + part(device, 3..<7))
        #expect(unheard.frames == [0, 1, 2, 3, 18, 19, 20, 21, 30, 31, 32, 33])
        #expect(unheard.counters.framesUnconfigured == 4)
        #expect(unheard.counters.framesMissing == 18)
        let wrong = Decoded(Device().block(.data, Array(repeating: 0xFF, count: 40)).configure().data(from: 0).bytes)
        #expect(wrong.counters.blocksMalformed == 1 && wrong.counters.framesUnconfigured == 0)
        #expect(wrong.frames == [0, 1, 2, 3] && wrong.counters.restarts == 0)
    }

    @Test("where a session's begin was heard, or must have come, its first frames are missed; where the host came later they are not")
    func begins() {
        let device = Device(session: 8).hello().configure().data(from: 0).data(from: 4).configure().data(from: 8)
        let heard = Decoded(part(device, 0..<2) + part(device, 3..<6))
        #expect(heard.counters.framesMissing == 4 && heard.counters.blocksMissing == 1)
        let late = Decoded(part(device, 4..<6))
        #expect(late.counters.framesMissing == 0 && late.counters.blocksMissing == 0)
        #expect(late.frames == Array(8..<12))
        let restarted = Decoded(Device(session: 7).configure().data(from: 0).bytes + part(device, 4..<6))
        #expect(restarted.counters.restarts == 1)
        #expect(restarted.counters.blocksMissing == 4)
        #expect(restarted.counters.framesMissing == 8)
    }

    @Test("a session that begins anew under its old number is no repetition, however short the first one was")
    func sameNumber() {
        for device in [Device().hello().configure().data(from: 0).data(from: 4), Device().configure().data(from: 0).data(from: 4)] {
            let twice = Decoded(device.bytes + device.bytes)
            #expect(twice.frames == Array(0..<8) + Array(0..<8))
            #expect(twice.counters.restarts == 1)
            #expect(!twice.counters.hasLoss)
        }
        let hello = Device().hello()
        let stuttered = Decoded(hello.bytes + hello.configure().data(from: 0).bytes)
        #expect(stuttered.counters.blocksRepeated == 1 && stuttered.counters.restarts == 0)
    }
}
