// The engine's version as text, and what the program was built from.
// Apart, because text allocates and the engine does not.

import CPrecordiaBuild
import PrecordiaEngine

/// The program's version, which is the engine's.
package enum ProgramVersion {
    /// Semantic version; the event stream's bytes may change only with it.
    package static let text = "\(EngineVersion.text)"

    /// Commit and toolchain, such as "commit 1a2b3c4d5e6f, Swift 6.3, Clang 21.0.0 (...)"; "unknown commit" where the build did not say.
    package static var build: String {
        "\(String(cString: precordia_build_commit())), \(swift), \(String(cString: precordia_build_compiler()))"
    }

    #if compiler(>=6.5)
        private static let swift = "Swift 6.5 or newer"
    #elseif compiler(>=6.4)
        private static let swift = "Swift 6.4"
    #else
        private static let swift = "Swift 6.3"
    #endif
}
