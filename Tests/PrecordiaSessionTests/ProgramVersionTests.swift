// What a program says of its own making.
// Apart, because nothing else of the package speaks of it.

import PrecordiaSession
import Testing

@Suite("Program version")
struct ProgramVersionTests {
    @Test("a program says its commit, or that it is unknown, and its toolchain")
    func build() {
        let words = ProgramVersion.build(commit: "unknown commit", compiler: "Clang 21")
        #expect(words.hasPrefix("unknown commit, Swift 6.") && words.hasSuffix(", Clang 21"))
    }
}
