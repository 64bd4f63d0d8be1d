// What an engine measured last, in C's own structure. Apart from what every engine has, because only some measure.

public import CPrecordia
import PrecordiaEngine
import PrecordiaSignal

@c @implementation
public func precordia_engine_measurement(_ engine: OpaquePointer, _ measurement: UnsafeMutablePointer<precordia_measurement>) -> Bool {
    let state = EngineState.at(engine)
    let values = state.pointee.engine.measuredValues
    measurement.pointee = precordia_measurement()
    measurement.pointee.heart_rate = values.heartRate
    measurement.pointee.p = values.p
    measurement.pointee.pr = values.pr
    measurement.pointee.qrs = values.qrs
    measurement.pointee.qt = values.qt
    measurement.pointee.qtc = values.qtc
    measurement.pointee.p_axis = values.pAxis
    measurement.pointee.qrs_axis = values.qrsAxis
    measurement.pointee.t_axis = values.tAxis
    withUnsafeMutableBytes(of: &measurement.pointee.st_j) { bytes in
        for lead in 0..<12 { bytes.storeBytes(of: values.j[lead].bitPattern, toByteOffset: 4 * lead, as: UInt32.self) }
    }
    withUnsafeMutableBytes(of: &measurement.pointee.st_j60) { bytes in
        for lead in 0..<12 { bytes.storeBytes(of: values.j60[lead].bitPattern, toByteOffset: 4 * lead, as: UInt32.self) }
    }
    measurement.pointee.leads = values.leads
    measurement.pointee.beats = values.beats
    measurement.pointee.measured_beats = values.measuredBeats
    measurement.pointee.p_present = values.pPresent
    measurement.pointee.p_gap = values.pGap
    measurement.pointee.qrs_gap = values.qrsGap
    measurement.pointee.qt_gap = values.qtGap
    measurement.pointee.is_withheld = values.isWithheld
    measurement.pointee.is_voltage_doubted = values.isVoltageDoubted
    return state.pointee.engine.measures
}
