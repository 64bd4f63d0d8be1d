# Precordia beside other runtimes on the same machine, in the same run. `tools/bench` is the command.
# Apart from the tests: it needs the network, time and a quiet machine, and a figure of speed is no test.
