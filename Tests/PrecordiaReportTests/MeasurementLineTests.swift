// The line of a measurement: the bytes that docs/events.md promises.

import PrecordiaEngine
import PrecordiaMeasure
import PrecordiaReport
import PrecordiaText
import Testing

@Suite("The line of a measurement")
struct MeasurementLineTests {
    private func line(_ values: MeasuredValues) throws -> String {
        let bench = try TestEngine()
        return bench.report("bed 4") { report, text in
            let answer = EngineAnswer(bench.engine.model, bench.engine.lastAnswer.probabilities, isWhole: true, values: values)
            report.line(Event(.measurement, sample: 4999), answer, rate: 500, into: &text)
        }
    }

    @Test("has every value with its decimals")
    func known() throws {
        var values = MeasuredValues()
        (values.beats, values.measuredBeats, values.pPresent) = (12, 11, 1)
        (values.heartRate, values.p, values.pr, values.qrs, values.qt, values.qtc) = (71.46, 103.6, 161.2, 98, 380.4, 402.3)
        (values.pAxis, values.qrsAxis, values.tAxis) = (55, -12.6, 40)
        (values.pGap, values.qrsGap, values.qtGap) = (0, 0, 0)
        (values.j[7], values.j60[7]) = (0.2134, -0.05)
        #expect(
            try line(values) == """
                {"event":"measurement","record":"bed 4","sample":4999,"time":9.998,"beats":12,"measured":11,"heartRate":71.5,"p":104,"pr":161,"qrs":98,\
                "qt":380,"qtc":402,"pAxis":55,"qrsAxis":-13,"tAxis":40,"pPresent":true,"unknown":{},"st":{"V2":{"j":0.213,"j60":-0.050}}}

                """)
    }

    @Test("says of what is not known why")
    func unknown() throws {
        var values = MeasuredValues()
        (values.pGap, values.qrsGap, values.qtGap) = (MeasureGap.noP.rawValue, MeasureGap.noise.rawValue, MeasureGap.tooFast.rawValue)
        values.pPresent = 0
        values.isVoltageDoubted = true
        #expect(
            try line(values) == """
                {"event":"measurement","record":"bed 4","sample":4999,"time":9.998,"beats":0,"measured":0,"heartRate":null,"p":null,"pr":null,"qrs":null,\
                "qt":null,"qtc":null,"pAxis":null,"qrsAxis":null,"tAxis":null,"pPresent":false,\
                "unknown":{"p":"no-p","pr":"no-p","qrs":"noise","qt":"too-fast","st":"leads"},"st":{}}

                """)
        var withheld = MeasuredValues()
        withheld.isWithheld = true
        #expect(
            try line(withheld).contains(#""unknown":{"p":"rhythmAlarmed","pr":"rhythmAlarmed","qrs":"rhythmAlarmed","qt":"rhythmAlarmed"}"#)
        )
    }
}
