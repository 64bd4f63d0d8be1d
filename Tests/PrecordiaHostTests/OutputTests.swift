// Text, JSON and bytes on their way out.
// Exact strings: other programs compare them.

import Foundation
import PrecordiaHost
import Testing

@Suite struct OutputTests {
    @Test("numbers are rounded half away from zero and never depend on the locale")
    func fixed() {
        #expect(Text.fixed(0.5, decimals: 0) == "1")
        #expect(Text.fixed(-0.25, decimals: 1) == "-0.3")
        #expect(Text.fixed(-0.0000001, decimals: 6) == "0.000000")
        #expect(Text.fixed(0.9999996, decimals: 6) == "1.000000")
        #expect(Text.fixed(12.3456789, decimals: 3) == "12.346")
        #expect(Text.fixed(.nan, decimals: 2) == "nan")
        #expect(Text.fixed(1e300, decimals: 6) == "1e+300")
        #expect(Text.fixed(-.infinity, decimals: 6) == "nan")
    }

    @Test("a sample's time has three decimals at every rate")
    func seconds() {
        #expect(Text.seconds(sample: 5000, rate: 500) == "10.000")
        #expect(Text.seconds(sample: 1, rate: 360) == "0.003")
        #expect(Text.seconds(sample: 359, rate: 360) == "0.997")
        #expect(Text.seconds(sample: UInt64(1) << 50, rate: 1999) == "563231569205.915")
    }

    @Test("clock, per cent, counts and durations read well")
    func words() {
        #expect(Text.clock(seconds: 59) == "00:59")
        #expect(Text.clock(seconds: 3661) == "1:01:01")
        #expect(Text.percent(0.999) == "> 99 %")
        #expect(Text.percent(0.001) == "< 1 %")
        #expect(Text.percent(0) == "0 %")
        #expect(Text.grouped(-1_234_567) == "-1 234 567")
        #expect(Text.counted(1, "lead") == "1 lead")
        #expect(Text.duration(nanoseconds: 1_500) == "1.5 µs")
        #expect(Text.duration(nanoseconds: 2_000_000_000) == "2.0 s")
    }

    @Test("a CSV field is quoted when it must be, and only then")
    func csv() {
        #expect(Text.csv("plain") == "plain")
        #expect(Text.csv("a,b") == "\"a,b\"")
        #expect(Text.csv("say \"no\"") == "\"say \"\"no\"\"\"")
        #expect(Text.csv("two\nlines") == "\"two\nlines\"")
        #expect(Text.csv(" outer") == "\" outer\"")
    }

    @Test("a name cannot steer the terminal")
    func printable() {
        #expect(Text.printable("a\u{1B}[2Jb\u{202E}c") == "a\u{FFFD}[2Jb\u{FFFD}c")
    }

    @Test("JSON keeps the order of its fields and escapes what it must")
    func json() throws {
        var line = JSONLine()
        line.add("z", "quote \" back \\ bell \u{07} line\n ü")
        line.add("a", 3)
        line.add("n", .nan, decimals: 2)
        line.add("none", nil, decimals: 2)
        line.add("p", 0.25, decimals: 6)
        line.add("leads", ["I", "II"])
        line.add("inner") { $0.add("yes", true) }
        let expected = """
            {"z":"quote \\" back \\\\ bell \\u0007 line\\n ü","a":3,"n":null,"none":null,"p":0.250000,"leads":["I","II"],"inner":{"yes":true}}

            """
        #expect(String(decoding: line.line, as: UTF8.self) == expected)
        _ = try JSONSerialization.jsonObject(with: Data(line.line))
    }

    @Test("a full disk is an error in words, not silence")
    func fullDisk() {
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        let output = ByteOutput(descriptor: descriptor, name: "results", eager: false)
        #expect(throws: RuntimeError.cannotWrite(file: "results", reason: "No space left on device")) {
            try output.line("a row")
            try output.flush()
        }
    }

    @Test("a reader that has gone is told apart from a failure")
    func closedPipe() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let output = ByteOutput(descriptor: ends[1], name: "pipe", eager: true)
        #expect(throws: RuntimeError.outputClosed) { try output.line("a row") }
    }

    @Test("a progress bar fits its line, whatever the note")
    func bar() {
        for width in [1, 20, 40, 80] {
            let note = String(repeating: "long ", count: 40)
            let text = ProgressBar.text(done: 3, total: 10, elapsed: 5_000_000_000, note: note, width: width, style: .plain)
            #expect(text.count <= max(0, width - 1))
        }
        let half = ProgressBar.text(done: 5, total: 10, elapsed: 0, note: "x", width: 80, style: Style(hasColour: false, hasUnicode: false))
        #expect(half == "############------------ 50 %  x")
    }

    @Test("colour needs a terminal, and NO_COLOR and the locale are respected")
    func style() {
        #expect(!Style.fitting(descriptor: -1, environment: ["TERM": "xterm"]).hasColour)
        #expect(Style(hasColour: false, hasUnicode: true).paint("x", .high) == "x")
        #expect(Style(hasColour: true, hasUnicode: true).paint("x", .strong) == "\u{1B}[1mx\u{1B}[0m")
        #expect(Style.isUTF8(["LANG": "de_DE.UTF-8"]))
        #expect(Style.isUTF8(["LC_ALL": "", "LANG": "C.utf8"]))
        #expect(!Style.isUTF8(["LC_ALL": "C", "LANG": "de_DE.UTF-8"]))
        #expect(!Style.isUTF8([:]))
    }
}
