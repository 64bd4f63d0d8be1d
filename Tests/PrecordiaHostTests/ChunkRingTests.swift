// The ring between two threads of a live session: order, refusal, reserve, and that nothing is torn.

import Foundation
import Testing

@testable import PrecordiaHost

@Suite struct ChunkRingTests {
    func bytes(_ count: Int, _ value: UInt8) -> [UInt8] { Array(repeating: value, count: count) }

    @Test("chunks come out in order, whole, with kind and time, around the end of the memory")
    func order() throws {
        let ring = ChunkRing(capacity: 4096, reserve: 64)
        for turn in 0..<2000 {
            let sent = bytes(turn % 700, UInt8(truncatingIfNeeded: turn))
            #expect(sent.withUnsafeBytes { ring.push(UInt32(turn), time: Int64(turn) * 3, $0) })
            let chunk = try #require(ring.next())
            #expect(chunk.kind == UInt32(turn) && chunk.time == Int64(turn) * 3)
            #expect(Array(chunk.bytes) == sent)
            ring.release()
            #expect(ring.next() == nil)
        }
        #expect(ring.refused == 0)
    }

    @Test("a full ring refuses the new chunk, counts it, and keeps room for urgent ones")
    func full() {
        let ring = ChunkRing(capacity: 4096, reserve: 256)
        let block = bytes(240, 1)
        var taken = 0
        while block.withUnsafeBytes({ ring.push(0, time: 0, $0) }) { taken += 1 }
        #expect(taken == 15)
        #expect(ring.refused == 1 && ring.refusedBytes == 240)
        #expect(block.withUnsafeBytes { ring.push(9, time: 0, $0, isUrgent: true) })
        #expect(!block.withUnsafeBytes { ring.push(9, time: 0, $0, isUrgent: true, counts: false) })
        #expect(ring.refused == 1)
        for _ in 0..<15 {
            #expect(ring.next()?.kind == 0)
            ring.release()
        }
        #expect(ring.next()?.kind == 9)
    }

    @Test("a chunk larger than the ring is refused for ever and harms nothing")
    func tooLarge() {
        let ring = ChunkRing(capacity: 4096)
        #expect(!bytes(4096, 1).withUnsafeBytes { ring.push(0, time: 0, $0) })
        #expect(bytes(10, 2).withUnsafeBytes { ring.push(1, time: 0, $0) })
        #expect(ring.next()?.bytes.count == 10)
    }

    @Test("two threads: every chunk arrives or is counted, and none is torn")
    func threads() async {
        let ring = ChunkRing(capacity: 1 << 14, reserve: 64)
        let count: UInt32 = 200_000
        async let sent = Task.detached {
            for number in 0..<count {
                let size = Int(number % 97)
                guard let room = ring.claim(size) else { continue }
                for index in room.indices { room[index] = UInt8(truncatingIfNeeded: number) }
                ring.publish(number, time: Int64(number))
            }
            _ = ring.push(.max - 1, time: 0, UnsafeRawBufferPointer(start: nil, count: 0), isUrgent: true)
        }.value
        var received: UInt32 = 0
        var last: Int64 = -1
        var isTorn = false
        while true {
            guard let chunk = ring.next() else {
                ring.wait(milliseconds: 10)
                continue
            }
            if chunk.kind == .max - 1 { break }
            received += 1
            isTorn = isTorn || chunk.time <= last || chunk.bytes.count != Int(chunk.kind % 97)
            isTorn = isTorn || chunk.bytes.contains { $0 != UInt8(truncatingIfNeeded: chunk.kind) }
            last = chunk.time
            ring.release()
        }
        await sent
        #expect(!isTorn)
        #expect(UInt64(received) + ring.refused == UInt64(count))
    }
}
