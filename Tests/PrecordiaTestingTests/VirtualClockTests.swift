// What integrators' tests rest on must be tested itself.

import PrecordiaHost
import PrecordiaTesting
import Testing

@Suite struct VirtualClockTests {
    @Test("the clock stands until it is moved, moves by exactly so much, and is given back")
    func stands() {
        let clock = VirtualClock(now: 5_000_000_000)
        clock.run {
            #expect(Monotonic.now() == 5_000_000_000)
            clock.advance(seconds: 3600)
            #expect(Monotonic.now() == 3_605_000_000_000 && clock.now == Monotonic.now())
        }
        let before = Monotonic.now()
        clock.advance(seconds: 1)
        #expect(Monotonic.now() >= before && clock.now == 3_606_000_000_000)
    }
}
