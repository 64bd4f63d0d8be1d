# Two commands for a user, demo and test. Everything else is one stage or one helper of theirs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.PHONY: help demo test programs format lint golden clean arm64 armhf x86_64-edge
.NOTPARALLEL:

help:
	@echo 'make demo            build, and watch the simulator with atrial fibrillation, a loose electrode and ventricular tachycardia (a minute and a half)'
	@echo 'make test            build and test everything'
	@echo 'make programs        build precordia, precordia-log, precordia-sheet and precordia-page, in .build/release'
	@echo 'make arm64           precordia-edge and libprecordia for 64-bit ARM, in .build-dist/arm64'
	@echo 'make armhf           the same for 32-bit ARM (ARMv7-A with NEON), in .build-dist/armhf'
	@echo 'make x86_64-edge     the same for x86_64, in .build-dist/x86_64'
	@echo
	@echo 'For those who change the code:'
	@echo 'make test-STAGE      one stage of make test; the stages are:'
	@tools/test --list | sed 's/^/                       /'
	@echo 'make format          format the Swift sources'
	@echo 'make lint            the checks that need no build'
	@echo 'make golden          write the hash that make test-golden compares with, after an intended change of the events'
	@echo 'make clean           remove everything that was built'

# What `--version` says of the source.
demo programs dist-%: export PRECORDIA_COMMIT = $(shell tools/commit)

demo:
	@tools/install demo
	@tools/quietly 'Building (a few minutes the first time)' swift build -c release --product precordia
	@.build/release/precordia demo

programs:
	@tools/install demo
	@tools/quietly 'Building precordia' swift build -c release --product precordia
	@tools/quietly 'Building precordia-log' swift build -c release --product precordia-log
	@tools/quietly 'Building precordia-sheet' swift build -c release --product precordia-sheet
	@tools/quietly 'Building precordia-page (a few minutes the first time)' swift build -c release --product precordia-page

test:
	@tools/test

arm64: dist-aarch64
armhf: dist-armhf
x86_64-edge: dist-x86_64

dist-%:
	@tools/install test
	@echo 'Building libprecordia and precordia-edge for $*'
	@python3 tools/cross/library.py $*

test-%:
	@tools/test $*

format:
	swift format -i -r Sources Tests examples Package.swift

lint:
	@tools/test layers format house

golden:
	@tools/check-golden --write

clean:
	rm -rf .build .build-*
