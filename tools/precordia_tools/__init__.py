# What the scripts in tools/ share: places, commands, builds for other processors, tables in documents, blocks on the wire.
# A package, because every script that lies in tools/ finds it by itself; one that lies deeper is started by tools/python or a script beside it.
