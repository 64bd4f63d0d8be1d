// What a caller may look at between two frames.

public import PrecordiaBeats
import PrecordiaNetwork
public import PrecordiaQuality
public import PrecordiaSignal

extension Engine {
    /// Whether ``poll()`` would give an event.
    public var hasEvents: Bool { @_noAllocation @_noLocks get { !queue.isEmpty } }

    /// The probability of a label in the last answer, 0 to 1. Known or not is said by the event.
    @_noAllocation @_noLocks
    public func probability(_ label: Int) -> Float { network.probability(label) }

    /// The logit of a label in the last answer, before calibration.
    @_noAllocation @_noLocks
    public func logit(_ label: Int) -> Float { network.logit(label) }

    /// The probability of a class in the last answer, or nil for a class that the model does not cover.
    @_noAllocation @_noLocks
    public func classProbability(_ index: Int) -> Float? { network.classProbability(index) }

    /// Columns of the network that the last answer looked at; a whole window has `model.windowColumns`.
    public var columns: Int { @_noAllocation @_noLocks get { network.columns } }

    /// A lead after the display filters, in microvolts relative to the stream's first sample.
    @_noAllocation @_noLocks
    public func displayed(_ lead: Lead) -> Double { displayed[Int(lead.rawValue)] }

    /// Beats found since the start.
    public var beatCount: Int64 { @_noAllocation @_noLocks get { beats.beats } }

    /// The newest beat that was judged, and how many were ventricular since the start.
    public var lastBeat: Beat { @_noAllocation @_noLocks get { beats.lastBeat } }
    public var ventricularBeats: Int64 { @_noAllocation @_noLocks get { beats.ventricularBeats } }

    /// The state of the signal at the last frame.
    public var quality: QualityReport { @_noAllocation @_noLocks get { monitor.report } }
}
