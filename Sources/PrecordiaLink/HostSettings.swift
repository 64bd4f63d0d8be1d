// Everything that a host session is told before it starts.

/// How a device is to be followed.
package struct HostSettings: Sendable {
    /// How blocks are laid into the bytes, until a connection says otherwise.
    package var framing = LinkFraming.plain
    /// Whether it is known when bytes came: of a device, and of a stored stream with its times. Without, nothing is ever silent or lost.
    package var hasTimes = true
    /// Whether something can be said to the device.
    package var takesCommands = true
    /// Whether the source is as fast as time, so that another rate by the host's clock is a fault.
    package var keepsTime = true
    /// The rate to ask the device for, hertz; nil to take the device's own.
    package var rate: UInt32?
    /// The session number of the host's commands: any that another run has not.
    package var number: UInt32 = 1
    /// Seconds of signal that a device has to stream without beginning anew, so that it is there again after it kept beginning anew: the classifier's window.
    package var windowSeconds = 10
    /// Nanoseconds that a device has to stream, from the beginning and from an announced end on, before it is lost.
    package var grace: Int64 = 10_000_000_000
    /// Whether somebody is watched behind an announced end too, so that a device that says nothing more is lost.
    package var watchesBehindEnd = false
    /// Whether the session ends with its first stream.
    package var endsWithStream = false
    /// Seconds of signal after which it ends; nil for none.
    package var limit: Double?

    @_noAllocation @_noLocks
    package init() {}
}
