# What `tools/formats` consists of: the tests' runner and the matrix of docs/formats.md.
