# Two commands for a start: `make run` and `make test`. Everything else is CMake (see README.md).
.PHONY: run test setup build dev tsan clang format clean

PGRPO := build/release/pgrpo

# Set up, build, fetch a small model, train a reward model and run a short P-GRPO training on the built-in tasks.
run: build
	tools/quickstart.sh $(PGRPO)

# Set up, build (release, and with address and undefined-behaviour sanitizers) and run all tests that need no download.
test: build dev
	ctest --preset dev
	ctest --preset release

build: setup
	cmake --preset release -Wno-dev >/dev/null
	cmake --build --preset release

dev: setup
	cmake --preset dev -Wno-dev >/dev/null
	cmake --build --preset dev

setup:
	tools/setup.sh

tsan clang:
	tools/setup.sh $(if $(filter clang,$@),clang-14)
	cmake --preset $@ >/dev/null
	cmake --build --preset $@
	ctest --test-dir build/$@ --output-on-failure

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf build
