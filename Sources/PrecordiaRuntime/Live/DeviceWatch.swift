// Whether anything comes from the device: the only thing of a live session that the passing of time alone can change.

/// Notices silence, and remembers whether it was told.
///
/// - Thread: the engine's. Times are nanoseconds of the monotonic clock.
struct DeviceWatch {
    private var isOpen = false
    private var isSilent = false
    private var isRaised = false
    private var wasTold = false
    private var blocks: UInt64 = 0
    private var heardAt: Int64 = 0
    private var minuteAt: Int64 = 0

    /// Nanoseconds without a valid block after which an open line is silent: `firmware-protocol/SPEC.md`.
    static let patience: Int64 = 2_000_000_000

    /// A line has opened, when so many valid blocks had come.
    mutating func opened(at now: Int64, blocks: UInt64) {
        isOpen = true
        isSilent = false
        wasTold = false
        self.blocks = blocks
        heardAt = now
    }

    mutating func lost() {
        isOpen = false
        wasTold = false
    }

    /// Whether the line has just become silent.
    mutating func fallsSilent(at now: Int64, blocks: UInt64, isLive: Bool) -> Bool {
        guard isLive, isOpen else { return false }
        if blocks != self.blocks {
            self.blocks = blocks
            heardAt = now
            isSilent = false
        }
        guard !isSilent, now - heardAt >= Self.patience else { return false }
        isSilent = true
        wasTold = false
        return true
    }

    /// Frames come; whether that is news.
    mutating func hears() -> Bool {
        defer { wasTold = true }
        return isOpen && !wasTold
    }

    /// Whether the alert is to be raised, or cleared, now.
    mutating func raises() -> Bool {
        defer { isRaised = true }
        return !isRaised
    }

    mutating func clears() -> Bool {
        defer { isRaised = false }
        return isRaised
    }

    /// Whether a minute has gone by since the last time.
    mutating func minuteIsOver(at now: Int64) -> Bool {
        if minuteAt == 0 { minuteAt = now }
        guard now - minuteAt >= 60_000_000_000 else { return false }
        minuteAt = now
        return true
    }
}
