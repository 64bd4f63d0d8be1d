# What tools/beats and tools/alarms share: reading annotated records, making records, counting. Apart from the program, so that what is measured
# and what measures share no line.
