// Recorded exams of other formats than WFDB, made WFDB by the converter of the Python package, which runs as a child process.
// Apart from the reader, which knows one format and stays within this process.

import Glibc
package import PrecordiaFormats
import PrecordiaHost

/// Records in a private folder, for as long as this is held: what a list of paths means, with every file of another format converted.
///
/// - Memory: the converter's output, a line a recording. Disk: a WFDB record for each recording, in `TMPDIR`, until ``remove()``.
package final class ConvertedRecords {
    /// What installs the converter.
    package static var installation: String { "pip install 'precordia[formats]'" }

    /// The program, of that name in `PATH` unless `PRECORDIA_CONVERT` says another.
    package static var program: String { getenv("PRECORDIA_CONVERT").map { String(cString: $0) } ?? "precordia-convert" }

    /// Files that one run of the converter is given.
    private static var atOnce: Int { 500 }

    private let program: String
    private var folders: [String] = []

    package init(program: String = ConvertedRecords.program) { self.program = program }

    deinit { remove() }

    /// The entries, each file of another format replaced by the recordings in it, or by the reason why there is none.
    package func convert(_ entries: [RecordList.Entry]) -> [RecordList.Entry] {
        let foreign = entries.filter { $0.failure == nil && RecordList.isOtherFormat($0.path) }.map(\.path)
        guard !foreign.isEmpty else { return entries }
        var found: [String: [RecordList.Entry]] = [:]
        for first in stride(from: 0, to: foreign.count, by: Self.atOnce) {
            let some = Array(foreign[first..<min(first + Self.atOnce, foreign.count)])
            do throws(RecordError) { try run(some, &found) } catch {
                for path in some { found[path] = [RecordList.Entry(path: path, failure: error.about(path))] }
            }
        }
        return entries.flatMap { entry -> [RecordList.Entry] in
            guard entry.failure == nil, RecordList.isOtherFormat(entry.path) else { return [entry] }
            return found[entry.path] ?? [RecordList.Entry(path: entry.path, failure: silent(entry.path))]
        }
    }

    /// Removes what was converted.
    package func remove() {
        for folder in folders { Self.remove(folder) }
        folders = []
    }

    private static func remove(_ folder: String) {
        if let stream = opendir(folder) {
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                    field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { unlink(folder + "/" + name) }
            }
            closedir(stream)
        }
        rmdir(folder)
    }

    /// Adds what came of each path: its recordings or errors, in the converter's order.
    private func run(_ paths: [String], _ found: inout [String: [RecordList.Entry]]) throws(RecordError) {
        let folder = try makeFolder()
        // A name that looks like an option or a list is none.
        let given = paths.map { $0.utf8.first == UInt8(ascii: "-") || $0.utf8.first == UInt8(ascii: "@") ? "./" + $0 : $0 }
        let own = Dictionary(zip(given, paths)) { first, _ in first }
        let said = try output(of: [program, "--to", "wfdb", "--numbered", "-o", folder] + given, into: folder + "/said")
        for line in said.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { continue }
            // "ward.zip!exam.scp" is a recording of the file "ward.zip".
            let source = own[parts[1]] ?? given.first { parts[1].hasPrefix($0 + "!") }.flatMap { own[$0] } ?? parts[1]
            let shown = own[parts[1]] ?? parts[1]
            found[source, default: []].append(entry(number: parts[0], path: shown, words: parts[2], in: folder))
        }
    }

    private func entry(number: String, path: String, words: String, in folder: String) -> RecordList.Entry {
        guard number == "-" else { return RecordList.Entry(path: path, opened: folder + "/" + number) }
        let problem = words.hasPrefix(path + ": ") ? String(words.dropFirst(path.count + 2)) : words
        return RecordList.Entry(path: path, failure: RecordError(.unsupportedFormat, file: path, problem: problem))
    }

    private func makeFolder() throws(RecordError) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array((base + "/precordia-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw RecordError(.unwritable, file: base, problem: "no folder can be made: \(String(cString: strerror(errno)))")
        }
        let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        folders.append(made)
        return made
    }

    /// Runs a program without input and gives what it wrote; what it says to standard error goes where this program's goes.
    private func output(of command: [String], into file: String) throws(RecordError) -> String {
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var child = pid_t()
        let code = posix_spawnp(&child, command[0], &actions, nil, &arguments, environ)
        guard code == 0 else {
            throw code == ENOENT ? absent : RecordError(.unreadable, file: command[0], problem: String(cString: strerror(code)))
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        // 126 and 127: the system found a file of that name and could not run it.
        let exit = (status >> 8) & 0xFF
        if status & 0x7F != 0 { throw RecordError(.unreadable, file: command[0], problem: "ended by signal \(status & 0x7F)") }
        if exit == 127 { throw absent }
        return String(decoding: try fileBytes(path: file, limit: 1 << 30), as: UTF8.self)
    }

    private var absent: RecordError {
        RecordError(
            .unsupportedFormat, file: program,
            problem: "this is no WFDB record, and the program that reads other formats, \(program), is not there",
            remedy: "\(Self.installation) installs it")
    }

    private func silent(_ path: String) -> RecordError {
        RecordError(
            .unsupportedFormat, file: path, problem: "\(program) said nothing of it", remedy: "'\(program) \(path) --to wfdb' says more")
    }
}

extension RecordError {
    /// The same error about another file.
    fileprivate func about(_ path: String) -> RecordError {
        var error = self
        error.file = path
        return error
    }
}
