# Runs the recordings' own unpacker where Python is older than its tar filters (Debian 12's 3.11.2).
# The archives are our own, so nothing is lost by unpacking them without.
"""unpack-data.py UNPACKER DEST [SET ...]"""
import runpy
import sys
import tarfile

if not hasattr(tarfile, "data_filter"):
    extract_all = tarfile.TarFile.extractall
    tarfile.TarFile.extractall = lambda tar, path=".", filter=None: extract_all(tar, path)

sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
