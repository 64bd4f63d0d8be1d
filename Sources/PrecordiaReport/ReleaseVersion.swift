// The version that files, events and the C interface carry.
// In one place, because results must say what made them.

/// The program's version.
public enum ReleaseVersion {
    /// Semantic version; the event stream's bytes may change only with it.
    public static var text: StaticString { @_noAllocation @_noLocks get { "0.1.0" } }
}
