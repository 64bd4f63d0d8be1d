"""The guest: Debian's kernel and modules, an initramfs of busybox, gadget and program, and a run of it under qemu without acceleration.

Everything fetched and made stays in .build-hil. Standard library only.
"""
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

from precordia_tools import builds, debian, library

HERE = Path(__file__).resolve().parent

TOP, OUTPUT = builds.TOP, builds.TOP / ".build-hil"
REFERENCE = TOP / "firmware-protocol/reference"
# qemu and what it needs to be told, its package, its console. The processor `max` has every instruction set that qemu knows, AVX2 among them.
MACHINES = {
    "x86_64": (["qemu-system-x86_64", "-cpu", "max"], "qemu-system-x86", "ttyS0"),
    "aarch64": (["qemu-system-aarch64", "-M", "virt", "-cpu", "max,pauth-impdef=on"], "qemu-system-arm", "ttyAMA0"),
}
# In the order of insmod.
MODULES = ["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk", "configfs", "usb-common", "usbcore",
           "udc-core", "dummy_hcd", "libcomposite", "usb_f_fs"]
DISK_BYTES = 256 << 20


class Missing(Exception):
    """What this machine lacks, for a person: exit status 77."""


def program(name, package):
    """A program of this system."""
    path = shutil.which(name)
    if path is None:
        raise Missing(f"{name}, which Debian has in {package}")
    return path


def unpacked(machine, name, package):
    """Debian's package for that processor, unpacked under .build-hil-NAME."""
    root = debian.unpacked(machine, f"hil-{name}", [package])
    if root is None:
        raise Missing(f"{package} for {debian.NAMES[machine]}, which apt-get could not fetch: it and a network are needed")
    return root


def kernel(machine):
    """The folder with the kernel and the modules that are not part of it. Only these stay on the disk."""
    kept = OUTPUT / machine / "kernel"
    if (kept / "vmlinuz").exists():
        return kept
    # The package without a version only depends on the one that has it.
    named = next(unpacked(machine, "kernel-name", f"linux-image-{debian.NAMES[machine]}").glob("*.deb"))
    package = re.match(r"linux-image-[^ ,]+", builds.run(["dpkg-deb", "--field", named, "Depends"]))[0]
    root = unpacked(machine, "kernel", package)
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    built_in = next((root / "lib/modules").rglob("modules.builtin")).read_text()
    for module in MODULES:
        if f"/{module}.ko" not in built_in:
            shutil.copy(next((root / "lib/modules").rglob(f"{module}.ko")), kept)
    next((root / "boot").glob("vmlinuz-*")).rename(kept / "vmlinuz")
    shutil.rmtree(root)
    return kept


def busybox(machine):
    """The guest's shell: Debian's static busybox of that architecture."""
    if platform.machine() != machine:
        return unpacked(machine, "busybox", "busybox-static") / "bin/busybox"
    path = Path(program("busybox", "busybox-static"))
    if libraries(path):
        raise Missing("a static busybox, which Debian has in busybox-static")
    return path


def gadget(machine):
    """The gadget, static, from the sources of gadget/ and of the reference codec."""
    path = OUTPUT / machine / "gadget"
    path.parent.mkdir(parents=True, exist_ok=True)
    sources = [*sorted((HERE / "gadget").glob("*.c")), *sorted(REFERENCE.glob("wire_*.c"))]
    builds.run([builds.toolchain("clang"), f"--target={builds.LINUX[machine]}", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror",
               "-fuse-ld=lld", "-static", "-pthread", "-I", REFERENCE, *sources, "-o", path])
    return path


def libraries(path):
    """The shared libraries that ldd names, and the loader; none for a static program."""
    done = subprocess.run(["ldd", path], capture_output=True, text=True)
    return [Path(name) for name in re.findall(r"(/\S+) \(0x", done.stdout)]


