// A folder of a test's own, a clock that stands where the test puts it, and lines of about the usual length.

import Foundation

@testable import PrecordiaStore

/// A folder that goes with the test.
final class Folder {
    let path: String

    init() {
        var name = Array("/tmp/precordia-store-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&name))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Replaces a file's bytes.
    func write(_ name: String, _ bytes: [UInt8]) {
        let file = fopen(path + "/" + name, "w")!
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    func read(_ name: String) -> [UInt8] {
        guard let file = fopen(path + "/" + name, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 22)
        return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
    }

    func has(_ name: String) -> Bool { access(path + "/" + name, F_OK) == 0 }
}

/// 2026-11-27T04:00:00Z in microseconds.
let morning: Int64 = 1_795_752_000_000_000

/// Clocks that stand where the test puts them.
final class Clocks {
    var utc = morning
    var uptime: Int64 = 60_000_000
    var boot = "first"

    /// Time passes, and the date with it.
    func pass(seconds: Int64) {
        utc += seconds * 1_000_000
        uptime += seconds * 1_000_000
    }

    /// The system starts anew, at that date.
    func restart(utc: Int64) {
        self.utc = utc
        uptime = 5_000_000
        boot += "+"
    }

    var log: LogClock { LogClock(boot: boot) { [self] in LogInstant(utc: utc, uptime: uptime) } }
    static var standing: LogClock { Clocks().log }
}

/// Numbered alerts.
func alerts(_ numbers: ClosedRange<UInt64>, condition: String = "AFIB", priority: String = "medium") -> [EventStore.Line] {
    numbers.map { number in
        EventStore.Line(
            number: number,
            text:
                "{\"event\":\"alertRaised\",\"record\":\"bed 4\",\"sample\":\(number * 500),\"time\":\(number).000,\"condition\":\"\(condition)\","
                + "\"statement\":\"atrial fibrillation\",\"priority\":\"\(priority)\",\"value\":0.877901,\"reasons\":[],\"leads\":[],"
                + "\"utc\":\"2026-11-27T04:00:00.000000Z\",\"uncertainty\":0.000120}")
    }
}

/// Numbered lines of a device.
func notices(_ numbers: ClosedRange<UInt64>, event: String = "device") -> [EventStore.Line] {
    numbers.map {
        EventStore.Line(number: $0, text: "{\"event\":\"\(event)\",\"record\":\"bed 4\",\"state\":\"lost\",\"epoch\":\($0),\"words\":\"\"}")
    }
}

/// What a log has counted, by name.
func figures(_ folder: Folder) throws -> [String: Int64] {
    Dictionary(try LogReader(folder: folder.path).figures().map { ($0.name, $0.value) }, uniquingKeysWith: max)
}

/// Everything in a log.
func entries(_ folder: Folder, _ filter: LogFilter = LogFilter(), after: Int64 = 0, last: Int? = nil) throws -> [LogEntry] {
    var all: [LogEntry] = []
    try LogReader(folder: folder.path).forEach(filter, after: after, last: last) { all.append($0) }
    return all
}
