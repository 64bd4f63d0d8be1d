// Headers as they are defined and as they are found.
// The refusals of broken ones are in WFDBHostileTests.

import PrecordiaFormats
import Testing

private func header(_ text: String) throws(RecordError) -> WFDBHeader { try WFDBHeader(bytes: Array(text.utf8), path: "folder/x.hea") }

@Suite("WFDB headers") struct WFDBHeaderTests {
    @Test("a header with every field is read field by field")
    func everyField() throws {
        let h = try header(
            """
            # before
            rec 2 360/24000(12.5) 650000 12:34:56.789 25/12/1994
            a.dat 212x4:7+24 200.5(-3)/uV 11 1024 995 -22131 512 MLII lead
            b.dat 16 -1e-2(4)/mV 16 0 5 65535 0

            # after
            #Dx: AF
            """)
        #expect(h.name == "rec" && h.signalCount == 2 && h.frameCount == 650000)
        #expect(h.frequency == 360 && h.counterFrequency == 24000 && h.baseCounter == 12.5)
        #expect(h.startTime?.description == "1994-12-25 12:34:56.789")
        let a = h.signals[0]
        #expect(a.fileName == "a.dat" && a.format == .format212 && a.samplesPerFrame == 4 && a.skew == 7 && a.byteOffset == 24)
        #expect(a.gain == 200.5 && a.isCalibrated && a.baseline == -3 && a.unit == "uV")
        #expect(a.resolution == 11 && a.adcZero == 1024 && a.initialValue == 995 && a.blockSize == 512 && a.name == "MLII lead")
        #expect(a.checksum == UInt16(bitPattern: -22131))
        #expect(h.signals[1].gain == -0.01 && h.signals[1].checksum == 65535 && h.signals[1].name == "")
        #expect(h.comments == ["before", "after", "Dx: AF"])
        #expect(h.problems.isEmpty)
    }

    @Test("fields that are left out have the values of the definition")
    func defaults() throws {
        let h = try header("rec 2\na.dat 16\nb.dat 8 0 12 40\n")
        #expect(h.frequency == 250 && h.frameCount == nil && h.startTime == nil)
        #expect(h.signals[0].gain == 200 && !h.signals[0].isCalibrated && h.signals[0].unit == "mV" && h.signals[0].checksum == nil)
        #expect(h.signals[1].gain == 200 && !h.signals[1].isCalibrated)
        #expect(h.signals[1].baseline == 40 && h.signals[1].initialValue == 40)
        #expect(h.problems.count == 2)
        #expect(h.problems.contains { $0.contains("2 of 2 signals state no gain") })
    }

    @Test("carriage returns, tabs, blank lines and a missing last line end do not matter")
    func lineEnds() throws {
        let h = try header("rec 1 500 10\r\n\r\n\ta.dat\t16\t1000(0)/mV 16 0 1 2 0 V1 \r\n#c \r\n# d")
        #expect(h.signals[0].name == "V1" && h.signals[0].gain == 1000)
        #expect(h.comments == ["c", "d"])
    }

    @Test("a byte order mark, the line ends of old Macintoshes and a comment behind a name do not matter")
    func oddWriters() throws {
        let h = try header(
            "\u{FEFF}# first\rrec 3 500 10\ra.dat 16 1/uVolts 16 0 0 0 0 II # moved\ra.dat 16 1/mV 16 0 0 0 0 ECG #2\ra.dat 16 1/mV 16 0 0 0 0 # none\r"
        )
        #expect(h.comments == ["first"] && h.name == "rec" && h.frameCount == 10)
        #expect(h.signals.map(\.name) == ["II", "ECG #2", "# none"] && h.signals[0].unit == "uVolts")
        let error = errorOf { try header("rec 1 500 10\r\na.dat x\r\n") }
        #expect(error?.description.contains("line 2") == true)
    }

    @Test("times of one, two and three parts and dates in either order are read, others are noted")
    func clocks() throws {
        #expect(try header("r 0 250 0 31:51.982").startTime?.description == "00:31:51.982")
        #expect(try header("r 0 250 0 7").startTime?.description == "00:00:07")
        #expect(try header("r 0 250 0 8:26:04 26/10/1994").startTime?.description == "1994-10-26 08:26:04")
        #expect(try header("r 0 250 0 05-Feb-2020 11:39:16").startTime?.description == "2020-02-05 11:39:16")
        let odd = try header("r 0 250 0 25:61:00 45/13/2000")
        #expect(odd.startTime == nil && odd.problems.count == 2)
    }

