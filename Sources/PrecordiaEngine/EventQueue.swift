// Events wait here from the frame that caused them until the caller asks.

/// A fixed queue of events on one thread. When it is full the new event is refused and counted.
///
/// - Memory: the caller's, ``requiredBytes``. Cost: one copy a call.
struct EventQueue: ~Copyable {
    static var capacity: Int { 256 }
    static var requiredBytes: Int { capacity * MemoryLayout<Event>.stride }

    /// Events refused because the queue was full.
    private(set) var dropped: UInt64 = 0
    private let slots: UnsafeMutablePointer<Event>
    private var head = 0
    private var count = 0

    var isEmpty: Bool { @_noAllocation @_noLocks get { count == 0 } }

    init(memory: UnsafeMutableRawBufferPointer) {
        slots = memory.baseAddress!.bindMemory(to: Event.self, capacity: Self.capacity)
    }

    @_noAllocation @_noLocks
    mutating func push(_ event: Event) {
        guard count < Self.capacity else {
            dropped &+= 1
            return
        }
        slots[(head &+ count) & (Self.capacity - 1)] = event
        count &+= 1
    }

    @_noAllocation @_noLocks
    mutating func pop() -> Event? {
        guard count > 0 else { return nil }
        let event = slots[head]
        head = (head &+ 1) & (Self.capacity - 1)
        count &-= 1
        return event
    }

    @_noAllocation @_noLocks
    mutating func reset() {
        head = 0
        count = 0
        dropped = 0
    }
}
