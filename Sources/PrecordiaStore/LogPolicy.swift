// How much a log may take and how sure it must be, in one place. Alarm policies set some of it.

package import PrecordiaCompanion

/// Bounds of a log.
package struct LogPolicy: Equatable, Sendable {
    package var synchronous = LogRules().synchronous
    /// Of `normal`: seconds and entries after which what was stored is flushed.
    package var syncSeconds = 5.0
    package var syncEntries = 64
    /// Bytes of entries, and of snippets; the oldest make room for the newest, counters before alerts.
    package var entryBytes = LogRules().entries << 20
    package var snippetBytes = LogRules().snippets << 20
    /// Days after which entries and snippets go.
    package var days = LogRules().days
    /// Bytes that snippets leave free on the disk, for alerts and for whoever else needs it.
    package var freeBytes = 16 << 20
    /// Bytes kept in a file of their own, given up when the disk is full so that alerts go on being stored.
    package var reserveBytes = 1 << 20
    /// Seconds of ECG before and after an alert.
    package var secondsBefore = 10
    package var secondsAfter = 10

    package init() {}
}
