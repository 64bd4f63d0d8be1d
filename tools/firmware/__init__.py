# SPEC.md's tables and everything that repeats them: what tools/check-firmware consists of.
# Apart from the script, because each reader of the protocol has its own file.
