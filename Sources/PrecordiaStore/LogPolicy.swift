// How much a log may take and how sure it must be, in one place. Alarm policies set some of it.

import PrecordiaRuntime

/// Bounds of a log.
public struct LogPolicy: Equatable, Sendable {
    public var synchronous = LogRules().synchronous
    /// Of `normal`: seconds and entries after which what was stored is flushed.
    public var syncSeconds = 5.0
    public var syncEntries = 64
    /// Bytes of entries, and of snippets; the oldest make room for the newest, counters before alerts.
    public var entryBytes = LogRules().entries << 20
    public var snippetBytes = LogRules().snippets << 20
    /// Days after which entries and snippets go.
    public var days = LogRules().days
    /// Bytes that snippets leave free on the disk, for alerts and for whoever else needs it.
    public var freeBytes = 16 << 20
    /// Bytes kept in a file of their own, given up when the disk is full so that alerts go on being stored.
    public var reserveBytes = 1 << 20
    /// Seconds of ECG before and after an alert.
    public var secondsBefore = 10
    public var secondsAfter = 10

    public init() {}
}
