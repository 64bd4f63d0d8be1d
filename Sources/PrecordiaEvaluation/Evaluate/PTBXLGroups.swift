// The groups that PTB-XL's table puts an exam into: age, sex and device.
// Apart from the tasks, because these columns say who was recorded and with what, not what was found.

import PrecordiaHost

/// Reads the columns `age`, `sex` and `device` of PTB-XL's table.
struct PTBXLGroups {
    private let table: CSVTable
    private let places: (age: Int, sex: Int, device: Int)

    private static let ages = ["under 40", "40 to 59", "60 to 79", "80 and more"]
    private static let sexes = ["male", "female"]
    private static let none = "not given"
    private static let other = "other"

    init(_ table: CSVTable) throws(RuntimeError) {
        self.table = table
        places = (try table.column("age"), try table.column("sex"), try table.column("device"))
    }

    /// A row's groups, in ``groupings(_:)``'s order.
    func groups(_ row: CSVTable.Row) throws(RuntimeError) -> [String] {
        [try age(row), try sex(row), Self.device(row.fields[places.device])]
    }

    /// Years; PTB-XL writes 300 for all above 89.
    private func age(_ row: CSVTable.Row) throws(RuntimeError) -> String {
        let field = row.fields[places.age]
        guard !field.isEmpty else { return Self.none }
        guard let years = Double(field), (0...300).contains(years) else {
            throw table.error(row, "age is \(Text.printable(field)); years, 300 for above 89, or nothing are right")
        }
        return Self.ages[years < 40 ? 0 : years < 60 ? 1 : years < 80 ? 2 : 3]
    }

    private func sex(_ row: CSVTable.Row) throws(RuntimeError) -> String {
        let field = row.fields[places.sex]
        guard !field.isEmpty else { return Self.none }
        guard let code = Double(field), code == 0 || code == 1 else {
            throw table.error(row, "sex is \(Text.printable(field)); 0 (male), 1 (female) or nothing are right")
        }
        return Self.sexes[Int(code)]
    }

    /// The device without its software's version: `AT-6 C 5.5` and `AT-6 C` are one, `CS-12   E` is `CS-12 E`.
    static func device(_ field: String) -> String {
        let words = field.split(separator: " ").filter { !($0.first?.isNumber ?? true) }
        return words.isEmpty ? none : words.joined(separator: " ")
    }

    /// The groupings of these exams. Devices with few of them become "other".
    static func groupings(_ exams: inout [StatedExam]) -> [Grouping] {
        let count = Dictionary(exams.map { ($0.groups[2], 1) }, uniquingKeysWith: +)
        let devices = count.keys.filter { $0 != none && count[$0]! >= Grouping.fewestExams }.sorted()
        for index in exams.indices where !devices.contains(exams[index].groups[2]) && exams[index].groups[2] != none {
            exams[index].groups[2] = other
        }
        return [
            Grouping(kind: "age", groups: ages + [none]), Grouping(kind: "sex", groups: sexes + [none]),
            Grouping(kind: "device", groups: devices + [other, none]),
        ]
    }
}
