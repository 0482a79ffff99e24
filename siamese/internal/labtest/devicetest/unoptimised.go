package devicetest

import (
	"os"
	"testing"
)

// RunUnoptimised runs the tests of a package without LLVM's optimiser and returns their exit status, for its TestMain.
// Most of the time of tests that compile many short programs is the optimiser's. It is for packages that compare
// results within one process, or with a tolerance; others train with the optimiser on.
func RunUnoptimised(m *testing.M) int {
	if err := os.Setenv("XLA_FLAGS", os.Getenv("XLA_FLAGS")+" --xla_backend_optimization_level=0"); err != nil {
		panic(err)
	}
	return m.Run()
}
