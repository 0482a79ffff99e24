package receipt

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCodeOfWorker: the digest of the lab's code is over every file of the module that the session's worker is built
// from, and all others that a cell may link: a receipt that names the code names the worker.
func TestCodeOfWorker(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := NewFiles("").compiled(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json", "./siamese/cmd/siamese-session", "./data/...",
		"./siamese/...", "./kernels/...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	worker := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			Dir, ImportPath                                                                    string
			Module                                                                             *struct{ Main bool }
			GoFiles, CgoFiles, CFiles, CXXFiles, HFiles, SFiles, SysoFiles, EmbedFiles, FFiles []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module == nil || !p.Module.Main {
			continue // go.sum and Go's version have it
		}
		for _, files := range [][]string{p.GoFiles, p.CgoFiles, p.CFiles, p.CXXFiles, p.HFiles, p.SFiles, p.SysoFiles,
			p.EmbedFiles, p.FFiles} {
			for _, name := range files {
				path := filepath.Join(p.Dir, name)
				if strings.HasSuffix(p.ImportPath, "/siamese-session") {
					worker++
				}
				if sums[path] == "" {
					t.Errorf("%s is compiled into %s, and not in the digest", path, p.ImportPath)
				}
			}
		}
	}
	if worker == 0 {
		t.Error("the worker has no files")
	}
}
