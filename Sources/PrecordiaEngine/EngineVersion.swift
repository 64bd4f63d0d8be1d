// The version that events, files and both interfaces carry.
// In the engine's room, because results must say what made them, wherever they are written.

/// The engine's version.
public enum EngineVersion {
    /// Semantic version, zero-terminated; the event stream's bytes may change only with it.
    public static var text: StaticString { "0.1.0" }
}
