// The version as a string, for whoever writes one.
// The number itself stands above the line, so that the C interface has the same.

import PrecordiaReport

/// The program's version.
public enum ProgramVersion {
    /// ``ReleaseVersion`` as a string.
    public static let text = "\(ReleaseVersion.text)"
}
