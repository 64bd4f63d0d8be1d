// Findings as the bytes of a PDF, an SVG or a PNG: the same bytes for the same findings, with no date of now in them.

import CCairo
import Glibc
package import PrecordiaFindings

/// Why a sheet cannot be drawn.
package struct SheetFault: Error, CustomStringConvertible {
    package var description: String
}

/// Draws sheets.
package enum SheetPicture {
    /// Points of PDF and SVG in a millimetre.
    private static let points = 72 / 25.4

    /// The sheet in the form that its settings ask for, in true size. Cost: some 30 ms. Thread: any.
    package static func bytes(of findings: Findings) throws(SheetFault) -> [UInt8] {
        switch findings.sheet.form {
        case .pdf: try pdf(findings)
        case .svg: try svg(findings)
        case .png: try png(findings)
        }
    }

    /// Whether letters have the widths of the font that is meant; where they have none at all there is no font.
    package static func fontProblem() -> String? {
        let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 8, 8)!
        defer { cairo_surface_destroy(surface) }
        let width = Ink(surface, scale: 1).width(of: "mW@i Ωé", size: 100)
        if width < 50 { return "there is no font; the package fonts-dejavu-core has one" }
        if (width - 493.8).magnitude > 1 {
            return "the font \(Ink.family) is not there, another is used; the package fonts-dejavu-core has it"
        }
        return nil
    }

    private static func draw(_ findings: Findings, page: Int, _ ink: Ink) {
        let size = findings.sheet.paper.size
        ink.fill(x: 0, y: 0, width: size.width, height: size.height)
        if page == 1 { FirstPage(findings: findings, ink: ink).draw() } else { SecondPage(findings: findings, ink: ink).draw() }
    }

    private static func pdf(_ findings: Findings) throws(SheetFault) -> [UInt8] {
        let sink = Sink()
        let size = findings.sheet.paper.size
        let surface = cairo_pdf_surface_create_for_stream(Sink.write, sink.pointer, size.width * points, size.height * points)!
        defer { cairo_surface_destroy(surface) }
        // Cairo would take the clock's time; the exam's stands on the page.
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "")
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, "Electrocardiogram")
        let ink = Ink(surface, scale: points)
        for page in 1...2 {
            draw(findings, page: page, ink)
            ink.endPage()
        }
        return try sink.finished(surface, ink)
    }

    private static func svg(_ findings: Findings) throws(SheetFault) -> [UInt8] {
        let sink = Sink()
        let size = findings.sheet.paper.size
        let surface = cairo_svg_surface_create_for_stream(Sink.write, sink.pointer, size.width * points, size.height * points)!
        defer { cairo_surface_destroy(surface) }
        // Newer versions of Cairo would say nothing of the unit, and browsers take pixels for it.
        cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PT)
        let ink = Ink(surface, scale: points)
        draw(findings, page: findings.sheet.page, ink)
        return try sink.finished(surface, ink)
    }

    private static func png(_ findings: Findings) throws(SheetFault) -> [UInt8] {
        let sink = Sink()
        let size = findings.sheet.paper.size
        let scale = Double(findings.sheet.dots) / 25.4
        let surface = cairo_image_surface_create(
            CAIRO_FORMAT_RGB24, Int32((size.width * scale).rounded()), Int32((size.height * scale).rounded()))!
        defer { cairo_surface_destroy(surface) }
        let ink = Ink(surface, scale: scale)
        draw(findings, page: findings.sheet.page, ink)
        cairo_surface_flush(surface)
        try Sink.check(ink.status)
        try Sink.check(cairo_surface_write_to_png_stream(surface, Sink.write, sink.pointer))
        return PNGScale.adding(dots: findings.sheet.dots, to: sink.bytes)
    }
}

/// What Cairo writes, kept.
private final class Sink {
    var bytes: [UInt8] = []

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static let write: cairo_write_func_t = { closure, data, count in
        guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
        let sink = Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue()
        sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
        return CAIRO_STATUS_SUCCESS
    }

    /// Everything, once the surface has written its end.
    func finished(_ surface: OpaquePointer, _ ink: Ink) throws(SheetFault) -> [UInt8] {
        try Self.check(ink.status)
        cairo_surface_finish(surface)
        try Self.check(cairo_surface_status(surface))
        return withExtendedLifetime(self) { bytes }
    }

    static func check(_ status: cairo_status_t) throws(SheetFault) {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        throw SheetFault(description: "Cairo cannot draw it: \(String(cString: cairo_status_to_string(status)))")
    }
}
