// Cairo in millimetres: lines, text and its widths. The one file that draws; everything else says what and where.

import CCairo
import PrecordiaHost

/// Colours of a sheet, as red, green and blue from 0 to 1.
enum Colour {
    case black, dark, grey, pale, red, blue, fine, coarse

    var parts: (red: Double, green: Double, blue: Double) {
        switch self {
        case .black: (0, 0, 0)
        case .dark: (0.25, 0.25, 0.25)
        case .grey: (0.45, 0.45, 0.45)
        case .pale: (0.62, 0.62, 0.62)
        case .red: (0.72, 0.05, 0.05)
        case .blue: (0.1, 0.3, 0.75)
        case .fine: (0.98, 0.88, 0.86)
        case .coarse: (0.94, 0.70, 0.67)
        }
    }
}

/// Where a text stands about its place.
enum Alignment {
    case left, centre, right
}

/// A pen on one page. Lengths are millimetres from the page's upper left corner.
///
/// - Thread: one. Memory: Cairo's, given back with the pen.
final class Ink {
    /// The font of all text: that of Debian's fonts-dejavu-core. Where it is missing, fontconfig takes another.
    static let family = "DejaVu Sans"

    private let context: OpaquePointer

    /// - Parameter scale: units of the surface in a millimetre.
    init(_ surface: OpaquePointer, scale: Double) {
        context = cairo_create(surface)
        cairo_scale(context, scale, scale)
        let options = cairo_font_options_create()
        // The same outlines at every size and on every machine.
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_set_font_options(context, options)
        cairo_font_options_destroy(options)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
    }

    deinit { cairo_destroy(context) }

    var status: cairo_status_t { cairo_status(context) }

    func endPage() { cairo_show_page(context) }

    private func take(_ colour: Colour) {
        let parts = colour.parts
        cairo_set_source_rgb(context, parts.red, parts.green, parts.blue)
    }

    func fill(x: Double, y: Double, width: Double, height: Double, red: Double = 1, green: Double = 1, blue: Double = 1) {
        cairo_set_source_rgb(context, red, green, blue)
        cairo_rectangle(context, x, y, width, height)
        cairo_fill(context)
    }

    func line(_ from: Point, _ to: Point, width: Double = 0.2, _ colour: Colour = .black, dash: Double? = nil) {
        take(colour)
        cairo_set_line_width(context, width)
        if let dash { cairo_set_dash(context, [dash, dash], 2, 0) }
        cairo_move_to(context, from.x, from.y)
        cairo_line_to(context, to.x, to.y)
        cairo_stroke(context)
        if dash != nil { cairo_set_dash(context, nil, 0, 0) }
    }

    /// Lines along x and y at the same distance from each other, drawn as one.
    func grid(_ area: Area, step: Double, width: Double, _ colour: Colour) {
        take(colour)
        cairo_set_line_width(context, width)
        for column in 0...Int(area.width / step + 0.001) {
            cairo_move_to(context, area.x + Double(column) * step, area.y)
            cairo_line_to(context, area.x + Double(column) * step, area.y + area.height)
        }
        for row in 0...Int(area.height / step + 0.001) {
            cairo_move_to(context, area.x, area.y + Double(row) * step)
            cairo_line_to(context, area.x + area.width, area.y + Double(row) * step)
        }
        cairo_stroke(context)
    }

    /// A line through points; a single one is a dot.
    func path(_ points: [Point], width: Double, _ colour: Colour = .black) {
        guard let first = points.first else { return }
        take(colour)
        cairo_set_line_width(context, width)
        cairo_move_to(context, first.x, first.y)
        for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
        if points.count == 1 { cairo_line_to(context, first.x + 0.01, first.y) }
        cairo_stroke(context)
    }

    /// Writes one line; `y` is that on which letters stand. Nothing in the text can break the page: control characters are shown as U+FFFD.
    func text(
        _ text: String, x: Double, y: Double, size: Double, bold: Bool = false, _ colour: Colour = .black, _ alignment: Alignment = .left
    ) {
        let shown = Text.printable(text)
        select(size, bold)
        take(colour)
        let width = alignment == .left ? 0 : advance(shown)
        cairo_move_to(context, alignment == .left ? x : alignment == .right ? x - width : x - width / 2, y)
        cairo_show_text(context, shown)
    }

    /// How wide a line of text is.
    func width(of text: String, size: Double, bold: Bool = false) -> Double {
        select(size, bold)
        return advance(Text.printable(text))
    }

    private func select(_ size: Double, _ bold: Bool) {
        cairo_select_font_face(
            context, Self.family, CAIRO_FONT_SLANT_NORMAL, bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(context, size)
    }

    private func advance(_ text: String) -> Double {
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }
}

/// A place on the page, millimetres.
struct Point: Equatable {
    var x: Double
    var y: Double

    init(_ x: Double, _ y: Double) {
        self.x = x
        self.y = y
    }
}

/// A part of the page, millimetres.
struct Area: Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
}
