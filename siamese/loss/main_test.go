package loss_test

import (
	"os"
	"testing"
)

// Most of the time of these tests is LLVM's, which optimises hundreds of short programs; trainings are tested with the
// optimiser on.
func TestMain(m *testing.M) {
	const unoptimised = "--xla_backend_optimization_level=0"
	if err := os.Setenv("XLA_FLAGS", os.Getenv("XLA_FLAGS")+" "+unoptimised); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
