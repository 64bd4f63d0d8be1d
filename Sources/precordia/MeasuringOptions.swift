// Options of commands whose engine measures: how often, and who the patient is.

import ArgumentParser
import PrecordiaSession

struct MeasuringOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Measure PR, QRS, QT, axes and ST of the last 10 s so often, and watch ST, QTc and conduction; 0 for not at all.",
            valueName: "seconds"))
    var measure = 5

    @Option(help: ArgumentHelp("The patient's age, for limits of ST.", valueName: "years"))
    var age: Int?

    @Option(help: ArgumentHelp("The patient's sex, for limits of ST: female or male. Unknown takes the lower limits.", valueName: "sex"))
    var sex: String?

    func validate() throws {
        guard (0...60).contains(measure) else { throw ValidationError("--measure takes 0 to 60 seconds, not \(measure).") }
        if let age, !(1...120).contains(age) { throw ValidationError("--age takes 1 to 120 years, not \(age).") }
        if let sex, sex != "female", sex != "male" { throw ValidationError("--sex takes female or male, not \(sex).") }
    }

    var settings: MeasuringSettings {
        MeasuringSettings(seconds: measure, age: age, isFemale: sex.map { $0 == "female" })
    }
}
