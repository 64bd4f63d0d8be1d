// What the classifier said last, apart from the engine that said it: for writers on other threads.

public import PrecordiaNetwork

/// Probabilities of one answer, where they lie: in the engine until its next frame, or in a copy as long as that is kept.
///
/// - Memory: none of its own. The model's bytes and the probabilities must outlive it.
public struct EngineAnswer {
    public let model: ModelView
    /// One a label of the model, 0 to 1.
    public let probabilities: UnsafeBufferPointer<Float>
    /// Whether the model's whole window was heard.
    public let isWhole: Bool
    /// What was measured last; nothing where nobody measures.
    public let values: MeasuredValues

    /// - Parameter probabilities: as many as the model has labels.
    @_noAllocation @_noLocks
    public init(
        _ model: ModelView, _ probabilities: UnsafeBufferPointer<Float>, isWhole: Bool, values: MeasuredValues = MeasuredValues()
    ) {
        precondition(probabilities.count == model.labelCount, "An answer has a probability for each label.")
        self.model = model
        self.probabilities = probabilities
        self.isWhole = isWhole
        self.values = values
    }

    /// The probability of a class, or nil for a class that the model does not cover.
    @_noAllocation @_noLocks
    public func classProbability(_ index: Int) -> Float? { model.classProbability(index, of: probabilities) }
}

extension Engine {
    /// The last answer, in place: it changes with the next frame.
    public var lastAnswer: EngineAnswer {
        @_noAllocation @_noLocks get {
            EngineAnswer(model, network.probabilities, isWhole: columns == model.windowColumns, values: measuring.values)
        }
    }
}
