package siamese_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLight sees that packages which cells import often stay quick to compile and link: what shows and keeps results needs
// no graph compiler and no server, and training needs no readers of tables.
func TestLight(t *testing.T) {
	const module = "github.com/go-siamese/lab/"
	for _, test := range []struct{ packages, without []string }{
		{[]string{"siamese/show", "siamese/report", "siamese/protocol", "siamese/history", "siamese/explain/explained",
			"siamese/tensorboard", "siamese/config"},
			[]string{"github.com/gomlx/", "parquet", "arrow", "net/http", module + "siamese\n"}},
		{[]string{"siamese", "siamese/evaluate", "siamese/explain", "siamese/study"}, []string{"parquet", "arrow"}},
		{[]string{"data", "data/features", "data/describe", "data/split", "data/builtin"},
			[]string{"github.com/gomlx/", "parquet", "arrow", "net/http"}},
		{[]string{"kernels/widget"}, []string{module + "siamese/", module + "data", "net/http", "html/template"}},
	} {
		for _, name := range test.packages {
			out, err := exec.Command("go", "list", "-deps", module+name).Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, heavy := range test.without {
				if strings.Contains(string(out), heavy) {
					t.Errorf("%s imports %q", name, heavy)
				}
			}
		}
	}
}
