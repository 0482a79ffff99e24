package siamese

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// optimisedEnv, where it is set, has the test binary keep LLVM's optimiser: XLA reads its flags once in a process.
const optimisedEnv = "SIAMESE_TEST_OPTIMISED"

func TestMain(m *testing.M) {
	if dir := os.Getenv(trainEnv); dir != "" {
		trainChild(dir)
		return
	}
	if os.Getenv(portableEnv) != "" {
		if err := portableChild(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	if os.Getenv(optimisedEnv) != "" {
		os.Exit(m.Run())
	}
	os.Exit(devicetest.RunUnoptimised(m))
}

// TestOptimised: compiled by LLVM's optimiser, as users have it and the other tests of this package do not, steps are
// those of the oracle too.
func TestOptimised(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"TestStepAgainstOracle", "TestStepsAgainstOracle", "TestOptimizersAgainstOracle",
		"TestBackendsAgree", "TestManyStepsInACall"}
	child := exec.Command(self, "-test.v", "-test.run=^("+strings.Join(names, "|")+")$")
	child.Env = append(os.Environ(), optimisedEnv+"=1", "XLA_FLAGS=")
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range names {
		if !strings.Contains(string(out), "--- PASS: "+name+" (") {
			t.Errorf("%s did not pass:\n%s", name, out)
		}
	}
}
