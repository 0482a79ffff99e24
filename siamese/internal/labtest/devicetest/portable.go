package devicetest

import "strings"

// NotPortable reports whether a program's output says that the processor cannot have portable bits, or has others than
// those that were tried: a backend that is refused for that reason is right to be.
func NotPortable(output string) bool {
	return strings.Contains(output, "computes other bits than others do") ||
		strings.Contains(output, "need a processor with AVX2 and FMA")
}
