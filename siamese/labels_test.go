package siamese

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// A separator that is in no label gives a warning; one that is in a single label gives none.
func TestSeparatorWarnings(t *testing.T) {
	f := labtest.Labelled([]string{"", "b|a", "c"}, nil)
	if got := itemset.SeparatorWarnings(f, ","); len(got) != 1 || !strings.Contains(got[0], `"," is in no label`) ||
		!strings.Contains(got[0], `"b|a"`) {
		t.Errorf("%q", got)
	}
	for _, separator := range []string{"|", ""} {
		if got := itemset.SeparatorWarnings(f, separator); got != nil {
			t.Errorf("%q: %q", separator, got)
		}
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	task, err := classTask(taggedConfig("mse"), train, val, TrainOptions{})
	if err != nil || len(task.warnings) != 1 {
		t.Errorf("%v, %q", err, task.warnings)
	}
}
