// What a person means by a record, a folder or a list on the command line, as paths of records.
// Apart from reading: nothing is opened here but folders, lists and the headers of records of segments.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Expands command-line arguments to records.
package enum RecordList {
    /// A record, or what stands in its place.
    package struct Entry: Sendable, Equatable {
        /// The record's path as a person knows it; with a failure the list or folder that it is about.
        package var path: String
        /// Where the record lies: ``path``, or where what was converted from it lies.
        package var opened: String
        /// Why the list or folder cannot be used; nil for a record.
        package var failure: RecordError?

        package init(path: String, opened: String? = nil, failure: RecordError? = nil) {
            self.path = path
            self.opened = opened ?? path
            self.failure = failure
        }
    }

    /// Lists above this size are refused, bytes.
    static var sizeLimit: Int { 256 << 20 }

    /// The records that `arguments` mean, in their order; within a folder sorted by path.
    ///
    /// - `@FILE`: one record or folder a line, relative to the list's folder or else to the current one; `#` begins a comment.
    /// - A folder: every header in it and below. Segments and layouts of a record of segments in the same folder are left out.
    /// - Anything else is taken as a record, existing or not, and passed on unchanged.
    ///
    /// A list or folder that cannot be used is an entry with a failure (`notFound`, `unreadable` or `badList`), and the rest is
    /// expanded all the same. A bad record is for the one who opens it.
    package static func expand(_ arguments: [String]) -> [Entry] {
        var entries: [Entry] = []
        for argument in arguments {
            guard argument.utf8.first == UInt8(ascii: "@") else {
                appendRecordOrFolder(argument, &entries)
                continue
            }
            do throws(RecordError) {
                try appendList(String(argument.dropFirst()), &entries)
            } catch {
                entries.append(Entry(path: argument, failure: error))
            }
        }
        return entries
    }

    private static func appendList(_ path: String, _ entries: inout [Entry]) throws(RecordError) {
        guard !path.isEmpty else {
            throw RecordError(.badList, file: "@", problem: "no list is named", remedy: "'@FILE' with one record on each line is right")
        }
        let bytes = try fileBytes(path: path, limit: sizeLimit)
        var text = HeaderText(path: path, bytes: bytes)
        var found = false
        while let line = text.nextLine() {
            guard let first = line.first, text.bytes[first] != UInt8(ascii: "#") else { continue }
            let comment = text.firstComment(in: line) ?? line.upperBound
            let entry = text.text(text.trimmed(line.lowerBound..<comment))
            found = true
            let beside = entry.utf8.first == UInt8(ascii: "/") ? entry : path.folderPrefix + entry
            let here = beside != entry && !exists(beside) && exists(entry)
            appendRecordOrFolder(here ? entry : beside, &entries)
        }
        guard found else {
            throw RecordError(.badList, file: path, problem: "the list is empty", remedy: "one record on each line is right")
        }
    }

    /// Whether `path` is a file that is no WFDB record: no header, none beside it of its whole name, and none of its name without the ending that names it.
    package static func isOtherFormat(_ path: String) -> Bool {
        var status = stat()
        guard !path.hasSuffix(".hea"), stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, stat(path + ".hea", &status) != 0
        else {
            return false
        }
        guard let stem = path.withoutExtension, let header = try? WFDBHeader(path: stem + ".hea") else { return true }
        return !header.names(path.lastPathComponent)
    }

    /// A record, folder or header of that name is there.
    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path + ".hea", &status) == 0 || stat(path, &status) == 0
    }

    private static func appendRecordOrFolder(_ path: String, _ entries: inout [Entry]) {
        var status = stat()
        let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        let endsInSlash = path.utf8.last == UInt8(ascii: "/")
        guard isFolder, endsInSlash || stat(path + ".hea", &status) != 0 else {
            entries.append(Entry(path: path))
            return
        }
        var content = Content()
        collect(endsInSlash ? path : path + "/", &content)
        let parts = segmentPaths(of: content.headers)
        var found = content.headers.filter { !parts.contains($0) }.map { Entry(path: String($0.dropLast(4))) }
        found += content.failures
        if found.isEmpty {
            let empty = RecordError(
                .badList, file: path, problem: "the folder has no .hea file",
                remedy: "WFDB records are expected; precordia-convert makes them of other formats")
            found.append(Entry(path: path, failure: empty))
        }
        // By header, so that "a-b.hea" goes before "a.hea" as in a listing of the files.
        entries += found.sorted { ($0.path + ".hea").utf8.lexicographicallyPrecedes(($1.path + ".hea").utf8) }
    }

    private struct FolderIdentity: Hashable {
        let device: UInt64
        let file: UInt64
    }

    /// What is in and below a folder.
    private struct Content {
        var headers: [String] = []
        var failures: [Entry] = []
        var visited: Set<FolderIdentity> = []

        mutating func fail(_ reason: Int32, _ folder: String) {
            failures.append(Entry(path: String(folder.dropLast()), failure: InputFile.refusal(reason, path: String(folder.dropLast()))))
        }
    }

    /// Adds the headers in and below `folder`, which ends in a slash. A folder that links lead back to is entered once.
    private static func collect(_ folder: String, _ content: inout Content) {
        var status = stat()
        guard stat(folder, &status) == 0 else { return content.fail(errno, folder) }
        let identity = FolderIdentity(device: UInt64(truncatingIfNeeded: status.st_dev), file: UInt64(status.st_ino))
        guard content.visited.insert(identity).inserted else { return }
        guard let stream = opendir(folder) else { return content.fail(errno, folder) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        closedir(stream)
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for name in names {
            if name.hasSuffix(".hea") {
                content.headers.append(folder + name)
            } else if stat(folder + name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                collect(folder + name + "/", &content)
            }
        }
    }

    /// The headers of segments that other headers of the list name. A header that cannot be read names none.
    private static func segmentPaths(of headers: [String]) -> Set<String> {
        var parts: Set<String> = []
        for path in headers where announcesSegments(path) {
            guard let header = try? WFDBHeader(path: path) else { continue }
            for segment in header.segments where !segment.isNull { parts.insert(header.path(ofFile: segment.name) + ".hea") }
        }
        return parts
    }

    /// The first line that is no comment has `NAME/SEGMENTS`. Only the file's beginning is read.
    private static func announcesSegments(_ path: String) -> Bool {
        guard let file = try? InputFile(path: path) else { return false }
        let beginning = [UInt8](unsafeUninitializedCapacity: min(file.size, 4096)) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            count = (try? file.read(into: base, count: buffer.count, at: 0)) ?? 0
        }
        var text = HeaderText(path: path, bytes: beginning)
        while var line = text.nextLine() {
            guard let first = line.first, text.bytes[first] != UInt8(ascii: "#") else { continue }
            return text.takeField(&line).map { text.firstIndex(of: "/", in: $0) != nil } ?? false
        }
        return false
    }
}

extension HeaderText {
    /// Where a `#` after a blank begins a comment.
    ///
    /// - Parameter digits: whether a digit may follow. In "ECG #2" none may: that is a name.
    func firstComment(in line: Range<Int>, digits: Bool = true) -> Int? {
        var i = line.lowerBound + 1
        while i < line.upperBound {
            let isNumber = i + 1 < line.upperBound && bytes[i + 1] >= 48 && bytes[i + 1] <= 57
            if bytes[i] == UInt8(ascii: "#"), bytes[i - 1] == 32 || bytes[i - 1] == 9, digits || !isNumber { return i }
            i += 1
        }
        return nil
    }
}
