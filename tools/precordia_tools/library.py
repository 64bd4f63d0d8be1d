"""Builds libprecordia, its header and precordia-edge for a processor, with Debian's packages and the Swift toolchain alone.

    python3 tools/cross/library.py aarch64|armhf|x86_64
    python3 tools/cross/library.py aarch64|armhf|x86_64 --usb      precordia-edge alone, with USB, linked dynamically with glibc and libusb

The first result lies in .build-dist/x86_64, arm64 or armhf, a folder that can be moved: bin/precordia-edge, lib/libprecordia.a and .so, include/precordia.h,
lib/pkgconfig, lib/cmake and share/precordia with the shipped model. The second lies beside it in .build-dist/PROCESSOR-usb. Standard library only.
"""
import os
import re
import shutil
import sys

from . import builds, debian, musl

HEADER = builds.TOP / "Sources/PrecordiaC/include/precordia.h"
EDGE = builds.TOP / "Sources/precordia-edge"
FILES = builds.TOP / "Sources/CPrecordiaFiles"
TRANSPORT = builds.TOP / "Sources/CPrecordiaTransport"
BUILD = builds.TOP / "Sources/CPrecordiaBuild"
# Debian's names where they differ, as in `make arm64`.
FOLDER = {"x86_64": "x86_64", "aarch64": "arm64", "armhf": "armhf"}
BYTES_OF_POINTER = {"x86_64": 8, "aarch64": 8, "armhf": 4}


def header_functions():
    """Every function that the header declares: what the library exports, no more and no less."""
    code = re.sub(r"//[^\n]*", "", HEADER.read_text())
    return sorted(set(re.findall(r"\b(precordia_\w+)\(", code)))


def abi():
    return re.search(r"^#define PRECORDIA_ABI (\d+)$", HEADER.read_text(), re.M)[1]


def version():
    return re.search(r'StaticString \{ "([\d.]+)" \}', (builds.TOP / "Sources/PrecordiaEngine/EngineVersion.swift").read_text())[1]


def one_object(archive, folder):
    """The whole archive as one object. Its own symbols stay global, for the linker script to choose from."""
    path = folder / "whole.o"
    builds.run([builds.toolchain("ld.lld"), "-r", "--whole-archive", archive, "-o", path])
    builds.run([builds.toolchain("llvm-objcopy"), "--strip-debug", path])
    names = builds.run([builds.toolchain("llvm-objdump"), "-h", path])
    if ".note.GNU-stack" not in names:
        builds.run([builds.toolchain("llvm-objcopy"), "--add-section", ".note.GNU-stack=/dev/null", path])
    return path


def static_library(whole, folder, output):
    """The archive for others' linkers. Every symbol that is not the header's becomes local, so that nothing can clash, and GNU ld, which
    refuses Swift's protected symbols, never sees them."""
    names, member = folder / "exports", folder / "precordia.o"
    names.write_text("\n".join(header_functions()) + "\n")
    builds.run([builds.toolchain("llvm-objcopy"), f"--keep-global-symbols={names}", "--set-symbols-visibility=" + str(names) + "=default", whole, member])
    output.unlink(missing_ok=True)
    builds.run([builds.toolchain("llvm-ar"), "rcs", output, member])


def shared_library(whole, folder, architecture, lib):
    """libprecordia.so with versioned symbols and a SONAME."""
    script, name = folder / "precordia.map", f"libprecordia.so.{abi()}"
    script.write_text(f"PRECORDIA_{abi()} {{\nglobal:\n    " + ";\n    ".join(header_functions()) + ";\nlocal:\n    *;\n};\n")
    full = lib / f"{name}.{version()}"
    builds.run([builds.toolchain("clang"), f"--target={builds.LINUX[architecture]}", "-shared", "-fuse-ld=lld", "-s", "-Wl,--gc-sections",
               "-Wl,-z,defs", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack", "-Wl,-z,text", f"-Wl,-soname,{name}",
               f"-Wl,--version-script={script}", whole, "-o", full])
    for link in (name, "libprecordia.so"):
        (lib / link).symlink_to(full.name)


def edge(architecture, archive, output, usb_options=None):
    """The program for boards without a Swift run-time library: static and without USB, or with the linker's words for libusb and dynamic. What
    touches files and devices is compiled here, against the C library in use."""
    sources = [path for folder in (EDGE, FILES, TRANSPORT, BUILD) for path in sorted(folder.glob("*.c"))]
    static = usb_options is None
    parts = musl.linked(architecture, [*sources, archive]) if static else [*sources, archive, *usb_options]
    builds.run([builds.toolchain("clang"), f"--target={builds.LINUX[architecture]}", "-std=gnu11", "-D_GNU_SOURCE", "-Os", "-Wall", "-Wextra", "-Werror",
               f"-DPRECORDIA_TRANSPORT_USB={int(not static)}", "-ffunction-sections", "-fdata-sections", "-I", HEADER.parent, "-I", TRANSPORT / "include", "-I", BUILD / "include",
               *([f'-DPRECORDIA_COMMIT="{os.environ["PRECORDIA_COMMIT"]}"'] if "PRECORDIA_COMMIT" in os.environ else []),
               "-fuse-ld=lld", "-s", "-Wl,--gc-sections,--icf=all,-z,noseparate-code", *parts, "-o", output])


