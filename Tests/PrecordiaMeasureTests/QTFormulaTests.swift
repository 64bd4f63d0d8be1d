// QTc by each formula, and the arithmetic that stands in for the C library's.

import Testing

@testable import PrecordiaMeasure

@Suite("QTc")
struct QTFormulaTests {
    private func measurement(qt: Float, interval: Float) -> Measurement {
        var values = Measurement()
        values.qt = qt
        values.interval = interval
        return values
    }

    @Test("is QT at 60 a minute by every formula", arguments: [QTFormula.fridericia, .bazett, .framingham, .hodges])
    func unchanged(formula: QTFormula) { #expect(measurement(qt: 400, interval: 1000).qtc(formula) == 400) }

    @Test("at 120 a minute follows each formula's definition")
    func fast() {
        let values = measurement(qt: 300, interval: 500)
        #expect(values.qtc(.fridericia) == 377.97632)
        #expect(values.qtc(.bazett) == 424.26407)
        #expect(values.qtc(.framingham) == 377)
        #expect(values.qtc(.hodges) == 405)
    }

    @Test("is not known without QT or rate")
    func unknown() {
        #expect(Measurement().qtc() == nil)
        var values = Measurement()
        values.qt = 400
        #expect(values.qtc() == nil)
    }

    @Test("Angles are right to a millionth of a degree in every quarter")
    func angles() {
        for degree in stride(from: -179, through: 180, by: 1) {
            let known: [Int: (Double, Double)] = [
                0: (1, 0), 45: (1, 1), 90: (0, 1), 135: (-1, 1), 180: (-1, 0), -45: (1, -1), -90: (0, -1), -135: (-1, -1),
            ]
            guard let (x, y) = known[degree] else { continue }
            #expect(abs(Angles.degrees(x: x, y: y)! - Double(degree)) < 1e-6)
        }
        #expect(abs(Angles.degrees(x: 3.0.squareRoot(), y: 1)! - 30) < 1e-6)
        #expect(abs(Angles.degrees(x: 1, y: 3.0.squareRoot())! - 60) < 1e-6)
        #expect(Angles.degrees(x: 0, y: 0) == nil)
    }
}
