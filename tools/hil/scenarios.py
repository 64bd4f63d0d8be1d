"""What is done to the connection between device and host, and what must come of it: one entry a row of the table in docs/hil.md.

Apart from the judgement, which is the same for all of them. Standard library only.
"""
from dataclasses import dataclass, field

# 1.6 s of the exam in 16 slots, at three times its pace, is soon full: a device that is not heard has to drop.
LOSING = "--blocks 10 --slots 16 --speed 3"


@dataclass
class Scenario:
    name: str
    what: str
    #: The gadget's options.
    options: str = "--blocks 10"
    #: Seconds after which the guest gives up waiting: then something hangs.
    watchdog: int = 300
    #: Streams that the host opens, that of the one block after the exam included, and new sessions.
    streams: int = 2
    restarts: int = 1
    #: The kind of line of which there are `streams` when the host has heard everything.
    sign: str = "stream"
    #: Whether the lines must be those of the replay; else those of an offline run over the bytes that went out.
    identical: bool = True
    #: Counters that differ from what the ledger says, and by how much: blocks before the host heard any are no loss that it can know of.
    corrections: dict = field(default_factory=dict)
    #: The host is killed on the way.
    killed: bool = False
    #: Parts per million that the device's clock is ahead.
    drift: float | None = None
    #: A fault of the test itself, which the judgement must find.
    planted: bool = False
    #: The host may ask, and be answered, when the board has written its ledger: bytes are not compared.
    answered: bool = False
    short: bool = False
    #: Whether precordia-edge runs it too.
    edge: bool = True


SCENARIOS = [
    Scenario("identity", "nothing: the exam as it is, in blocks of 20 ms", "--blocks 50", short=True),
    Scenario("unplug", "the cable pulled in the middle of a transfer and put in again; the device goes on and drops what finds no room",
             f"{LOSING} --fault unplug,from=30,every=30,count=3", identical=False, short=True),
    Scenario("stall", "the endpoint halted", "--blocks 10 --fault halt,from=40,every=40,count=5", short=True),
    Scenario("kill", "the host killed with SIGKILL and started again; the device goes on", f"{LOSING} --at 6000,/bin/restart-host",
             killed=True, identical=False, short=True),
    Scenario("absent", "the same, and the cable pulled and put in again before the host is back: a transfer is broken off",
             f"{LOSING} --at 6000,/bin/replug-host", killed=True, identical=False),
    Scenario("miscount", "a device that says it dropped ten samples more: this judgement's own test", "--blocks 10 --miscount 10", planted=True,
             short=True),
    Scenario("packets", "each block in transfers of 1 to 700 bytes, and empty packets",
             "--blocks 10 --fault cut,count=1000000,size=700 --fault empty,from=5,every=10,count=20"),
    Scenario("babble", "four times a million bytes that are no protocol", "--blocks 10 --fault babble,from=20,every=60,count=4,size=1000000"),
    Scenario("version", "blocks of another version of the protocol", "--blocks 10 --fault version,from=50,every=40,count=5", identical=False),
    Scenario("hello", "the first hello lost", "--blocks 50 --fault drop,type=1", corrections={"blocksMissing": -1}),
    Scenario("configuration", "the first configuration lost; the next comes after a second", "--blocks 50 --fault drop,type=2",
             corrections={"framesUnconfigured": 500}, identical=False),
    Scenario("damage", "blocks dropped, with one bit flipped, sent twice, of an unknown type",
             "--blocks 50 --fault drop,from=100,every=100,count=5 --fault flip,from=120,every=50,count=20"
             " --fault repeat,from=140,every=100,count=5 --fault type,from=160,every=200,count=3", identical=False),
    Scenario("reset", "the device resets itself in the middle", "--blocks 50 --reset-at 8000", restarts=2, identical=False),
    Scenario("commands", "a device that waits for the start", "--blocks 50 --commands", restarts=2, answered=True),
    Scenario("drift", "the device's clock 200 ppm fast, for as long as the exam lasts in real time", "--blocks 50 --speed 1 --drift 200 --alone",
             streams=1, restarts=0, sign="end", corrections={"bytes": -56}, drift=200, identical=False, edge=False),
    Scenario("plugs", "the cable pulled in the middle of a transfer and put in again, a hundred times",
             "--blocks 10 --fault unplug,from=5,every=2,count=100", watchdog=1500),
]
