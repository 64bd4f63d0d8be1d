// What a program says of its own making.
// Apart, because nothing else of the package knows how it was built.

import PrecordiaSession
import Testing

@Suite("Program version")
struct ProgramVersionTests {
    @Test("the build names its commit or says that it is unknown, and its toolchain")
    func build() {
        let parts = ProgramVersion.build.split(separator: ", ", omittingEmptySubsequences: false)
        #expect(parts.count == 3)
        #expect(parts[0] == "unknown commit" || parts[0].hasPrefix("commit "))
        #expect(parts[1].hasPrefix("Swift 6."))
        #expect(parts[2].hasPrefix("Clang "))
    }
}
