package siamese_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestAPI: the kept list of what the packages export is that of today, so that a change of it is seen where it is
// reviewed.
func TestAPI(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "run", "./siamese/testdata/api", "--check")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("the API is not that of siamese/testdata/api/*.txt. If the change is meant: "+
			"go run ./siamese/testdata/api\n%s", out)
	}
	// One line of each kind that the list tells apart.
	for file, lines := range map[string][]string{
		"siamese": {
			"siamese: func OpenBackend(name string) (*Backend, error)",
			"siamese: method (*Model) Save(path string) error",
			"siamese: type Backend = siamese/internal/device.Backend",
			"siamese: method (*Backend) Finalize()", // the type itself is internal
			"siamese/stats: type Estimate struct, embedded Interval",
			"siamese/study/search: type Sampler interface{Needs(",
		},
		"data":    {"data: type Frame struct, IDs []string", "data/split: const ByItem untyped string = \"items\""},
		"kernels": {"kernels/cell: func Ask(prompt string) (string, error)"},
	} {
		text, err := os.ReadFile("testdata/api/" + file + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Split(string(text), "\n")
		for _, line := range lines {
			if !slices.ContainsFunc(all, func(l string) bool { return strings.HasPrefix(l, line) }) {
				t.Errorf("%s.txt has no line %q", file, line)
			}
		}
	}
}
