package lab_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLight sees that a cell of this package links little.
func TestLight(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", ".")
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Fields(string(out))
	if len(list) > mostPackages {
		t.Errorf("%d packages, want %d or fewer", len(list), mostPackages)
	}
	for _, p := range list {
		for _, heavy := range []string{"gomlx", "go-xla", "arrow", "parquet", "gonum", "net/http", "crypto/tls", "image",
			"gonb", "data/table", "siamese/show"} {
			if strings.Contains(p, heavy) {
				t.Errorf("%s is linked into cells", p)
			}
		}
	}
}

// mostPackages is the number of packages, of the standard library too, that a cell links.
const mostPackages = 145
