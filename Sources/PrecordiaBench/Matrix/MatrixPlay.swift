// One cell played through the engine alone, as a replay does.
// The live way stands in MatrixLive.swift; both give the same kind of account.

import PrecordiaAlerts
import PrecordiaEngine
import PrecordiaHost
import PrecordiaSession
import PrecordiaSignal

/// How a cell is played.
package enum MatrixWay: String, CaseIterable, Sendable {
    /// The frames through the engine with its own rules. What a record does not hold (pace marks) is not told.
    case replay
    /// The bytes of a device through a live session under a policy, nobody at the bed.
    case bedside, clinic
}

/// One cell: a rhythm, a disturbance, a way, and whether the signal begins in the rhythm.
package struct MatrixCell: Sendable {
    package var rhythm: MatrixRhythm
    package var disturbance: MatrixDisturbance
    package var way: MatrixWay
    package var beginsInRhythm = false

    package var isPlayable: Bool { way != .replay || !disturbance.isLiveOnly }

    /// The name by which `--cell` finds it.
    package var name: String {
        "\(way.rawValue)/\(rhythm.rawValue)/\(disturbance.name)" + (beginsInRhythm ? "/from-start" : "")
    }
}

/// What a cell has come to.
package struct MatrixOutcome: Sendable {
    package var cell: MatrixCell
    package var verdict: MatrixVerdict
    /// When the definition was met, seconds of the signal.
    package var met: Double?
    /// High-priority alarms about the patient before the rhythm began.
    package var before: [String] = []
    /// Each alarm with its stretch, for a person.
    package var account: [String] = []
}

/// Plays cells through an engine.
final class MatrixPlay {
    private let model: LoadedModel
    private let silenced: String?

    /// - Parameter silenced: an alarm that is taken for not raised.
    init(_ model: LoadedModel, silenced: String? = nil) { (self.model, self.silenced) = (model, silenced) }

    func play(_ cell: MatrixCell) throws(RuntimeError) -> MatrixOutcome {
        let signal = MatrixSignal(cell.rhythm, cell.disturbance, beginsInRhythm: cell.beginsInRhythm)
        let watch = cell.way == .replay ? try replay(signal, cell) : try MatrixLive(model, cell).play(signal)
        return outcome(cell, signal, watch.stretches.filter { $0.name != silenced })
    }

    private func outcome(_ cell: MatrixCell, _ signal: MatrixSignal, _ stretches: [MatrixWatch.Stretch]) -> MatrixOutcome {
        let end = Double(signal.frames) / Double(MatrixSignal.rate)
        let met = signal.truth.met
        var verdict = MatrixVerdict(
            stretches, right: cell.rhythm.right, met: met, limit: cell.disturbance.limit, end: end)
        if cell.rhythm == .normal { verdict = MatrixVerdict(normal: stretches) }
        var outcome = MatrixOutcome(cell: cell, verdict: verdict, met: met)
        outcome.before = stretches.filter { !$0.isTechnical && $0.start < signal.start }.map(\.name)
        outcome.account = stretches.map { stretch in
            let until = stretch.end == .infinity ? "the end" : Text.fixed(stretch.end, decimals: 1)
            return "\(stretch.name) from \(Text.fixed(stretch.start, decimals: 1)) to \(until)"
        }
        return outcome
    }

    /// Lost blocks are frames whose index is passed over.
    private func replay(_ signal: MatrixSignal, _ cell: MatrixCell) throws(RuntimeError) -> MatrixWatch {
        let format = StreamFormat(rate: MatrixSignal.rate, derived: .derived)
        let host = try EngineHost(model: model, stream: format, options: EngineOptions(), name: cell.name)
        var watch = MatrixWatch()
        var up: [UInt16: Bool] = [:]
        var frame = Frame(index: 0)
        let block = UInt64(MatrixSignal.rate / 50)
        for _ in 0..<signal.frames {
            _ = signal.next(into: &frame)
            if cell.disturbance.loses(block: frame.index / block) { continue }
            host.engine.push(frame)
            var isChanged = false
            while let event = host.engine.poll() {
                guard event.kind == .alertRaised || event.kind == .alertCleared else { continue }
                isChanged = true
                up[event.code] = event.kind == .alertRaised && event.priority == AlertPriority.high.rawValue
            }
            guard isChanged else { continue }
            let names = up.filter(\.value).keys.sorted().map { code in MatrixNames.named(code, model.vocabulary) }
            watch.note(names, at: Double(frame.index) / Double(MatrixSignal.rate))
        }
        return watch
    }
}

extension MatrixDisturbance {
    /// Whether a data block is lost: the last ones of each so many.
    func loses(block: UInt64) -> Bool { block % UInt64(lost.of) >= UInt64(lost.of - lost.blocks) }
}

/// Alarms by their stable names.
enum MatrixNames {
    static func named(_ code: UInt16, _ vocabulary: Vocabulary) -> (name: String, isTechnical: Bool) {
        let alert = AlertCode(rawValue: code)
        if let statement = alert.statement { return (vocabulary.statements[statement].code, false) }
        return (alert.condition.map { "\($0.name)" } ?? "\(alert.number)", alert.condition?.isTechnical ?? false)
    }
}
