// `--leads`: what a person says about a record's signals, the same in every command that reads records.

import ArgumentParser
import PrecordiaFormats
import PrecordiaHost

struct LeadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which signals are which leads: ECG=II,ECG=V1 names the first and the second signal called ECG, 1=II the first signal, V=none leaves V out. II,V5 hears these leads alone.",
            valueName: "leads"))
    var leads: String?

    @Flag(help: "Hear leads whose samples do not add up to the header's checksum, and tell it, instead of leaving them out.")
    var ignoreChecksums = false

    init() {}

    init(leads: String?) {
        self.leads = leads
        ignoreChecksums = false
    }

    func naming() throws(RuntimeError) -> LeadNaming {
        var naming = LeadNaming()
        do throws(LeadNaming.Problem) { if let leads { naming = try LeadNaming(leads) } } catch {
            throw .badSetting(name: "--leads", value: error.entry, allowed: error.remedy)
        }
        naming.ignoresChecksums = ignoreChecksums
        return naming
    }
}

extension StandardError {
    /// What is left out of a record, or heard without knowing where it is from.
    static func say(warnings: [String], of record: String) { for warning in warnings { say("\(record): \(warning)") } }
}
