// What is plugged in, as the transport lists it.

import CPrecordiaTransport
package import PrecordiaHost

/// Something that can be given as a source.
package struct LiveDevice: Sendable {
    /// As the command line has it.
    package var source: String
    /// Maker, product and what hinders its use.
    package var words: String
    /// Whether this user may open it.
    package var isPermitted: Bool
    /// Whether it has the protocol's USB interface; of a serial line nobody knows before it is opened.
    package var isRecognised: Bool

    /// USB devices with the protocol's interface, and serial lines.
    ///
    /// - Throws: ``RuntimeError/badSource(source:problem:)`` where the system cannot tell.
    package static func list() throws(RuntimeError) -> [LiveDevice] {
        var found = [precordia_transport_device](repeating: precordia_transport_device(), count: 64)
        var problem = [CChar](repeating: 0, count: 512)
        let count = precordia_transport_devices(&found, found.count, &problem, problem.count)
        guard count >= 0 else { throw .badSource(source: "devices", problem: text(problem)) }
        return found.prefix(count).map { device in
            LiveDevice(
                source: withUnsafeBytes(of: device.source) { text(Array($0.bindMemory(to: CChar.self))) },
                words: withUnsafeBytes(of: device.words) { text(Array($0.bindMemory(to: CChar.self))) }, isPermitted: device.permitted,
                isRecognised: device.recognised)
        }
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
