"""A wheel without libprecordia could not be imported: it is not built. All else is in pyproject.toml."""
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class Build(build_py):
    def run(self) -> None:
        for name in ("libprecordia.so.1", "ptbxl71.precordia"):
            if not self.editable_mode and not (Path(__file__).parent / "precordia" / name).exists():
                sys.exit(f"precordia/{name} is not there: tools/wheel builds wheels with everything inside")
        super().run()


setup(cmdclass={"build_py": Build})
