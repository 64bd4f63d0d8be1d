// What a user of the engine may choose.

public import PrecordiaAlerts
public import PrecordiaMeasure
import PrecordiaNetwork
public import PrecordiaQuality
public import PrecordiaSignal

/// Choices that are fixed when an engine is made.
public struct EngineOptions: Sendable {
    /// Samples of the model's rate between two answers, a multiple of its `hopUnit` up to its `hop`; 0 for the model's own.
    public var hop = 0
    /// The display chain; a filter that the stream's rate cannot carry is left out and ``Engine/displayFilters`` tells.
    public var displayHighPass: StandardFilter? = .highPass0_5
    public var displayNotch: StandardFilter?
    public var displayLowPass: StandardFilter? = .lowPass40
    /// Limits of the quality gate.
    public var limits = QualityLimits()
    /// Limits of the engine's own conditions. Persistence of the model's statements comes from the model file.
    public var policy = PolicyParameters()

    /// Replace bad leads ahead of the classifier, see ``LeadMender``. Without it the classifier hears what was recorded, as in training.
    public var mendsLeads = true

    /// Do only what a recorded exam's verdict needs: quality and classifier. There is no display, beat, heart rate or alert, and a hop's
    /// probabilities are computed when ``Engine/classify()`` asks for them: its event says known or not, with 0 for label and value.
    public var verdictOnly = false

    /// Seconds between two measurements of the last 10 s, each a `measurement` event; 0 for none, and then none of the alerts that rest on them. It takes
    /// 180 to 530 KiB more by the rate, and for each measurement what docs/measurements.md says, within the frame that ends the hop.
    public var measureSeconds = 0
    /// Who the patient is, for limits of ST.
    public var patient = PatientFacts()

    public init() {}
}
