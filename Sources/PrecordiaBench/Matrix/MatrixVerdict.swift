// Whether a cell is silent: what was alarmed with high priority, from when on, until when.
// Apart from what plays it, so that it can be told of alarms that no engine made.

/// The stretches in which high-priority alarms were up in one cell.
struct MatrixWatch {
    /// An alarm, seconds of the signal.
    struct Stretch: Equatable {
        var name: String
        var isTechnical: Bool
        var start: Double
        /// Infinity while it lasts.
        var end = Double.infinity
    }

    private(set) var stretches: [Stretch] = []

    /// These alarms of high priority are up at `time`, which does not go back.
    mutating func note(_ names: [(name: String, isTechnical: Bool)], at time: Double) {
        for index in stretches.indices where stretches[index].end == .infinity {
            if !names.contains(where: { $0.name == stretches[index].name }) { stretches[index].end = time }
        }
        for each in names where !stretches.contains(where: { $0.end == .infinity && $0.name == each.name }) {
            stretches.append(Stretch(name: each.name, isTechnical: each.isTechnical, start: time))
        }
    }
}

/// What became of a cell.
package enum MatrixVerdict: Equatable, Sendable {
    /// The right alarm, so many seconds after the definition was met; negative if before.
    case right(String, after: Double)
    /// None of these, but a technical one of high priority.
    case technical(String, after: Double)
    /// Too late.
    case late(String, after: Double)
    /// In time, and over by itself while the rhythm went on: so many seconds after the definition was met.
    case ends(String, after: Double)
    case silent
    /// Of the normal rhythm: no alarm of high priority about the patient, or one.
    case quiet
    case falseAlarm(String, at: Double)

    /// Whether somebody who relies on the alarm would miss the rhythm.
    package var isSilent: Bool {
        switch self {
        case .right, .technical, .quiet, .falseAlarm: false
        case .late, .ends, .silent: true
        }
    }

    /// Alarms may hand over to each other with no more than this between them, seconds: an answer.
    private static let handover = 1.5

    /// - Parameters:
    ///   - met: when the rhythm's definition was met; nil if it never was, and then the cell is silent.
    ///   - limit: seconds from then on.
    ///   - end: the signal's end, up to when the rhythm plays.
    init(_ stretches: [MatrixWatch.Stretch], right: Set<String>, met: Double?, limit: Double, end: Double) {
        guard let met else {
            self = .silent
            return
        }
        let counting = stretches.filter { right.contains($0.name) || $0.isTechnical }.filter { $0.end > met }.sorted { $0.start < $1.start }
        guard let first = counting.first else {
            self = .silent
            return
        }
        // Stretches in which something is always up; only one that lasts to the end is of use.
        var runs: [[MatrixWatch.Stretch]] = []
        var covered = -Double.infinity
        for stretch in counting {
            if stretch.start <= covered + Self.handover { runs[runs.count - 1].append(stretch) } else { runs.append([stretch]) }
            covered = max(covered, stretch.end)
        }
        guard let last = runs.last, covered >= end - Self.handover, last[0].start - met <= limit else {
            let over = runs[0].map(\.end).max() ?? first.end
            self = first.start - met > limit ? .late(first.name, after: first.start - met) : .ends(first.name, after: over - met)
            return
        }
        let named = last.first { !$0.isTechnical && $0.start - met <= limit }
        let told = named ?? last[0]
        self = told.isTechnical ? .technical(told.name, after: told.start - met) : .right(told.name, after: told.start - met)
    }

    /// Of a normal rhythm that plays from `start` on.
    init(normal stretches: [MatrixWatch.Stretch]) {
        let wrong = stretches.filter { !$0.isTechnical }.min { $0.start < $1.start }
        self = wrong.map { .falseAlarm($0.name, at: $0.start) } ?? .quiet
    }
}
