// How much a log may take and how sure it must be, in one place.

/// When what was stored is safe from a loss of power.
public enum Synchronous: String, Sendable, CaseIterable {
    /// Before it is called stored: each group of entries is flushed to the medium, its number before it.
    case full
    /// ``LogPolicy/syncSeconds`` later at most, and after ``LogPolicy/syncEntries`` entries; a killed program loses nothing either way.
    case normal
}

/// Bounds of a log. The defaults are for a small flash card: 64 MiB in all, some three months.
public struct LogPolicy: Equatable, Sendable {
    public var synchronous = Synchronous.full
    /// Of `normal`: seconds and entries after which what was stored is flushed.
    public var syncSeconds = 5.0
    public var syncEntries = 64
    /// Bytes of entries, and of snippets; the oldest make room for the newest, counters before alerts.
    public var entryBytes = 16 << 20
    public var snippetBytes = 48 << 20
    /// Days after which entries and snippets go.
    public var days = 90
    /// Bytes that snippets leave free on the disk, for alerts and for whoever else needs it.
    public var freeBytes = 16 << 20
    /// Bytes kept in a file of their own, given up when the disk is full so that alerts go on being stored.
    public var reserveBytes = 1 << 20
    /// Seconds of ECG before and after an alert.
    public var secondsBefore = 10
    public var secondsAfter = 10

    public init() {}
}
