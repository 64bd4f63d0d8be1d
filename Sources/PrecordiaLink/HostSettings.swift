// Everything that a host session is told before it starts.

/// How a device is to be followed.
public struct HostSettings: Sendable {
    /// How blocks are laid into the bytes, until a connection says otherwise.
    public var framing = LinkFraming.plain
    /// Whether it is known when bytes came: of a device, and of a stored stream with its times. Without, nothing is ever silent or lost.
    public var hasTimes = true
    /// Whether something can be said to the device.
    public var takesCommands = true
    /// Whether the source is as fast as time, so that another rate by the host's clock is a fault.
    public var keepsTime = true
    /// The rate to ask the device for, hertz; nil to take the device's own.
    public var rate: UInt32?
    /// The session number of the host's commands: any that another run has not.
    public var number: UInt32 = 1
    /// Seconds of signal that a device has to stream without beginning anew, so that it is there again after it kept beginning anew: the classifier's window.
    public var windowSeconds = 10
    /// Nanoseconds that a device has to stream, from the beginning and from an announced end on, before it is lost.
    public var grace: Int64 = 10_000_000_000
    /// Whether somebody is watched behind an announced end too, so that a device that says nothing more is lost.
    public var watchesBehindEnd = false
    /// Whether the session ends with its first stream.
    public var endsWithStream = false
    /// Seconds of signal after which it ends; nil for none.
    public var limit: Double?

    @_noAllocation @_noLocks
    public init() {}
}
