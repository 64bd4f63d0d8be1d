// The alarm matrix: each rhythm that kills with each disturbance on each way, and no cell may be silent.
// The table is the requirement (docs/alarms-matrix.md); this only plays it, as fast as it goes, the same each time.

package import PrecordiaHost
package import PrecordiaSession

/// Plays the cells that are wanted.
package struct AlarmMatrix: Sendable {
    package var rhythms = MatrixRhythm.allCases
    package var disturbances = MatrixDisturbance.all
    package var ways = MatrixWay.allCases
    /// Whether signals begin in the normal rhythm (false), in the rhythm itself (true), or both in turn.
    package var beginnings = [false, true]
    /// An alarm that is taken for not raised: for the check of this check.
    package var silenced: String?

    package init() {}

    /// The cells that `make test` plays: one of each kind, the worst of each disturbance.
    package static var short: AlarmMatrix {
        var matrix = AlarmMatrix()
        let names = [
            "clean", "lost-5", "lost-third", "contact-RA", "flat-chest", "flicker-each", "off-2", "off-5", "off-RL", "hum-50-150",
            "muscle-50", "pulses-free",
            "marks-20",
            "rate-wrong", "repeats", "flat",
        ]
        matrix.disturbances = MatrixDisturbance.all.filter { names.contains($0.name) }
        matrix.ways = [.replay, .bedside]
        matrix.beginnings = [false]
        return matrix
    }

    package var cells: [MatrixCell] {
        var cells: [MatrixCell] = []
        for beginsInRhythm in beginnings {
            for way in ways {
                for disturbance in disturbances {
                    for rhythm in rhythms {
                        cells.append(MatrixCell(rhythm: rhythm, disturbance: disturbance, way: way, beginsInRhythm: beginsInRhythm))
                    }
                }
            }
        }
        return cells.filter(\.isPlayable)
    }

    /// Plays all cells; `tell` is called with each outcome, in order.
    package func run(
        _ model: LoadedModel, threads: Int = Machine.processors, tell: (MatrixOutcome) throws(RuntimeError) -> Void
    ) throws(RuntimeError) {
        let (cells, silenced) = (cells, silenced)
        let jobs = OrderedJobs<Result<MatrixOutcome, RuntimeError>>(count: cells.count, threads: threads)
        try jobs.run(
            worker: {
                let play = MatrixPlay(model, silenced: silenced)
                return { number in
                    Result { () throws(RuntimeError) in try play.play(cells[number]) }
                }
            },
            emit: { (result) throws(RuntimeError) in try tell(try result.get()) })
    }
}