    @Test("a unit that is not UTF-8 is read as Latin-1")
    func latin() throws {
        let h = try WFDBHeader(bytes: Array("r 1 500 1\na.dat 16 1(0)/".utf8) + [0xB5, 0x56] + Array(" 16 0 0 0 0 I".utf8), path: "x.hea")
        #expect(h.signals[0].unit == "µV")
    }

    @Test("segments are listed with their lengths, a layout is recognised")
    func segments() throws {
        let h = try header("rec/3 2 125 5000\nlayout 0\n~ 3000\na 2000\n")
        #expect(h.segments.map(\.name) == ["layout", "~", "a"] && h.segments.map(\.frameCount) == [0, 3000, 2000])
        #expect(h.hasVariableLayout && h.isMultiSegment && h.segments[1].isNull)
        let odd = try header("rec/2 2 125 7\na 3\nb 3\n")
        #expect(odd.frameCount == 6 && !odd.hasVariableLayout && odd.problems.count == 1)
    }

    @Test("a broken field is named with its line and value")
    func messages() {
        let cases: [(String, RecordError.Code, String)] = [
            ("", .badHeader, "the header is empty"),
            ("# only\n", .badHeader, "the header is empty"),
            ("rec\n", .badHeader, "no number of signals"),
            ("rec x\n", .badHeader, "line 1, number of signals: 'x'"),
            ("rec -1\n", .absurdValue, "line 1, number of signals: '-1'"),
            ("rec 1000000000 500 10\n", .absurdValue, "number of signals: '1000000000'"),
            ("rec 99999999999999999999 500\n", .absurdValue, "number of signals"),
            ("rec 2 500 10\na.dat 16\n", .badHeader, "2 signals are announced but only 1 signal lines"),
            ("rec 1 0 10\na.dat 16\n", .absurdValue, "sampling frequency: '0'"),
            ("rec 1 -5 10\na.dat 16\n", .absurdValue, "sampling frequency: '-5'"),
            ("rec 1 nan 10\na.dat 16\n", .badHeader, "sampling frequency: 'nan'"),
            ("rec 1 1e30 10\na.dat 16\n", .absurdValue, "sampling frequency: '1e30'"),
            ("rec 1 500 -3\na.dat 16\n", .absurdValue, "number of samples: '-3'"),
            ("rec 1 500 99999999999999999999\na.dat 16\n", .absurdValue, "number of samples"),
            ("rec 1 500 3\na.dat\n", .badHeader, "'a.dat' has no format"),
            ("rec 1 500 3\na.dat 17\n", .unsupportedFormat, "format 17 is not known"),
            ("rec 1 500 3\na.dat 516\n", .unsupportedFormat, "format 516 is FLAC compressed and not supported"),
            ("rec 1 500 3\na.dat 16x0\n", .absurdValue, "samples per frame"),
            ("rec 1 500 3\na.dat 16:-3\n", .badHeader, "skew"),
            ("rec 1 500 3\na.dat 16z\n", .badHeader, "format: '16z'"),
            ("rec 1 500 3\na.dat 16 nan/mV\n", .badHeader, "gain: 'nan'"),
            ("rec 1 500 3\na.dat 16 1e999/mV\n", .badHeader, "gain: '1e999'"),
            ("rec 1 500 3\na.dat 16 200(x)/mV\n", .badHeader, "baseline: 'x'"),
            ("rec 1 500 3\na.dat 16 200(5/mV\n", .badHeader, "baseline"),
            ("rec 1 500 3\na.dat 16 200(9999999999)/mV\n", .absurdValue, "baseline: '9999999999'"),
            ("rec 1 500 3\na.dat 16 200 99\n", .absurdValue, "resolution: '99'"),
            ("rec 1 500 3\na.dat 16 200 ECG\n", .badHeader, "resolution: 'ECG'"),
            ("rec 1 500 3\na.dat 16 200 12 0 0 1.5\n", .badHeader, "checksum: '1.5'"),
            ("rec/0 1 500 3\n", .absurdValue, "number of segments"),
            ("rec/2 1 500 3\na 1\n", .badHeader, "2 segments are announced but only 1"),
            ("rec/2 1 500 3\na 9223372036854775807\nb 9\n", .absurdValue, "more than 64 bits"),
        ]
        for (text, code, words) in cases {
            let error = errorOf { try header(text) }
            #expect(error?.code == code, "\(text)")
            #expect(error?.description.contains(words) ?? false, "\(text) gave \(error?.description ?? "")")
            #expect(error?.description.hasPrefix("folder/x.hea") ?? false)
        }
    }
}
