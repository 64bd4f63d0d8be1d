// Dates as the log writes them: text that sorts as time does.

import Glibc
import PrecordiaHost
import PrecordiaReport
import PrecordiaText

/// Times of the host's clock as text, "2026-11-27T04:42:42.123456Z".
package enum LogTime {
    /// Microseconds since 1970, now.
    package static func now() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }

    package static func text(_ microseconds: Int64) -> String {
        String(decoding: JSONText.collected { $0.date(microseconds: microseconds) }, as: UTF8.self)
    }
}
