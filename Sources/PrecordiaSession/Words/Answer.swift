// What the classifier said at one hop, copied out of the engine.
// The engine's own numbers change with its next frame; writers keep theirs.

package import PrecordiaSignal

/// Probabilities of one hop.
package struct Answer: Sendable {
    /// One a statement of the model.
    package var probabilities: [Float]
    /// One a class; nil where the model does not cover it.
    package var classProbabilities: [Float?]
    /// Whether the model's whole window was heard.
    package var isWhole: Bool
    /// Beats a minute, if known.
    package var heartRate: Double?

    package init(probabilities: [Float], classProbabilities: [Float?], isWhole: Bool, heartRate: Double?) {
        self.probabilities = probabilities
        self.classProbabilities = classProbabilities
        self.isWhole = isWhole
        self.heartRate = heartRate
    }

    /// Of an event that is no answer.
    package static let none = Answer(probabilities: [], classProbabilities: [], isWhole: false, heartRate: nil)
}

/// What a stream is, for whoever announces it.
package struct StreamDescription: Sendable {
    /// The record's name as given, or the scenario's.
    package var name: String
    /// Hertz.
    package var rate: Int
    /// Leads that the source measures.
    package var leads: LeadSet
    /// Frames in all, if the source has an end.
    package var frames: UInt64?
    /// What is odd about the source, for a person.
    package var notes: [String] = []
    /// Those of ``notes`` that a person has to know whatever the output: leads that are left out, or from nobody knows where.
    package var warnings: [String] = []
    /// What makes its amplitudes or times a guess, as words of the quality column.
    package var cautions: [String] = []

    package init(name: String, rate: Int, leads: LeadSet, frames: UInt64?) {
        self.name = name
        self.rate = rate
        self.leads = leads
        self.frames = frames
    }
}
