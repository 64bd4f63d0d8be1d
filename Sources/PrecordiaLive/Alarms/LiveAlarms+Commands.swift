// What people ask for by name, through a companion program: a page, a nurse station.
// Apart from the keys, which are toggles under a hand: a command says what shall be, so that one that comes twice does no harm.

import PrecordiaAlerts
import PrecordiaCompanion
import PrecordiaPolicy

extension LiveAlarms {
    /// Does what a command asks for. Nothing is done for nobody.
    ///
    /// - Returns: what became of it, and words for the person who asked.
    func obey(_ command: CompanionCommand, at now: Int64) -> (result: CompanionCommand.Result, words: String) {
        guard !command.who.isEmpty else { return (.wrong, "nobody is named who asks for it") }
        let time = now / 1_000_000
        defer { sound(isCut: true) }
        switch command.kind {
        case .acknowledge: return acknowledge(command.arguments, at: time)
        case .pause:
            guard let begins = Self.begins(command.arguments) else { return (.wrong, "begin or end would be right") }
            if begins != (policyBoard.board.pauseEnd != nil) { policyBoard.board.pauseAudio(at: time) }
            return (.done, begins ? "the sound is paused" : "the sound is not paused")
        case .off:
            guard let begins = Self.begins(command.arguments) else { return (.wrong, "begin or end would be right") }
            if begins != policyBoard.board.isOff { policyBoard.board.switchOff(begins, at: time) }
            return (.done, begins ? "alarms are off" : "alarms are on")
        case .limits: return (.notPossible, "limits are the policy's, and stay as they are while the session runs")
        case .admit, .discharge, .exam: return (.notPossible, "a session is of one patient; end it and begin another")
        case .look:
            guard let begins = Self.begins(command.arguments) else { return (.wrong, "begin or end would be right") }
            return (.done, begins ? "looks" : "looks no more")
        case .begin, .say, .open: return (.notPossible, "the session started this program and knows when it begins")
        case nil: return (.unknown, "this version of the program does not know it")
        }
    }

    private func acknowledge(_ names: [String], at time: Int64) -> (CompanionCommand.Result, String) {
        let shownFor = policyBoard.policy.settings.shownFor
        guard let name = names.first else {
            policyBoard.board.acknowledge(at: time, shownFor: shownFor)
            let left = (0..<policyBoard.board.count).contains {
                policyBoard.board.alarm($0).isShown && !policyBoard.board.alarm($0).isAcknowledged
            }
            guard !left else { return (.notPossible, "not all: some were shown for too short a time; look, and ask again") }
            return (.done, "all alarms that are shown are acknowledged")
        }
        guard names.count == 1, let place = policyBoard.policy.place(of: name) else { return (.wrong, "no alarm is called that") }
        guard policyBoard.board.acknowledge(place, at: time, shownFor: shownFor) else {
            return (.notPossible, "it is not shown, was shown for too short a time, or is acknowledged already")
        }
        return (.done, "acknowledged")
    }

    private static func begins(_ arguments: [String]) -> Bool? {
        switch arguments {
        case ["begin"]: true
        case ["end"]: false
        default: nil
        }
    }
}
