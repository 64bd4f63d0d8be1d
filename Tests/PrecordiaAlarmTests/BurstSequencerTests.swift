// Which pulse sounds when, to the frame, on sounds of a few samples.

import PrecordiaAlerts
import Testing

@testable import PrecordiaAlarm

@Suite("Burst sequencer")
struct BurstSequencerTests {
    /// Six pulses of two frames in two groups of three: 11 . 22 . 33 ... 11 . 22 . 33 ...... and so on.
    private let high = RenderedSound(
        priority: .high, pulses: [[1, 1], [2, 2], [3, 3], [1, 1], [2, 2], [3, 3]], rests: [1, 1, 3, 1, 1, 6], shortestInterburst: 4,
        approach: 1, group: 3)
    private let low = RenderedSound(
        priority: .low, pulses: [[8, 8, 8], [9, 9, 9]], rests: [2, 12], shortestInterburst: 9, approach: 2, group: 2)

    private func sequencer() -> BurstSequencer { BurstSequencer([high, low]) }

    /// The next frames as digits, a dot for silence.
    private func text(_ sequencer: inout BurstSequencer, _ count: Int, gain: Int32 = 32_768) -> String {
        render(&sequencer, count, gain: gain).text
    }

    private func render(_ sequencer: inout BurstSequencer, _ count: Int, gain: Int32 = 32_768) -> (text: String, news: BurstSequencer.News)
    {
        var block = [Int16](repeating: -1, count: count)
        let news = block.withUnsafeMutableBufferPointer { sequencer.render($0.baseAddress!, count, gain: gain) }
        return (block.map { $0 == 0 ? "." : "\($0)" }.joined(), news)
    }

    @Test("A burst has its pulses, spacings and gap, and repeats after its pause")
    func burst() {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        let (text, news) = render(&sequencer, 52)
        #expect(text == "11.22.33...11.22.33......11.22.33...11.22.33......11")
        #expect(news == .init(pulsesBegun: 13, burstsEnded: 2, burstsCut: 0, firstHeard: 0))
    }

    @Test("Blocks of any size give the same samples", arguments: 1...11)
    func blocks(size: Int) {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        var text = ""
        while text.count < 52 { text += self.text(&sequencer, size) }
        #expect(text.prefix(52) == "11.22.33...11.22.33......11.22.33...11.22.33......11")
    }

    @Test("Without an alarm there is silence, and an alarm begins with the next block")
    func silence() {
        var sequencer = sequencer()
        #expect(text(&sequencer, 7) == ".......")
        sequencer.want(1, isCut: false, isFresh: false)
        #expect(text(&sequencer, 9) == "888..999.")
    }

    @Test("A higher priority takes over after the pulse that is sounding, whichever frame it comes at", arguments: 1...3)
    func preemption(frame: Int) {
        var sequencer = sequencer()
        sequencer.want(1, isCut: false, isFresh: false)
        var text = self.text(&sequencer, frame)
        sequencer.want(0, isCut: false, isFresh: false)
        let (rest, news) = render(&sequencer, 12 - frame)
        text += rest
        #expect(text == "888.11.22.33")
        #expect(news.burstsCut == 1)
        #expect(news.firstHeard == 4 - frame)
    }

    @Test("A lower priority waits for the end of the group")
    func lower() {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        var text = self.text(&sequencer, 1)
        sequencer.want(1, isCut: false, isFresh: false)
        let (rest, news) = render(&sequencer, 15)
        text += rest
        #expect(text == "11.22.33..888..9")
        #expect(news == .init(pulsesBegun: 4, burstsEnded: 0, burstsCut: 1, firstHeard: nil))
    }

    @Test("An alarm that is over completes its group of pulses")
    func over() {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        var text = self.text(&sequencer, 1)
        sequencer.want(nil, isCut: false, isFresh: false)
        text += self.text(&sequencer, 13)
        #expect(text == "11.22.33......")
    }

    @Test("A person's silence ends a burst after its pulse")
    func cut() {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        var text = self.text(&sequencer, 4)
        sequencer.want(nil, isCut: true, isFresh: false)
        let (rest, news) = render(&sequencer, 10)
        text += rest
        #expect(text == "11.22.........")
        #expect(news == .init(pulsesBegun: 0, burstsEnded: 0, burstsCut: 1, firstHeard: nil))
    }

    @Test("A burst that was ended begins anew from its first pulse")
    func anew() {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        _ = text(&sequencer, 4)
        sequencer.want(nil, isCut: true, isFresh: false)
        _ = text(&sequencer, 10)
        sequencer.want(0, isCut: false, isFresh: false)
        #expect(text(&sequencer, 5) == "11.22")
    }

    @Test("A new alarm of the same sound shortens one pause and no other")
    func fresh() {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        _ = text(&sequencer, 19)
        sequencer.want(0, isCut: false, isFresh: true)
        #expect(text(&sequencer, 30) == "....11.22.33...11.22.33......1")
    }

    @Test("A new alarm after the shortest pause sounds at once")
    func freshLate() {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        _ = text(&sequencer, 24)
        sequencer.want(0, isCut: false, isFresh: true)
        #expect(text(&sequencer, 5) == "11.22")
    }

    @Test("A gain holds from the next pulse, and never changes one that sounds")
    func gain() {
        var sequencer = BurstSequencer([
            RenderedSound(priority: .high, pulses: [[8, 8], [8, 8]], rests: [1, 1], shortestInterburst: 1, approach: 1, group: 2)
        ])
        sequencer.want(0, isCut: false, isFresh: false)
        let text = self.text(&sequencer, 1) + self.text(&sequencer, 8, gain: 16_384)
        #expect(text == "88.44.44.")
    }

    @Test("Beginning again starts the burst that is wanted at its first pulse")
    func again() {
        var sequencer = sequencer()
        sequencer.want(0, isCut: false, isFresh: false)
        _ = text(&sequencer, 4)
        sequencer.beginAgain()
        #expect(text(&sequencer, 5) == "11.22")
    }
}
