// The root of the command line: its name, its version, its list of commands.
// The commands each have a file.

import ArgumentParser
import CPrecordiaBuild
import Glibc
import PrecordiaHost
import PrecordiaNetwork
import PrecordiaSession

struct Precordia: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "precordia",
        abstract: "Live 12-lead ECG in, continuous alerts out. Not a medical device.",
        version: "precordia \(ProgramVersion.text), kernel \(String(cString: Kernel.best.name))\n"
            + ProgramVersion.build(commit: precordia_build_commit(), compiler: precordia_build_compiler()),
        subcommands: [
            DemoCommand.self, MonitorCommand.self, DevicesCommand.self, CaptureCommand.self, VerifyCommand.self, LogCommand.self,
            ReplayCommand.self,
            ClassifyCommand.self, EvaluateCommand.self, BeatsCommand.self, MeasureCommand.self, QualityCommand.self, SimulateCommand.self,
            PolicyCommand.self,
            InspectCommand.self, ExportCommand.self, ReportCommand.self, ExamCommand.self, FiltersCommand.self,
            AlarmsCommand.self, AlarmTestCommand.self,
            BenchCommand.self,
            SoakCommand.self,
        ])
}

/// The model that several commands take.
struct ModelOptions: ParsableArguments {
    @Option(name: .customLong("model"), help: ArgumentHelp("Run this model instead of the shipped one.", valueName: "file"))
    var path: String?

    func load() throws(RuntimeError) -> LoadedModel { try LoadedModel.open(path) }
}

/// What a person must be told on standard error.
enum StandardError {
    static func say(_ text: String) {
        let line = Array(("precordia: " + Text.printable(text) + "\n").utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress!, $0.count) }
    }
}

extension Speed: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }

    public var defaultValueDescription: String {
        switch self {
        case .max: "max"
        case .times(let factor): factor == factor.rounded() ? "\(Int(factor))" : "\(factor)"
        }
    }
}
