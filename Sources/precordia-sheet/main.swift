// `precordia-sheet`: findings come in on standard input, a picture goes out on standard output. `precordia report` starts it.
// A program of its own: only it loads Cairo, and it needs no right but to read fonts.

import CPrecordiaBuild
import Glibc
import PrecordiaFindings
import PrecordiaHost
import PrecordiaSheet

func say(_ text: String) {
    let line = Array(("precordia-sheet: " + Text.printable(text) + "\n").utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress!, $0.count) }
}

func input() -> [UInt8] {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = room.withUnsafeMutableBytes { read(0, $0.baseAddress!, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return bytes }
        bytes += room[..<count]
    }
}

signal(SIGPIPE, SIG_IGN)
let words = CommandLine.arguments.dropFirst()
if words.first == "--version" {
    print("precordia-sheet, \(String(cString: precordia_build_commit())), \(String(cString: precordia_build_compiler()))")
    exit(0)
}
guard words.isEmpty, isatty(0) == 0 else {
    say("findings are read from standard input; precordia report starts this program")
    exit(64)
}
do {
    let findings = try Findings(input())
    if let problem = SheetPicture.fontProblem() { say(problem) }
    let output = ByteOutput(descriptor: 1, name: "standard output", eager: false)
    try output.lines(try SheetPicture.bytes(of: findings))
    try output.flush()
} catch RuntimeError.outputClosed {
    exit(0)
} catch {
    say("\(error)")
    exit(1)
}
