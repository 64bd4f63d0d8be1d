// Everything that can go wrong with a log, in words for the person at the cart.

import GRDB
import Glibc

/// An error of the log: what was wrong, where, and what would be right.
package enum StoreError: Error, Equatable {
    /// The folder or a file in it cannot be used; `reason` is the system's.
    case unusable(path: String, reason: String)
    /// Another recorder writes this log.
    case busy(folder: String)
    /// There is no log in the folder.
    case absent(folder: String)
    /// The log was written by a newer version of the program.
    case newer(file: String)
    /// The disk is full.
    case full(file: String)
    /// The file is not, or no longer, a log.
    case damaged(file: String, reason: String)
    /// A filter that means nothing.
    case badFilter(name: String, value: String, allowed: String)

    /// A stable name of the case.
    package var name: String {
        switch self {
        case .unusable: "unusable"
        case .busy: "busy"
        case .absent: "absent"
        case .newer: "newer"
        case .full: "full"
        case .damaged: "damaged"
        case .badFilter: "badFilter"
        }
    }

    /// What an error of the database means here.
    init(_ error: any Error, file: String) {
        guard let error = error as? DatabaseError else {
            if error is RowDecodingError {
                self = .damaged(file: file, reason: "a value of another kind than its column's")
            } else {
                self = error as? StoreError ?? .unusable(path: file, reason: "\(error)")
            }
            return
        }
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(file: file)
        case .SQLITE_IOERR where Self.hasNoRoom(file), .SQLITE_CANTOPEN where Self.hasNoRoom(file): self = .full(file: file)
        // What the medium has lost is damage too, where the rest of it works.
        case .SQLITE_IOERR where [.SQLITE_IOERR_READ, .SQLITE_IOERR_CORRUPTFS].contains(error.extendedResultCode):
            self = .damaged(file: file, reason: "the medium has lost a part of it")
        // Every statement is the program's own and every number is given once: where a table, a column or a free number is not there, the database changed.
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
            self = .damaged(file: file, reason: error.message ?? "\(error.resultCode)")
        case .SQLITE_ERROR where Self.isMissing(error.message): self = .damaged(file: file, reason: error.message ?? "")
        default: self = .unusable(path: file, reason: error.message ?? "\(error.resultCode)")
        }
    }

    private static func isMissing(_ message: String?) -> Bool {
        ["no such table", "no such column", "unknown function", "unsupported file format"].contains { message?.hasPrefix($0) ?? false }
            || (message?.contains("has no column named") ?? false)
    }

    /// Whether the disk is so full that SQLite's files beside the database find no room, of which it only says that there was an I/O error.
    private static func hasNoRoom(_ file: String) -> Bool {
        var room = statvfs()
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return statvfs(folder + "/", &room) == 0 && UInt64(room.f_bavail) * UInt64(room.f_frsize) < 1 << 16
    }
}

extension StoreError: CustomStringConvertible {
    /// One line without a full stop: "file: what; what would be right".
    package var description: String {
        switch self {
        case .unusable(let path, let reason): "\(path): cannot be used, \(reason)"
        case .busy(let folder): "\(folder): another precordia-log writes this log; end it, or give --folder"
        case .absent(let folder): "\(folder): no log here; give --folder, or begin one with precordia monitor --log FOLDER"
        case .newer(let file): "\(file): written by a newer version of precordia; update this one"
        case .full(let file): "\(file): the disk is full; free some space"
        case .damaged(let file, let reason): "\(file): damaged, \(reason); a session that keeps a log sets it aside and begins a new one"
        case .badFilter(let name, let value, let allowed): "\(name) \(value): not possible; \(allowed)"
        }
    }
}
