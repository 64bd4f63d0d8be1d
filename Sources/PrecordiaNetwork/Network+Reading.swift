// What a caller may ask a network after an answer.
// Separate from the executor, because nothing here changes it.

extension Network {
    /// The logit of a label at the last ``classify()``.
    @_noAllocation @_noLocks
    public func logit(_ label: Int) -> Float {
        precondition(label >= 0 && label < plan.labelCount, "no such label")
        return plan.logits[label]
    }

    /// The probability of a label at the last ``classify()``, 0 to 1.
    @_noAllocation @_noLocks
    public func probability(_ label: Int) -> Float {
        precondition(label >= 0 && label < plan.labelCount, "no such label")
        return plan.probabilities[label]
    }

    /// The probabilities of all labels at the last ``classify()``, in place: they change with the next.
    public var probabilities: UnsafeBufferPointer<Float> {
        @_noAllocation @_noLocks get { UnsafeBufferPointer(start: plan.probabilities, count: plan.labelCount) }
    }

    /// The probability of a class at the last ``classify()``: the largest of its labels'. Nil if the model does not cover it.
    @_noAllocation @_noLocks
    public func classProbability(_ index: Int) -> Float? { model.classProbability(index, of: probabilities) }

    /// The integers behind a logit: the dot products of the head with the features' sums and maxima; of a flattened head that with the
    /// features, and 0.
    @_noAllocation @_noLocks
    public func products(_ label: Int) -> (mean: Int32, maximum: Int32) {
        precondition(label >= 0 && label < plan.labelCount, "no such label")
        return (plan.meanProducts[label], plan.maximumProducts[label])
    }

    /// A feature channel's sum and maximum over the window at the last ``classify()``; 0 of a flattened head.
    @_noAllocation @_noLocks
    public func pooled(_ channel: Int) -> (sum: Int32, maximum: UInt8) {
        precondition(channel >= 0 && channel < Int(plan.featureChannels), "no such channel")
        return (plan.sums[channel], plan.maxima[channel])
    }

    /// A channel of a feature column; 0 columns ago is the newest, and there are ``columns`` of them. Of a whole-window model those that the
    /// last ``classify()`` made: ``classifiedColumns`` of them.
    @_noAllocation @_noLocks
    public func feature(_ channel: Int, columnsAgo: Int = 0) -> UInt8 {
        precondition(channel >= 0 && channel < Int(plan.featureChannels), "no such channel")
        precondition(columnsAgo >= 0 && columnsAgo < (isWholeWindow ? classifiedColumns : columns), "no such column")
        let column = (isWholeWindow ? windowColumns : position) &- 1 &- columnsAgo
        let row = column < 0 ? column &+ windowColumns : column
        return features.load(fromByteOffset: row &* Int(plan.featureChannels) &+ channel, as: UInt8.self)
    }
}

extension ModelView {
    /// The probability of a class by those of all labels: the largest of its labels'. Nil if the model does not cover it.
    @_noAllocation @_noLocks
    public func classProbability(_ index: Int, of probabilities: UnsafeBufferPointer<Float>) -> Float? {
        let entry = classEntry(index)
        if entry.sourceCount == 0 { return nil }
        var largest: Float = 0
        for place in 0..<entry.sourceCount { largest = max(largest, probabilities[source(place, of: entry)]) }
        return largest
    }
}
