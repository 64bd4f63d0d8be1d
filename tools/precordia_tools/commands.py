"""How a check runs a program. Standard library only."""
import subprocess
import sys

from .places import TOP


def run(command, **options):
    """The command's standard output; where it fails, everything it said and the end of this program."""
    done = subprocess.run([str(part) for part in command], cwd=TOP, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}{done.stderr}\nfailed with status {done.returncode}: {' '.join(str(part) for part in command)}")
    return done.stdout
