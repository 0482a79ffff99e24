package assist_test

import (
	"sync"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// TestParallel asks many things at once, as a front end does while a user types.
func TestParallel(t *testing.T) {
	a := shared(t)
	var wg sync.WaitGroup
	for i, code := range []string{"%%\nshow.", "%%\nsiamese.DefaultConfig().", "%%\nstrings.F", "%%\nmine",
		"%%\ntable.Open",
		"%cd ", "%%\nopen(\"", "import \"fmt\"\n%%\nfmt."} {
		wg.Go(func() {
			for range 3 {
				a.Executed(cells.Parse("var mineToo = 1"))
				if _, err := a.Complete(t.Context(), code, len(code)); err != nil {
					t.Error(err)
				}
				if _, err := a.Inspect(t.Context(), code, len(code), i); err != nil {
					t.Error(err)
				}
				a.Tried(cells.Parse("%rm mineToo"))
			}
		})
	}
	wg.Wait()
}
