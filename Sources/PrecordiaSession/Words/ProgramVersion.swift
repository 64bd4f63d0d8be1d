// The engine's version as text, and what a program says of its making.
// Apart, because text allocates and the engine does not.

import PrecordiaEngine

/// The program's version, which is the engine's.
package enum ProgramVersion {
    /// Semantic version; the event stream's bytes may change only with it.
    package static let text = "\(EngineVersion.text)"

    /// Commit and toolchain in one line, such as "commit 1a2b3c4d5e6f, Swift 6.3, Clang 21.0.0 (...)".
    ///
    /// Only programs know the first and the last (CPrecordiaBuild): a room that did would be compiled anew for each commit.
    package static func build(commit: UnsafePointer<CChar>, compiler: UnsafePointer<CChar>) -> String {
        "\(String(cString: commit)), \(swift), \(String(cString: compiler))"
    }

    #if compiler(>=6.5)
        private static let swift = "Swift 6.5 or newer"
    #elseif compiler(>=6.4)
        private static let swift = "Swift 6.4"
    #else
        private static let swift = "Swift 6.3"
    #endif
}
