// A fault of the session itself, of sound or log, which may begin when there is no stream to tell it in.

/// Remembers a fault until it was told. The value is the alert's, 0 for none.
struct SessionFault {
    var value: Float = 0
    private var told: Float = 0

    /// What is to be told now; nil if it was.
    mutating func news() -> Float? {
        guard value != told else { return nil }
        told = value
        return value
    }
}
