# The verbs.  Each is one script or one line; the build itself is meson's.
.PHONY: build run test asan tsan fuzz bench bench-final shots format check clean

build:       ; @tools/build release
run:         ; @tools/run
test:        ; @tools/test
asan:        ; @tools/test --asan
tsan:        ; @tools/test --tsan
fuzz:        ; @tools/fuzz
bench:       ; @tools/bench
bench-final: ; @tools/bench --final
shots:       ; @tools/shots
format:      ; @git ls-files '*.c' '*.h' | xargs clang-format-14 -i
check:       ; @tools/layers . && tools/style .
clean:       ; @rm -rf build build-* web/dist
