// The whole way of a sample, from device counts to events, in one place.
// One call a frame; no queue, thread, clock or allocation in it.

import PrecordiaAlerts
import PrecordiaNetwork
import PrecordiaSignal
