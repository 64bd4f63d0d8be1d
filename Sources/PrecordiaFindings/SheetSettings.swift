// What a person may choose about a sheet. Beside the findings, because it travels with them.

/// Paper, arrangement and scale.
package struct SheetSettings: Equatable, Sendable {
    package enum Form: String, Sendable, CaseIterable {
        case pdf, svg, png
    }

    /// Sizes of paper, both lying.
    package enum Paper: String, Sendable, CaseIterable {
        case a4, letter

        /// Millimetres.
        package var size: (width: Double, height: Double) {
            switch self {
            case .a4: (297, 210)
            case .letter: (279.4, 215.9)
            }
        }
    }

    /// How leads are arranged.
    package enum Layout: String, Sendable, CaseIterable {
        /// Four columns of three leads, and a rhythm strip below.
        case threeByFour = "3x4"
        /// Two columns of six.
        case sixByTwo = "6x2"
        /// Each lead over the whole time.
        case twelveByOne = "12x1"

        package var columns: Int {
            switch self {
            case .threeByFour: 4
            case .sixByTwo: 2
            case .twelveByOne: 1
            }
        }

        package var rows: Int { 12 / columns }
    }

    package var form = Form.pdf
    package var paper = Paper.a4
    package var layout = Layout.threeByFour
    /// Millimetres a second: 25 or 50.
    package var speed = 25.0
    /// Millimetres a millivolt: 5, 10 or 20.
    package var gain = 10.0
    /// The lead of the rhythm strip.
    package var rhythm = "II"
    /// Dots an inch, of png alone.
    package var dots = 150
    /// Of svg and png the page, 1 or 2; a pdf has both.
    package var page = 1

    package init() {}

    /// The seconds that fit into 250 mm.
    package var seconds: Double { 250 / speed }
}
