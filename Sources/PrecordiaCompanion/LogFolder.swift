// Where a log lies if nobody says: the same for the session that writes it and the command that reads it.

import Glibc
import PrecordiaHost

/// Paths of a log and of the program that keeps it.
package enum LogFolder {
    /// $PRECORDIA_LOG; $STATE_DIRECTORY, as systemd sets it; precordia/log in $XDG_STATE_HOME or ~/.local/state.
    package static func usual(environment: (String) -> String? = Machine.environment) -> String {
        if let folder = environment("PRECORDIA_LOG"), !folder.isEmpty { return folder }
        if let state = environment("STATE_DIRECTORY"), !state.isEmpty { return state + "/log" }
        if let state = environment("XDG_STATE_HOME"), !state.isEmpty { return state + "/precordia/log" }
        return (environment("HOME") ?? "") + "/.local/state/precordia/log"
    }

    /// The path of precordia-log, in the folder of the program that runs.
    package static var program: String { program(named: "precordia-log") }

    /// The path of a program in the folder of the one that runs.
    package static func program(named name: String) -> String {
        var room = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &room, room.count)
        let path = count > 0 ? String(decoding: room[..<count], as: UTF8.self) : ""
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/" + name
    }
}
