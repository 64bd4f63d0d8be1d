// What changed between two exams of one patient: values beyond their errors, statements that came and went.

package import PrecordiaFindings
import PrecordiaFormats
package import PrecordiaHost
import PrecordiaSignal

extension ComparisonFinding {
    /// Compares an exam with another.
    ///
    /// A value has changed where it differs by more than twice the root of the sum of both squared errors (each at least half of what is printed), and by as much
    /// as measuring itself may be off; where an
    /// error is not known, or the value of one exam, nothing is said.
    /// - Throws: ``RuntimeError/badSetting(name:value:allowed:)`` where both say that they are of different patients.
    package init(_ now: Findings, before: Findings, named name: String) throws(RuntimeError) {
        if let problem = now.patient.contradiction(to: before.patient) {
            throw .badSetting(name: "--compare", value: name, allowed: "it is of another patient: \(problem)")
        }
        self.init()
        other = before.exam.time ?? name
        if now.noAnswer != nil || before.noAnswer != nil { notes.append("one of both has no statements of the network") }
        let values = now.values.compactMap { value in before.values.first { $0.name == value.name }.map { (value, $0) } }
        changes = values.map { value, earlier in
            Change(
                value.name, value.unit, before: earlier.value, now: value.value, decimals: value.decimals,
                isChange: Self.isChange(value, earlier))
        }
        changes += Self.levels(now, before)
        compare(now, before)
        median = before.median
    }

    /// What a value must differ by at least: as much as IEC 60601-2-25 lets a measuring program be off in the mean; of axes what moving an electrode does.
    private static func least(_ value: MeasuredValue) -> Double {
        switch value.name {
        case "P", "PR", "QRS": 10
        case let name where name.hasPrefix("QT"): 25
        default: value.unit == "°" ? 15 : 0
        }
    }

    /// A statement's words; of a rule without the figures behind them, which differ each time.
    private static func plain(_ statement: StatementFinding) -> String {
        statement.status == .rule ? String(statement.words.prefix { $0 != "," && $0 != ":" }) : statement.words
    }

    private static func isChange(_ now: MeasuredValue, _ before: MeasuredValue) -> Bool? {
        guard let value = now.value, let earlier = before.value else { return nil }
        // Of a rate no error is measured: a tenth of it, and 5 at least, is a change.
        if now.unit == "/min" { return (value - earlier).magnitude >= max(5, earlier / 10) }
        guard let error = now.error, let other = before.error else { return nil }
        var step = (value - earlier).magnitude
        if now.unit == "°", step > 180 { step = 360 - step }
        let sum = max(0.5, error) * max(0.5, error) + max(0.5, other) * max(0.5, other)
        return step > 2 * sum.squareRoot() && step >= least(now)
    }

    /// Leads whose ST level, 60 ms behind J, moved by 0.1 mV and more.
    private static func levels(_ now: Findings, _ before: Findings) -> [Change] {
        guard let own = now.median, let other = before.median else { return [] }
        return Lead.allCases.compactMap { lead in
            let place = Int(lead.rawValue)
            guard let level = own.sizes[place]?.values.last.flatMap({ $0 }), let earlier = other.sizes[place]?.values.last.flatMap({ $0 })
            else { return nil }
            guard (level - earlier).magnitude >= 0.1 else { return nil }
            return Change("ST \(lead.name)", "mV", before: earlier, now: level, decimals: 2, isChange: true)
        }
    }

    /// What one exam could not say is neither new nor gone in the other.
    private mutating func compare(_ now: Findings, _ before: Findings) {
        let bothAnswer = now.noAnswer == nil && before.noAnswer == nil
        let bothMeasured = now.median != nil && before.median != nil
        func words(_ findings: Findings) -> [String] {
            var seen = Set<String>()
            return findings.statements.filter { statement in
                switch statement.status {
                case .rule: true
                case .criterion: bothMeasured
                case .network, .machine: bothAnswer
                }
            }.map(Self.plain).filter { seen.insert($0).inserted }
        }
        let own = words(now)
        let earlier = words(before)
        new = own.filter { !earlier.contains($0) }
        gone = earlier.filter { !own.contains($0) }
        same = own.filter(earlier.contains)
    }
}
