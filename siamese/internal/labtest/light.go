package labtest

import (
	"os/exec"
	"strings"
	"testing"
)

// Light sees that a cell which uses the packages links no more than most others, those of the standard library included,
// and none of what is heavy everywhere: the graph compiler, readers of tables and pictures, network protocols. Nor any
// whose path has one of the words besides.
func Light(t *testing.T, most int, packages []string, besides ...string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-deps"}, packages...)...)
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Fields(string(out))
	if len(list) > most {
		t.Errorf("%d packages, want %d or fewer", len(list), most)
	}
	heavy := append([]string{"gomlx", "go-xla", "arrow", "parquet", "gonum", "net/http", "crypto/tls", "image", "gonb",
		"data/table"}, besides...)
	for _, p := range list {
		for _, word := range heavy {
			if strings.Contains(p, word) {
				t.Errorf("%s is linked into cells", p)
			}
		}
	}
}
