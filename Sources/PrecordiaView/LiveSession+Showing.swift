// A live session shown as its settings say: lines of JSON, a table, a screen, and lines into a file beside them.
// The one place that chooses; the session itself knows only outlets.

import PrecordiaDevice
package import PrecordiaHost
package import PrecordiaLive
package import PrecordiaSession

extension LiveSession {
    /// Opens a source, runs it, and shows it as the settings say, on standard output.
    ///
    /// - Parameter complain: words for a person: beside lines of JSON all of them, beside a table or a screen why the source failed.
    /// - Returns: whether the source failed.
    package static func run(
        _ settings: LiveSettings, model: LoadedModel, style: Style, complain: @escaping (String) -> Void
    ) throws(RuntimeError) -> Bool {
        if settings.policy != nil, settings.sound != nil { Interrupt.ignoreStops() }
        let file = try settings.lines.map { file throws(RuntimeError) in
            let output = try ByteOutput.appending(to: file.path)
            let writer = LineWriter(
                name: settings.name, top: file.top, model: model, policy: settings.policy, outlets: settings.outletNames)
            return OutletThread(
                LiveOutlet(LiveSettings.fileOutlet, wants: .lines), LinesSink(output: output, name: settings.name, writer: writer) { _ in })
        }
        let session = try LiveSession(settings, model: model, beside: file.map { [$0] } ?? [])
        let result: LiveResult
        switch settings.output {
        case .lines(let top):
            let writer = LineWriter(name: settings.name, top: top, model: model, policy: settings.policy, outlets: settings.outletNames)
            var sink = LinesSink(output: .standard(eager: true), name: settings.name, writer: writer, complain: complain)
            result = try session.run(&sink, complain: complain)
        case .table:
            var sink = TableSink(output: .standard(eager: true), model: model, policy: settings.policy, name: settings.name, style: style)
            result = try session.run(&sink, complain: complain)
            if let problem = result.problem { complain(problem) }
        case .view:
            var sink = ScreenSink(model: model, name: settings.name, style: style, note: settings.note)
            result = try session.run(&sink, complain: complain)
            if let problem = result.problem { complain(problem) }
        }
        result.outletProblems.forEach(complain)
        return result.failed
    }
}
