package devicetest

import (
	"os"
	"strings"
)

// NotPortable reports whether a program's output says that the processor cannot have portable bits, or has others than
// those that were tried: a backend that is refused for that reason is right to be.
func NotPortable(output string) bool {
	return strings.Contains(output, "computes other bits than others do") ||
		strings.Contains(output, "need a processor with AVX2 and FMA")
}

// everywhereEnv, where it is set, has portable bits tried on all that there is, which takes half a minute: `.ci/run` sets
// it.
const everywhereEnv = "SIAMESE_EVERYWHERE"

// EverywherePortable reports whether portable bits are tried on all that there is, and the variable that asks for it.
func EverywherePortable() (everywhere bool, env string) {
	return os.Getenv(everywhereEnv) != "", everywhereEnv
}
