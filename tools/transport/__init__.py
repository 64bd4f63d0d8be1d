# Devices that do not exist: what tools/check-transport and tools/check-edge try the programs with.
# Apart from both, because both use them.
