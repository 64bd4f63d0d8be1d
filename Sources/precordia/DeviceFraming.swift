// The word for how blocks are laid into a line's bytes, as every command that meets a device takes it.

import ArgumentParser
import PrecordiaLink

/// How blocks are laid into the bytes of a line.
enum DeviceFraming: String, ExpressibleByArgument {
    /// Blocks as they are.
    case plain
    /// A COBS packet for each block.
    case cobs

    /// As the decoder has it.
    var link: LinkFraming { self == .plain ? .plain : .cobs }
}
