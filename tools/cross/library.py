"""Starts precordia_tools/library.py, which builds libprecordia, its header and precordia-edge for a processor; without arguments it says how."""
import os
import sys
from pathlib import Path

tools = str(Path(__file__).resolve().parent.parent)
os.execve(sys.executable, [sys.executable, "-m", "precordia_tools.library", *sys.argv[1:]], os.environ | {"PYTHONPATH": tools})
