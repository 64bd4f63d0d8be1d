// Pictures: the same bytes twice, true size, and the same look as when a person last looked at them.

import CCairo
import Foundation
import PrecordiaFindings
import PrecordiaSimulator
import Testing

@testable import PrecordiaSheet

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens")
private let hasFont = SheetPicture.fontProblem() == nil

/// The exams of the committed pictures. `PRECORDIA_WRITE_SHEETS=1` draws them anew; look at them before they are committed.
private let pictures: [(name: String, findings: Findings)] = {
    var absent = simulated()
    absent.traces[3] = Trace("aVR", .absent)
    absent.traces[6] = Trace("V1", .off)
    absent.traces[8].microvolts.replaceSubrange(1000..<5000, with: repeatElement(nil, count: 4000))
    var flat = simulated(times: 0)
    for lead in 0..<12 { flat.traces[lead].fault = "flat" }
    var twelve = simulated(.atrialFibrillation)
    twelve.sheet.layout = .twelveByOne
    twelve.sheet.paper = .letter
    var six = simulated(.ventricularTachycardia)
    six.sheet.layout = .sixByTwo
    var second = simulated().withMedian()
    second.sheet.page = 2
    return [
        ("normal", simulated()), ("large", simulated(times: 3.4)), ("absent", absent), ("flat", flat), ("12x1-letter", twelve),
        ("6x2", six),
        ("page-2", second), ("100-hz", simulated(.ventricularFibrillation, rate: 100)),
    ]
}()

/// A picture's pixels, four bytes each.
private struct Pixels {
    let width: Int
    let height: Int
    let bytes: [UInt8]

    init?(_ png: [UInt8]) {
        final class Rest { var bytes: ArraySlice<UInt8> = [] }
        let rest = Rest()
        rest.bytes = png[...]
        let read: cairo_read_func_t = { closure, data, count in
            let rest = Unmanaged<Rest>.fromOpaque(closure!).takeUnretainedValue()
            guard rest.bytes.count >= Int(count) else { return CAIRO_STATUS_READ_ERROR }
            for (index, byte) in rest.bytes.prefix(Int(count)).enumerated() { data![index] = byte }
            rest.bytes = rest.bytes.dropFirst(Int(count))
            return CAIRO_STATUS_SUCCESS
        }
        guard let surface = cairo_image_surface_create_from_png_stream(read, Unmanaged.passUnretained(rest).toOpaque()),
            cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS
        else { return nil }
        defer { cairo_surface_destroy(surface) }
        width = Int(cairo_image_surface_get_width(surface))
        height = Int(cairo_image_surface_get_height(surface))
        bytes = Array(UnsafeBufferPointer(start: cairo_image_surface_get_data(surface), count: 4 * width * height))
    }

    /// The part of pixels that differ from another picture's by more than 64 of 255 in a colour; 1 for another size.
    func difference(from other: Pixels) -> Double {
        guard width == other.width, height == other.height else { return 1 }
        var count = 0
        for place in 0..<width * height {
            let most = (0..<3).map { Int(bytes[4 * place + $0]) - Int(other.bytes[4 * place + $0]) }.map(\.magnitude).max()!
            if most > 64 { count += 1 }
        }
        return Double(count) / Double(width * height)
    }
}

/// The part of pixels that another version of FreeType or Cairo may draw otherwise. A lead that is gone is several times as much.
private let tolerance = 0.002

@Suite("A sheet as a picture")
struct SheetPictureTests {
    @Test(
        "Each sheet looks as it did when it was looked at", .enabled(if: hasFont, "fonts-dejavu-core is not there"),
        arguments: pictures.indices)
    func goldens(_ index: Int) throws {
        let (name, findings) = pictures[index]
        let drawn = try SheetPicture.bytes(of: findings)
        let file = folder.appendingPathComponent(name + ".png")
        if ProcessInfo.processInfo.environment["PRECORDIA_WRITE_SHEETS"] != nil { try Data(drawn).write(to: file) }
        let golden = try #require(Pixels(Array(try Data(contentsOf: file))))
        #expect(try #require(Pixels(drawn)).difference(from: golden) <= tolerance)
    }

