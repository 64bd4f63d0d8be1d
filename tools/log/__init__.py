# The trials of the log: what tools/check-log consists of.
# Apart from the script, because each kind of trial has its own file.
