# Two commands for a user, demo and test. Everything else is one stage or one helper of theirs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.PHONY: help demo test format lint golden clean
.NOTPARALLEL:

help:
	@echo 'make demo            build, and watch the simulator go from normal rhythm to atrial fibrillation and back (a minute)'
	@echo 'make test            build and test everything'
	@echo
	@echo 'For those who change the code:'
	@echo 'make test-STAGE      one stage of make test; the stages are:'
	@tools/test --list | sed 's/^/                       /'
	@echo 'make format          format the Swift sources'
	@echo 'make lint            the checks that need no build'
	@echo 'make golden          write the hash that make test-golden compares with, after an intended change of the events'
	@echo 'make clean           remove everything that was built'

demo:
	@tools/install demo
	@tools/quietly 'Building (a few minutes the first time)' swift build -c release --product precordia
	@.build/release/precordia demo

test:
	@tools/test

test-%:
	@tools/test $*

format:
	swift format -i -r Sources Tests Package.swift

lint:
	@tools/test layers format house

golden:
	@tools/check-golden --write

clean:
	rm -rf .build .build-*