    @Test("The comparison finds a lead that is gone, one that is upside down, and another patient")
    func comparisonFinds() throws {
        let usual = try #require(Pixels(try SheetPicture.bytes(of: simulated())))
        var gone = simulated()
        gone.traces[9] = Trace("V4", .absent)
        var turned = simulated()
        turned.traces[9].microvolts = turned.traces[9].microvolts.map { $0.map { -$0 } }
        for findings in [gone, turned, simulated(.atrialFibrillation)] {
            #expect(try #require(Pixels(try SheetPicture.bytes(of: findings))).difference(from: usual) > tolerance)
        }
    }

    // Cairo numbers what it draws within a process, which shows in an SVG: tools/check-sheet compares those of two processes.
    @Test("The same findings give the same bytes, with no date of now", arguments: [SheetSettings.Form.pdf, .png])
    func sameBytes(_ form: SheetSettings.Form) throws {
        let findings = simulated(form: form).withMedian()
        let first = try SheetPicture.bytes(of: findings)
        #expect(first == (try SheetPicture.bytes(of: findings)))
        #expect(first.count > 10_000)
        #expect(!String(decoding: first, as: UTF8.self).contains("CreationDate"))
    }

    @Test("Pages have their true size", arguments: SheetSettings.Paper.allCases)
    func trueSize(_ paper: SheetSettings.Paper) throws {
        var findings = simulated(form: .pdf)
        findings.sheet.paper = paper
        let size = paper == .a4 ? "841.889764 595.275591" : "792 612"
        #expect(String(decoding: try SheetPicture.bytes(of: findings), as: UTF8.self).contains("MediaBox [ 0 0 \(size) ]"))
        findings.sheet.form = .svg
        let svg = String(decoding: try SheetPicture.bytes(of: findings), as: UTF8.self)
        #expect(svg.contains(paper == .a4 ? "width=\"841.889764pt\" height=\"595.275591pt\"" : "width=\"792pt\" height=\"612pt\""))
        findings.sheet.form = .png
        findings.sheet.dots = 100
        let png = try SheetPicture.bytes(of: findings)
        let pixels = try #require(Pixels(png))
        #expect(pixels.width == (paper == .a4 ? 1169 : 1100))
        #expect(pixels.height == (paper == .a4 ? 827 : 850))
        // 100 dots an inch are 3937 dots a metre.
        #expect(Array(png[37..<50]) == [0x70, 0x48, 0x59, 0x73, 0, 0, 0x0F, 0x61, 0, 0, 0x0F, 0x61, 1])
    }

    @Test("The checksum of the chunk with the scale is PNG's")
    func checksum() {
        #expect(PNGScale.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(PNGScale.adding(dots: 100, to: [1, 2, 3]) == [1, 2, 3])
    }

    @Test("Names may hold anything and no picture breaks", arguments: SheetSettings.Form.allCases)
    func hostileNames(_ form: SheetSettings.Form) throws {
        for name in [
            "<script>&amp;\"'", "a\u{0}b\u{1B}[2J\n\r\t", String(repeating: "W", count: 5000), "患者 مريض 😀", "\u{202E}evil", "", " ",
            "João Conceição",
        ] {
            var findings = simulated(seconds: 2, form: form).withMedian()
            findings.patient.name = name
            findings.exam.source = name
            findings.exam.device = name
            findings.exam.notes = Array(repeating: name, count: 50)
            findings.statements = (0..<60).map { StatementFinding(name + "\($0)", code: name, .machine, probability: 0.5) }
            findings.quality.faults = [name]
            let bytes = try SheetPicture.bytes(of: findings)
            #expect(bytes.count > 1000)
            // Letters are outlines: nothing of a name is there to be run. tools/check-sheet parses it.
            if form == .svg { #expect(!String(decoding: bytes, as: UTF8.self).contains("<script")) }
        }
    }

    @Test("Findings with nothing in them give a sheet, and so does every value that is no number")
    func nothing() throws {
        var findings = Findings()
        findings.traces = (0..<12).map { Trace("\($0)", .recorded) }
        #expect(try SheetPicture.bytes(of: findings).count > 1000)
        findings.values = [MeasuredValue("PR", "ms", .nan, error: .infinity)]
        findings.statements = [StatementFinding("x", code: "x", .network, probability: .nan)]
        findings.exam.mark = .nan
        for page in 1...2 {
            findings.sheet.page = page
            findings.sheet.form = .svg
            #expect(try SheetPicture.bytes(of: findings).count > 1000)
        }
    }
}
