// What goes wrong with a simulated device on request.
// Apart from the device, which without a request is a good one.

/// Faults to inject. Times are seconds of the device's clock since it was switched on.
package struct DeviceFaults: Equatable, Sendable {
    /// Every so many-th data block is not sent; 0 for none.
    package var drop = 0
    /// In every so many-th data block one bit is wrong; 0 for none.
    package var corrupt = 0
    /// The line takes nothing from a moment on for so long.
    package var stalls: [Spell] = []
    /// The line is taken away at a moment and is back after so long.
    package var unplugs: [Spell] = []
    /// The device is reset.
    package var restarts: [Double] = []
    /// How much faster than nominal the device's clock runs, and its samples with it, parts in a million.
    package var driftPPM = 0.0
    /// The rate that it says it has, where that is not its own.
    package var toldRate: Int?

    package init() {}

    /// Whether nothing goes wrong.
    package var isEmpty: Bool { self == DeviceFaults() }

    /// A stretch of time.
    package struct Spell: Equatable, Sendable {
        package var start: Double
        /// Infinity for ever after.
        package var length: Double

        package init(start: Double, length: Double) {
            self.start = start
            self.length = length
        }

        /// Reads "AT:SECONDS" or, where `isEndless` is allowed, "AT"; seconds of 0 and more.
        package init?(_ text: String, orEndless isEndless: Bool = false) {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2 || (isEndless && parts.count == 1), let start = DeviceFaults.seconds(parts[0]) else { return nil }
            self.start = start
            length = .infinity
            guard parts.count == 2 else { return }
            guard let length = DeviceFaults.seconds(parts[1]), length > 0 else { return nil }
            self.length = length
        }

        func contains(_ microseconds: Int64) -> Bool {
            let seconds = Double(microseconds) * 1e-6
            return seconds >= start && seconds < start + length
        }
    }

    /// Reads a moment: seconds from 0 to a year.
    package static func seconds(_ text: some StringProtocol) -> Double? {
        guard let value = Double(text), value >= 0, value <= 31_622_400 else { return nil }
        return value
    }
}