def build_usb(architecture):
    """precordia-edge with USB, linked with glibc and the processor's own libusb, and what it needs beside glibc; returns the folder."""
    archive = builds.embedded_archive(architecture, "PrecordiaC")
    root = builds.TOP / ".build-dist" / f"{FOLDER[architecture]}-usb"
    shutil.rmtree(root, ignore_errors=True)
    for name in ("bin", "lib"):
        (root / name).mkdir(parents=True)
    found = debian.unpacked(architecture, "usb", ["libusb-1.0-0-dev", "libusb-1.0-0", "libudev1"])
    if found is None:
        sys.exit(f"Debian's libusb for {architecture} cannot be fetched: apt-get, and a network, are needed")
    libraries = [next(folder for folder in found.rglob(name)) for name in ("libusb-1.0.so.0", "libudev.so.1")]
    for library in libraries:
        shutil.copy(library, root / "lib" / library.name)
    edge(architecture, archive, root / "bin/precordia-edge", ["-I", found / "usr/include/libusb-1.0", *(root / "lib" / path.name for path in libraries[:1]),
                                                             "-Wl,--allow-shlib-undefined,-rpath,$ORIGIN/../lib"])
    return root


def texts(architecture, root):
    """What pkg-config and CMake ask for; paths are relative to the files, so that the folder can be moved."""
    (root / "lib/pkgconfig/precordia.pc").write_text(f"""prefix=${{pcfiledir}}/../..
libdir=${{prefix}}/lib
includedir=${{prefix}}/include

Name: precordia
Description: Live 12-lead ECG to continuous alerts
Version: {version()}
Libs: -L${{libdir}} -lprecordia
Cflags: -I${{includedir}}
""")
    (root / "lib/cmake/precordia/precordiaConfig.cmake").write_text(f"""# find_package(precordia) gives precordia::precordia, the shared library, and precordia::static.
get_filename_component(_precordia "${{CMAKE_CURRENT_LIST_DIR}}/../../.." ABSOLUTE)
foreach(_kind precordia static)
    if(TARGET precordia::${{_kind}})
        continue()
    endif()
    if(_kind STREQUAL static)
        add_library(precordia::static STATIC IMPORTED)
        set_target_properties(precordia::static PROPERTIES IMPORTED_LOCATION "${{_precordia}}/lib/libprecordia.a")
    else()
        add_library(precordia::precordia SHARED IMPORTED)
        set_target_properties(precordia::precordia PROPERTIES
            IMPORTED_LOCATION "${{_precordia}}/lib/libprecordia.so.{abi()}.{version()}" IMPORTED_SONAME "libprecordia.so.{abi()}")
    endif()
    set_target_properties(precordia::${{_kind}} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${{_precordia}}/include")
endforeach()
unset(_precordia)
""")
    major_minor = ".".join(version().split(".")[:2])
    (root / "lib/cmake/precordia/precordiaConfigVersion.cmake").write_text(f"""# Before 1.0 a minor version may change what an event says, so another one does not fit.
set(PACKAGE_VERSION "{version()}")
set(PACKAGE_VERSION_COMPATIBLE FALSE)
if(PACKAGE_FIND_VERSION VERSION_LESS_EQUAL PACKAGE_VERSION AND "${{PACKAGE_FIND_VERSION_MAJOR}}.${{PACKAGE_FIND_VERSION_MINOR}}" STREQUAL "{major_minor}")
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
if(PACKAGE_FIND_VERSION STREQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
endif()
if(CMAKE_SIZEOF_VOID_P AND NOT CMAKE_SIZEOF_VOID_P EQUAL {BYTES_OF_POINTER[architecture]})
    set(PACKAGE_VERSION_UNSUITABLE TRUE)
endif()
""")


def build(architecture):
    """Everything for one processor; returns the folder."""
    archive = builds.embedded_archive(architecture, "PrecordiaC")
    root = builds.TOP / ".build-dist" / FOLDER[architecture]
    work = builds.TOP / f".build-embedded-{architecture}" / "library"
    for folder in (root, work):
        shutil.rmtree(folder, ignore_errors=True)
    for folder in (work, *(root / name for name in ("bin", "include", "lib/pkgconfig", "lib/cmake/precordia", "share/precordia"))):
        folder.mkdir(parents=True)
    whole = one_object(archive, work)
    static_library(whole, work, root / "lib/libprecordia.a")
    shared_library(whole, work, architecture, root / "lib")
    edge(architecture, archive, root / "bin/precordia-edge")
    texts(architecture, root)
    shutil.copy(HEADER, root / "include")
    shutil.copy(builds.MODEL, root / "share/precordia")
    return root


def main():
    words = [word for word in sys.argv[1:] if word != "--usb"]
    if len(words) != 1 or words[0] not in builds.TRIPLES or len(sys.argv) > 3:
        sys.exit(__doc__)
    root = build_usb(words[0]) if "--usb" in sys.argv else build(words[0])
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            print(f"{path.stat().st_size >> 10:6} KiB  {path.relative_to(builds.TOP)}")


if __name__ == "__main__":
    main()
