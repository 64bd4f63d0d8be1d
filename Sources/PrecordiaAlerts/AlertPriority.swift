// How urgent a condition is, and what may happen to its alert at a hop.
// Small types that the policy, the events and every sink share.

/// How urgent an alert is. The names and their order are those of IEC 60601-1-8, the raw values those of the model file.
public enum AlertPriority: UInt8, Sendable {
    /// The condition is followed, and never becomes an alert.
    case none = 0
    case information = 1
    case low = 2
    case medium = 3
    case high = 4

    /// Whether this is more urgent than `other`.
    @_noAllocation @_noLocks
    public func isAbove(_ other: AlertPriority) -> Bool { rawValue > other.rawValue }

    /// The next more urgent one; ``high`` has none.
    public var next: AlertPriority {
        @_noAllocation @_noLocks get {
            switch self {
            case .none: .information
            case .information: .low
            case .low: .medium
            case .medium, .high: .high
            }
        }
    }
}

/// What one evaluation did to a condition's alert.
public enum AlertChange: UInt8, Sendable {
    /// The alert is as it was.
    case none = 0
    /// The alert became active.
    case raised = 1
    /// The condition is over: enough known hops said so.
    case cleared = 2
    /// The alert ended because nothing was known about its condition for too long. Nobody may read it as "the patient is better".
    case lapsed = 3
    /// The alert stays active with a higher priority.
    case escalated = 4
}
