// What an alert is about, in 16 bits that logs keep: the numbers must never change.

import PrecordiaAlerts
import Testing

@Suite struct AlertCodeTests {
    @Test("a condition has the highest bit and its own number, a statement its index")
    func numbers() {
        #expect(AlertCode(.asystole).rawValue == 0x8000 && AlertCode(.rateWrong).rawValue == 0x8011)
        let statement = AlertCode(rawValue: 70)
        #expect(statement.statement == 70 && statement.condition == nil && !statement.isCondition)
    }

    @Test("each place of a policy has a code, and the code leads back to it")
    func places() {
        for place in 0..<Condition.count + 200 {
            let code = AlertCode(place: place)
            #expect(code.place == place)
            #expect(code.condition?.rawValue == (place < Condition.count ? place : nil))
            #expect(code.statement == (place < Condition.count ? nil : place - Condition.count))
        }
    }

    @Test("a condition that this version does not know is neither a condition nor a statement, and keeps its number")
    func unknown() {
        let code = AlertCode(rawValue: 0x8000 + 99)
        #expect(code.isCondition && code.condition == nil && code.statement == nil && code.place == nil && code.number == 99)
    }
}
