// What an alert is about, in the 16 bits that events, the C interface and logs have for it.
// One place for the arithmetic, so that nobody else knows which bit tells a condition from a statement.

/// A condition of the engine, or a statement of the model.
///
/// The raw value never changes its meaning: a statement's index in the model, or 0x8000 + a condition's raw value.
public struct AlertCode: RawRepresentable, Equatable, Sendable {
    public var rawValue: UInt16

    @_noAllocation @_noLocks
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The code of a condition.
    @_noAllocation @_noLocks
    public init(_ condition: Condition) { rawValue = Self.mark | UInt16(truncatingIfNeeded: condition.rawValue) }

    /// The code of a place in a policy: the conditions stand before the model's statements.
    @_noAllocation @_noLocks
    public init(place: Int) {
        rawValue =
            place < Condition.count ? Self.mark | UInt16(truncatingIfNeeded: place) : UInt16(truncatingIfNeeded: place &- Condition.count)
    }

    /// Whether it is a condition's, be it one that this version knows or not.
    public var isCondition: Bool { @_noAllocation @_noLocks get { rawValue & Self.mark != 0 } }

    /// The condition; nil of a statement, and of a condition that this version does not know.
    public var condition: Condition? { @_noAllocation @_noLocks get { isCondition ? Condition(rawValue: number) : nil } }

    /// The index of the model's statement; nil of a condition.
    public var statement: Int? { @_noAllocation @_noLocks get { isCondition ? nil : number } }

    /// The condition's or the statement's own number.
    public var number: Int { @_noAllocation @_noLocks get { Int(rawValue & ~Self.mark) } }

    /// The place in a policy; nil of a condition that this version does not know.
    public var place: Int? { @_noAllocation @_noLocks get { isCondition ? condition?.rawValue : Condition.count &+ number } }

    private static var mark: UInt16 { @_noAllocation @_noLocks get { 0x8000 } }
}
