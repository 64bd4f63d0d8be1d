// What a conformance check looks for, one name each, with the section of firmware-protocol/SPEC.md that says so.
// Apart from the checks, so that a test can ask of each whether it can fail.

/// A rule of the wire protocol that a capture can break.
package enum ConformanceRule: String, CaseIterable, Sendable {
    // What is no block.
    case noBlock = "no-block"
    case skippedBytes = "skipped-bytes"
    case badCheck = "bad-check"
    case badLength = "bad-length"
    case cutBlock = "cut-block"
    case brokenPacket = "broken-packet"
    case crowdedPacket = "crowded-packet"
    // Headers.
    case otherVersion = "other-version"
    case unknownType = "unknown-type"
    case tickRate = "tick-rate"
    case sequenceJump = "sequence-jump"
    case repeatedBlock = "repeated-block"
    case newSession = "new-session"
    case sessionReused = "session-reused"
    case beginsInside = "begins-inside"
    // What must come when.
    case helloFirst = "hello-first"
    case helloLate = "hello-late"
    case configurationLate = "configuration-late"
    case statusLate = "status-late"
    case dataUnconfigured = "data-unconfigured"
    case blockTooLong = "block-too-long"
    case ticksJump = "ticks-jump"
    case rateError = "rate-error"
    // Payloads.
    case malformed = "malformed"
    case reservedBits = "reserved-bits"
    case badText = "bad-text"
    case badValue = "bad-value"
    case capability = "capability"
    case suspiciousZero = "suspicious-zero"
    case configurationReused = "configuration-reused"
    case answerUnasked = "answer-unasked"
    // Samples.
    case samplesMissing = "samples-missing"
    case samplesRepeated = "samples-repeated"
    case offNotSensed = "off-not-sensed"
    case clippedNotWatched = "clipped-not-watched"
    case wideValues = "wide-values"
    case dropCounter = "drop-counter"
    case endsEarly = "ends-early"

    /// How much it matters.
    package enum Weight: String, Sendable {
        /// The capture breaks the protocol, or something was lost.
        case fault
        /// A reader gets along, and something is likely wrong with the device.
        case warning
        /// Worth knowing.
        case note
    }

    package var weight: Weight {
        switch self {
        case .newSession, .beginsInside, .wideValues: .note
        case .unknownType, .reservedBits, .capability, .suspiciousZero, .rateError: .warning
        default: .fault
        }
    }

    /// The heading in firmware-protocol/SPEC.md under which the rule stands.
    package var section: String {
        switch self {
        case .noBlock, .skippedBytes, .badLength, .cutBlock: "Finding blocks"
        case .brokenPacket, .crowdedPacket: "Transports"
        case .badCheck, .tickRate, .newSession, .sessionReused, .ticksJump: "Blocks"
        case .otherVersion, .reservedBits: "Versions and reserved bits"
        case .sequenceJump, .repeatedBlock, .beginsInside, .samplesMissing, .samplesRepeated, .dataUnconfigured, .malformed:
            "What each side does on each error"
        case .unknownType, .helloFirst, .helloLate, .configurationLate, .statusLate, .blockTooLong, .answerUnasked: "Types"
        case .rateError: "Known limits of version 1"
        case .badText, .badValue, .capability: "1 hello"
        case .configurationReused, .endsEarly: "2 configuration"
        case .offNotSensed, .clippedNotWatched, .wideValues: "3 data"
        case .suspiciousZero, .dropCounter: "4 status"
        }
    }
}

/// One thing that was found.
package struct ConformanceFinding: Equatable, Sendable {
    package var rule: ConformanceRule
    /// Where the block begins in the capture, or the bytes that are none; under COBS where their packet begins.
    package var offset: Int
    /// Which of the valid blocks it is, from 0; nil for bytes that are no valid block.
    package var block: Int?
    /// What the block is, for a person.
    package var type: String
    /// What was wrong, its value, and what would be right.
    package var words: String
    /// The heading that says so: the rule's, or the payload's own.
    package var section: String
}
