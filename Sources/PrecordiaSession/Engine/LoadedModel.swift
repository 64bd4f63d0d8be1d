// A model that stays in memory as long as anything runs it: the shipped one, or a file.
// The engine reads the model in place, so somebody must hold the bytes still; this does.

import CPrecordiaModel
import Glibc
package import PrecordiaHost
package import PrecordiaNetwork

/// What a model is called.
package struct ModelIdentity: Equatable, Sendable {
    /// The name in its header.
    package var name: String
    /// The version in its header.
    package var version: Int
    /// Its SHA-256, 64 hexadecimal digits.
    package var hash: String

    package init(name: String, version: Int, hash: String) {
        self.name = name
        self.version = version
        self.hash = hash
    }
}

/// A checked model and the memory that it lies in.
///
/// - Thread: any; nothing changes after init.
package final class LoadedModel: @unchecked Sendable {
    /// The model's tables and weights, in place.
    package let view: ModelView
    /// Where it came from: a file's path, or "the shipped model".
    package let origin: String
    package let identity: ModelIdentity
    package let vocabulary: Vocabulary
    /// Bytes of the file.
    package let byteCount: Int
    private let mapping: UnsafeMutableRawPointer?

    /// The model that is part of the program.
    package static func shipped() throws(RuntimeError) -> LoadedModel {
        let bytes = UnsafeRawBufferPointer(start: precordia_shipped_model(), count: precordia_shipped_model_bytes())
        return try LoadedModel(bytes: bytes, origin: "the shipped model", mapping: nil)
    }

    /// The model in a file, or the shipped one without a path.
    package static func open(_ path: String?) throws(RuntimeError) -> LoadedModel {
        guard let path else { return try shipped() }
        let (descriptor, size) = try openRegular(path)
        defer { close(descriptor) }
        guard size > 0 else { throw .badModel(file: path, problem: "the file is empty; a model has at least 256 bytes") }
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
            throw .cannotRead(file: path, reason: String(cString: strerror(errno)))
        }
        return try LoadedModel(bytes: UnsafeRawBufferPointer(start: memory, count: size), origin: path, mapping: memory)
    }

    private init(bytes: UnsafeRawBufferPointer, origin: String, mapping: UnsafeMutableRawPointer?) throws(RuntimeError) {
        do throws(ModelError) {
            view = try ModelView(bytes)
        } catch {
            if let mapping { munmap(mapping, bytes.count) }
            throw .badModel(file: origin, problem: Self.words(error))
        }
        self.origin = origin
        self.mapping = mapping
        byteCount = bytes.count
        identity = ModelIdentity(
            name: Self.text(view.name), version: Int(view.version),
            hash: view.hash.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined())
        vocabulary = Vocabulary(view)
    }

    deinit {
        if let mapping { munmap(mapping, byteCount) }
    }

    /// A regular file's descriptor and size. A pipe is refused: it could keep the reader waiting.
    private static func openRegular(_ path: String) throws(RuntimeError) -> (descriptor: Int32, size: Int) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .cannotRead(file: path, reason: String(cString: strerror(errno))) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw .cannotRead(file: path, reason: reason)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .badModel(file: path, problem: "not a regular file; a model file such as models/ptbxl71.precordia would be right")
        }
        return (descriptor, Int(status.st_size))
    }

    /// Whether a file begins as a model does, or is named like one.
    package static func looksLikeModel(_ path: String) -> Bool {
        guard !path.hasSuffix(".precordia") else { return true }
        guard let (descriptor, _) = try? openRegular(path) else { return false }
        defer { close(descriptor) }
        var magic = [UInt8](repeating: 0, count: 8)
        return pread(descriptor, &magic, 8, 0) == 8 && magic == Array("PRECMODL".utf8)
    }

    static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func words(_ error: ModelError) -> String {
        let place = error.offset > 0 ? " at byte \(error.offset)" : ""
        return "\(error.code.explanation) (\(error.code)\(place), value \(error.value))"
    }
}

extension Vocabulary {
    /// The words of a model.
    package init(_ view: ModelView) {
        let labels = (0..<view.labelCount).map { index in
            let label = view.label(index)
            return Statement(
                code: LoadedModel.text(label.code), words: LoadedModel.text(label.statement), group: LoadedModel.text(label.group),
                threshold: Double(label.threshold), alarmThreshold: Double(label.alarmThreshold), priority: label.priority)
        }
        let classes = (0..<view.classCount).map { index in
            let entry = view.classEntry(index)
            return DerivedClass(
                code: LoadedModel.text(entry.code), words: LoadedModel.text(entry.statement), group: LoadedModel.text(entry.group),
                status: LoadedModel.text(entry.status), sources: (0..<entry.sourceCount).map { view.source($0, of: entry) },
                evidence: entry.evidence)
        }
        let sets = (0..<view.labelSetCount).map { index in
            let set = view.labelSet(index)
            return LabelSet(name: LoadedModel.text(set.name), labels: set.first..<set.first + set.count)
        }
        self.init(labels: labels, sets: sets, classes: classes)
    }
}
