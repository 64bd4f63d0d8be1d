// The engine's version as text.
// Apart, because text allocates and the engine does not.

import PrecordiaEngine

/// The program's version, which is the engine's.
package enum ProgramVersion {
    /// Semantic version; the event stream's bytes may change only with it.
    package static let text = "\(EngineVersion.text)"
}
