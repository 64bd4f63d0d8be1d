// What the tests of several rooms share: temporary folders, simulated records, a small vocabulary.
// Signals are made here, so that the tests need no recording.

import Foundation
import PrecordiaFormats
package import PrecordiaSession
import PrecordiaSignal
package import PrecordiaSimulator

/// A folder that is removed when the test lets go of it.
package final class TemporaryFolder {
    package let path: String

    package init() throws {
        let template = FileManager.default.temporaryDirectory.appendingPathComponent("precordia-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: template, withIntermediateDirectories: true)
        path = template.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes a simulated record and gives its path.
    package func record(
        _ name: String, seconds: Double, rate: Int = 500, seed: UInt64 = 1, rhythm: Rhythm = .normalSinus, noise: Noise = .resting
    ) throws -> String {
        let writer = try WFDBWriter(path: file(name), format: Simulator.format(rate: rate), resolution: 15)
        var simulator = Simulator(rate: rate, seed: seed, rhythm: rhythm, noise: noise)
        var frame = Frame(index: 0)
        for _ in 0..<Int(seconds * Double(rate)) {
            simulator.next(into: &frame)
            try writer.append(frame)
        }
        try writer.finish()
        return file(name)
    }

    package func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }
}

extension Vocabulary {
    /// Three statements and two classes, one of them without a source.
    package static var small: Vocabulary {
        Vocabulary(
            statements: [
                Statement(code: "NORM", words: "normal ECG", group: "NORM", threshold: 0.5, priority: 0),
                Statement(code: "AFIB", words: "atrial fibrillation", group: "rhythm", threshold: 0.4, priority: 3),
                Statement(code: "RARE", words: "rare, \"odd\" thing", group: "other", threshold: 0.001, priority: 1),
            ],
            classes: [
                DerivedClass(code: "AF", words: "atrial fibrillation", group: "rhythm", status: "confirmed", sources: [1]),
                DerivedClass(code: "VT", words: "ventricular tachycardia", group: "rhythm", status: "provisional", sources: []),
            ])
    }
}

extension StreamDescription {
    package static var small: StreamDescription {
        StreamDescription(name: "bed 4", rate: 500, leads: [.init(.I), .init(.II)], frames: 5000)
    }
}

package func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
