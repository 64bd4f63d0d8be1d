// The version that files and events carry.
// In one place, because results must say what made them.

/// The program's version.
public enum ProgramVersion {
    /// Semantic version; the event stream's bytes may change only with it.
    public static let text = "0.1.0"
}