class Image:
    """An initramfs in the making: a folder, packed by cpio."""

    def __init__(self, machine):
        self.machine = machine
        self.root = OUTPUT / machine / "root"
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in ("bin", "dev", "proc", "sys", "tmp", "etc", "lib", "modules", "scenarios"):
            (self.root / folder).mkdir(parents=True)
        found = kernel(machine)
        modules = [module for module in MODULES if (found / f"{module}.ko").exists()]
        for module in modules:
            self.add(found / f"{module}.ko", f"modules/{module}.ko")
        self.write("modules/order", "\n".join(modules) + "\n")
        self.add(busybox(machine), "bin/busybox")
        self.add(gadget(machine), "bin/gadget")
        for name, place in {"init": "init", "host.sh": "lib/host.sh", "restart-host": "bin/restart-host", "replug-host": "bin/replug-host"}.items():
            self.add(HERE / "guest" / name, place)

    def add(self, path, place):
        """Copies a file."""
        (self.root / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, self.root / place)

    def add_program(self, path):
        """Copies a program of this system and the libraries that it needs, to the same places."""
        self.add(path, f"bin/{path.name}")
        for found in libraries(path):
            self.add(found, str(found)[1:])

    def add_edge(self):
        """The program for small boards as it is shipped for systems with a C library and USB, and Debian's C library for it."""
        root = library.build_usb(self.machine)
        self.add(root / "bin/precordia-edge", "bin/precordia-edge")
        for found in (root / "lib").iterdir():
            self.add(found, f"lib/{found.name}")
        system = unpacked(self.machine, "libc", "libc6")
        for name in ("libc.so.6", "libm.so.6", "libpthread.so.0", "ld-linux-*.so.*"):
            for found in [path for path in (system / "lib").rglob(name) if path.is_file()]:
                self.add(found, f"lib/{found.name}")
        self.add(builds.MODEL, "share/model")

    def write(self, place, content):
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o755)

    def pack(self):
        path = OUTPUT / self.machine / "initramfs"
        names = "\n".join(sorted(str(name.relative_to(self.root)) for name in self.root.rglob("*"))) + "\n"
        done = subprocess.run([program("cpio", "cpio"), "--quiet", "-o", "-H", "newc"], input=names.encode(), cwd=self.root, capture_output=True)
        if done.returncode != 0:
            sys.exit(done.stderr.decode())
        path.write_bytes(done.stdout)
        return path


def boot(machine, initramfs, results, seconds, counted=False):
    """Runs the guest to its power-off, at most so long; the results lie in the folder `results`. Returns what the console said, and the time.

    Where `counted`, the guest's clocks count its instructions, 4 ns each, and idle time is passed over: it runs slower, and the same however busy
    this machine is.
    """
    command, package, console = MACHINES[machine]
    disk = OUTPUT / machine / "disk"
    with open(disk, "wb") as file:
        file.truncate(DISK_BYTES)
    began = time.monotonic()
    words = [program(command[0], package), *command[1:], "-accel", "tcg", *(["-icount", "shift=2,sleep=off"] if counted else []), "-m", "1024", "-nographic", "-nodefaults", "-no-reboot", "-serial", "stdio",
             "-kernel", kernel(machine) / "vmlinuz", "-initrd", initramfs, "-drive", f"if=none,id=disk,format=raw,file={disk}",
             "-device", "virtio-blk-pci,drive=disk",
             # Huge pages would make steps of 2 MiB of a program that grows by nothing.
             "-append", f"console={console} loglevel=1 panic=-1 mitigations=off transparent_hugepage=never"]
    guest = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    watchdog = threading.Timer(seconds, guest.kill)
    watchdog.start()
    said = []
    for line in guest.stdout:
        said.append(line.decode(errors="replace").replace("\r", ""))
        if said[-1].startswith("hil:"):
            print(f"{machine} {time.monotonic() - began:4.0f} s  {said[-1][5:].strip()}", file=sys.stderr, flush=True)
    guest.wait()
    watchdog.cancel()
    took = time.monotonic() - began
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    (results / "console").write_text("".join(said))
    try:
        with tarfile.open(disk) as archive:
            archive.extractall(results)
    except tarfile.TarError:
        print(f"{machine}: the guest brought nothing home", file=sys.stderr)
    disk.unlink()
    return "".join(said), took
