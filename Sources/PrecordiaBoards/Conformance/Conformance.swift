// Checks a capture, the raw bytes of a device, against firmware-protocol/SPEC.md, and explains what it finds.
// Apart from the decoder, which counts the same losses and gets along; here it is said where, what, and what would be right.

package import PrecordiaLink

/// Checks one capture. What is lost is what the decoder says is lost: each block goes through one, and its counters' steps are explained.
///
/// - Memory: the findings, and a few numbers a session. Thread: one at a time.
package final class Conformance {
    /// Everything found, in the order of the capture.
    package private(set) var findings: [ConformanceFinding] = []
    package internal(set) var summary = ConformanceSummary()

    let memory: UnsafeMutableRawBufferPointer
    var decoder: LinkDecoder
    /// The session that blocks belong to now, and what it said about itself.
    var session: SessionTrace?
    var hello: HelloFacts?
    /// Commands of the host, by sequence, if the capture has them.
    var commands: [UInt32: UInt8] = [:]
    /// Widths that were wider than needed.
    var toldWidths: Set<UInt8> = []
    /// The block that is looked at.
    var offset = 0
    var number: Int?
    var type = ""
    var payloadSection: String?

    /// Checks a capture from its first byte to its last.
    package init(_ bytes: UnsafeRawBufferPointer, framing: LinkFraming) {
        memory = .allocate(byteCount: LinkDecoder.requiredBytes, alignment: 8)
        decoder = LinkDecoder(memory: memory)
        summary.bytes = bytes.count
        var scan = CaptureScan()
        scan.scan(bytes, framing: framing) { take($0) }
        summary.checksumFailures = scan.checksumFailures
        finish()
    }

    deinit { memory.deallocate() }

    /// Whether the capture keeps to the protocol; warnings and notes do not count.
    package var isConformant: Bool { !findings.contains { $0.rule.weight == .fault } }

    func report(_ rule: ConformanceRule, _ words: String, section: String? = nil) {
        findings.append(
            ConformanceFinding(
                rule: rule, offset: offset, block: number, type: type, words: words, section: section ?? payloadSection ?? rule.section))
    }

    private func take(_ piece: CapturePiece) {
        number = nil
        payloadSection = nil
        type = "no block"
        switch piece {
        case .block(let at, let bytes):
            offset = at
            block(bytes)
        case .skipped(let at, let count, let sights):
            summary.bytesSkipped += count
            offset = at
            if sights.isEmpty { report(.skippedBytes, "\(count) bytes that belong to no block; a block begins with 9E 45 43 47") }
            for sight in sights { explain(sight) }
        case .brokenPacket(let at):
            offset = at
            summary.packetsBroken += 1
            report(.brokenPacket, "a packet that ends before its last code byte says")
        case .crowdedPacket(let at, let blocks):
            offset = at
            report(.crowdedPacket, "a packet with \(blocks) blocks and what else is in it; one block would be right")
        }
    }

    private func explain(_ sight: CapturePiece.Sight) {
        switch sight {
        case .badCheck(let at, let header, let found, let right):
            offset = at
            let what = BlockNames.type(header.type)
            report(
                .badCheck,
                "check \(BlockNames.hex(found)) of what says it is \(what), sequence \(header.sequence), \(header.length) bytes; "
                    + "\(BlockNames.hex(right)) would be right")
        case .badLength(let at, let length):
            offset = at
            report(.badLength, "length \(length) behind a magic; at most \(BlockHeader.maximumPayload) would be right")
        case .cut(let at, let has, let needs):
            offset = at
            report(.cutBlock, "the bytes end inside a block: \(has) of \(needs)")
        }
    }

    /// A valid block: its header, what the decoder makes of it, its payload.
    private func block(_ bytes: UnsafeRawBufferPointer) {
        let header = BlockHeader(bytes)
        let payload = bytes.part(BlockHeader.byteCount..<bytes.count - BlockHeader.checkByteCount)
        number = summary.blocks
        type = BlockNames.type(header.type)
        summary.blocks += 1
        summary.types[header.type, default: 0] += 1
        guard header.version == BlockHeader.version else {
            report(.otherVersion, "version \(header.version); \(BlockHeader.version) would be right")
            feed(bytes)
            return
        }
        if let command = BlockType(rawValue: header.type), command.rawValue >= 0x80 {
            // The other direction has sessions and sequences of its own.
            commands[header.sequence] = header.type
            return
        }
        let before = decoder.counters
        let lastSession = session
        feed(bytes)
        let after = decoder.counters
        if after.blocksRepeated > before.blocksRepeated {
            report(
                .repeatedBlock, "sequence \(header.sequence) after \(lastSession?.sequence ?? 0), less than 64 back: the same block again")
            return
        }
        follow(header, restarted: after.restarts > before.restarts, missing: after.blocksMissing - before.blocksMissing)
        checkClock(header)
        guard let type = BlockType(rawValue: header.type) else {
            report(.unknownType, "type \(header.type), which version 1 does not have; a reader leaves it out")
            return
        }
        payloadSection = BlockNames.section(type)
        let isMalformed = after.blocksMalformed > before.blocksMalformed
        checkTimes(type, header)
        switch type {
        case .hello: isMalformed ? explainHello(payload) : checkHello(payload)
        case .configuration: isMalformed ? explainConfiguration(payload) : checkConfiguration(payload)
        case .data: isMalformed ? explainData(payload) : checkData(payload, header, before, after)
        case .status: isMalformed ? tooShort(payload, 24) : checkStatus(payload)
        case .event: isMalformed ? tooShort(payload, 12) : checkEvent(payload)
        case .error: isMalformed ? tooShort(payload, 8) : checkError(payload)
        case .answer: isMalformed ? tooShort(payload, 8) : checkAnswer(payload)
        default: break
        }
    }

    private func feed(_ bytes: UnsafeRawBufferPointer) {
        _ = decoder.feed(bytes)
        while decoder.next() != nil {}
    }

    private func finish() {
        number = nil
        payloadSection = nil
        type = "end"
        offset = summary.bytes
        closeSession()
        summary.counters = decoder.counters
        if summary.blocks == 0 { report(.noBlock, "no block in \(summary.bytes) bytes; is the framing right?") }
    }
}

/// What a capture holds.
package struct ConformanceSummary: Equatable, Sendable {
    package var bytes = 0
    package var bytesSkipped = 0
    package var checksumFailures: UInt64 = 0
    package var packetsBroken = 0
    package var blocks = 0
    /// Blocks of each type.
    package var types: [UInt8: Int] = [:]
    package var sessions = 0
    /// Seconds of signal by the samples that came.
    package var seconds = 0.0
    /// How much faster than nominal samples came by the device's own clock, parts in a million, in the longest session of a second and more.
    package var rateErrorPPM: Double?
    /// What a decoder counts in the valid blocks.
    package var counters = LinkCounters()
    var longest = 0.0

    package init() {}
}
