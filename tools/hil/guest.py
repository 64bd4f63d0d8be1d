"""The guest: Debian's kernel and modules, an initramfs of busybox, gadget and program, and a run of it under qemu without acceleration.

Packages are fetched by apt past the system's own list of architectures, unpacked into .build-hil and kept there. Standard library only.
"""
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
OUTPUT = TOP / ".build-hil"
REFERENCE = TOP / "firmware-protocol/reference"
# Debian's name, the compiler, qemu and what it needs to be told; `max` has every instruction set that qemu knows, AVX2 among them.
MACHINES = {
    "x86_64": ("amd64", "gcc", ["qemu-system-x86_64", "-cpu", "max"], "ttyS0"),
    "aarch64": ("arm64", "aarch64-linux-gnu-gcc", ["qemu-system-aarch64", "-M", "virt", "-cpu", "max"], "ttyAMA0"),
}
# In the order of insmod.
MODULES = ["virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci", "virtio_blk", "configfs", "usb-common", "usbcore",
           "udc-core", "dummy_hcd", "libcomposite", "usb_f_fs"]
DISK_BYTES = 256 << 20


class Missing(Exception):
    """What this machine lacks, for a person: exit status 77."""


def run(command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        words = (done.stdout + done.stderr).decode(errors="replace")
        raise SystemExit(f"{words}\nfailed with status {done.returncode}: {' '.join(str(part) for part in command)}")
    return done.stdout


def apt(debian, folder):
    """apt-get for an architecture, with a state of its own; the sources and their signatures are the system's."""
    for part in ("lists/partial", "cache/archives/partial"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    return ["apt-get", "-qq", f"-oAPT::Architecture={debian}", f"-oAPT::Architectures={debian}", f"-oDir::State::lists={folder}/lists",
            f"-oDir::Cache={folder}/cache", "-oDir::State::status=/dev/null", "-oAPT::Sandbox::User="]


def fetched(debian, package, root):
    """Unpacks a package, which may only depend on the versioned one, under `root`. Raises Missing where apt cannot."""
    if (root / "fetched").exists():
        return root
    if shutil.which("apt-get") is None:
        raise Missing("apt-get, which fetches Debian's kernel")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    command = apt(debian, root / "apt")
    subprocess.run([*command, "update"], cwd=root, capture_output=True)
    name = package
    if package == "linux-image":
        words = subprocess.run(["apt-cache", *command[2:], "depends", f"linux-image-{debian}"], capture_output=True, text=True)
        name = (re.findall(r"Depends: (linux-image-\S+)", words.stdout) or [None])[0]
    done = name and subprocess.run([*command, "download", f"{name}:{debian}"], cwd=root, capture_output=True, text=True)
    files = list(root.glob("*.deb"))
    if not files:
        raise Missing(f"Debian's package {package} for {debian}: apt-get could not fetch it{': ' + done.stderr.strip() if done else ''}")
    for file in files:
        run(["dpkg", "-x", file, root])
        file.unlink()
    shutil.rmtree(root / "apt")
    (root / "fetched").touch()
    return root


def kernel(debian):
    """The kernel and the modules by name. Only what the guest needs stays on the disk."""
    root = OUTPUT / debian / "kernel"
    if not (root / "kept/vmlinuz").exists():
        found = fetched(debian, "linux-image", root)
        kept = root / "kept"
        kept.mkdir(exist_ok=True)
        built_in = next((root / "lib/modules").rglob("modules.builtin")).read_text()
        for module in MODULES:
            # What is part of the kernel itself need not be loaded.
            if f"/{module}.ko" not in built_in:
                shutil.copy(next((root / "lib/modules").rglob(f"{module}.ko")), kept)
        shutil.copy(next((root / "boot").glob("vmlinuz-*")), kept / "vmlinuz.new")
        for part in ("boot", "lib", "usr"):
            shutil.rmtree(found / part, ignore_errors=True)
        (kept / "vmlinuz.new").rename(kept / "vmlinuz")
    return root / "kept"


def busybox(debian):
    """The guest's shell: Debian's static busybox of that architecture."""
    native = run(["dpkg", "--print-architecture"]).decode().strip()
    if native == debian:
        path = Path("/bin/busybox")
        if not path.exists() or b"dynamic" in run(["file", "-bL", path] if shutil.which("file") else ["true"]):
            raise Missing("busybox-static")
        return path
    return fetched(debian, "busybox-static", OUTPUT / debian / "busybox") / "bin/busybox"


def gadget(machine):
    """The gadget, static, from the sources of gadget/ and of the reference codec."""
    _, compiler, _, _ = MACHINES[machine]
    if shutil.which(compiler) is None:
        raise Missing(f"{compiler}, which compiles the gadget for {machine}")
    path = OUTPUT / MACHINES[machine][0] / "gadget"
    path.parent.mkdir(parents=True, exist_ok=True)
    sources = [*sorted((HERE / "gadget").glob("*.c")), *sorted(REFERENCE.glob("wire_*.c"))]
    run([compiler, "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-pthread", "-I", REFERENCE, *sources, "-o", path])
    return path


def libraries(program):
    """The shared libraries that ldd names, and the loader; none for a static program."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True)
    return [Path(name) for name in re.findall(r"(/\S+) \(0x", done.stdout)]


class Image:
    """An initramfs in the making: a folder, packed by cpio."""

    def __init__(self, machine):
        self.debian = MACHINES[machine][0]
        self.root = OUTPUT / self.debian / "root"
        shutil.rmtree(self.root, ignore_errors=True)
        for folder in ("bin", "dev", "proc", "sys", "tmp", "etc", "lib", "modules", "scenarios"):
            (self.root / folder).mkdir(parents=True)
        found = kernel(self.debian)
        modules = [module for module in MODULES if (found / f"{module}.ko").exists()]
        for module in modules:
            shutil.copy(found / f"{module}.ko", self.root / "modules")
        (self.root / "modules/order").write_text("\n".join(modules) + "\n")
        shutil.copy(busybox(self.debian), self.root / "bin/busybox")
        shutil.copy(gadget(machine), self.root / "bin/gadget")
        shutil.copy(HERE / "guest/init", self.root / "init")
        shutil.copy(HERE / "guest/host.sh", self.root / "lib")

    def add(self, path, place):
        """Copies a file; of a program also the libraries it needs, to the same places."""
        (self.root / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, self.root / place)
        for library in libraries(path):
            (self.root / str(library)[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, self.root / str(library)[1:])

    def write(self, place, content):
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o755)

    def pack(self):
        path = OUTPUT / self.debian / "initramfs"
        names = "\n".join(sorted(str(name.relative_to(self.root)) for name in self.root.rglob("*"))) + "\n"
        done = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], input=names.encode(), cwd=self.root, capture_output=True)
        if done.returncode != 0:
            raise SystemExit(done.stderr.decode())
        path.write_bytes(done.stdout)
        return path


def boot(machine, initramfs, results, seconds):
    """Runs the guest to its power-off, at most so long; the results lie in the folder `results`. Returns what the console said, and the time."""
    debian, _, command, console = MACHINES[machine]
    if shutil.which(command[0]) is None:
        raise Missing(f"{command[0]}: Debian has it in qemu-system-{'x86' if debian == 'amd64' else 'arm'}")
    disk = OUTPUT / debian / "disk"
    with open(disk, "wb") as file:
        file.truncate(DISK_BYTES)
    began = time.monotonic()
    words = [*command, "-accel", "tcg", "-m", "1024", "-nographic", "-nodefaults", "-no-reboot", "-serial", "stdio", "-kernel", kernel(debian) / "vmlinuz",
             "-initrd", initramfs, "-drive", f"if=none,id=disk,format=raw,file={disk}", "-device", "virtio-blk-pci,drive=disk",
             "-append", f"console={console} loglevel=1 panic=-1 mitigations=off"]
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
    console_words = "".join(said)
    (results / "console").write_text(console_words)
    if "hil: done" in console_words:
        with tarfile.open(disk) as archive:
            archive.extractall(results)
    disk.unlink()
    return console_words, took
