# Hardware in the loop: what tools/hil/run consists of.
# A package, so that it finds what all scripts share in precordia_tools.
