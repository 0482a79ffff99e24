package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// TestAsked: the command line wins over the file, which wins over the environment; what it does not show is told.
func TestAsked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.yaml")
	if err := os.WriteFile(file, []byte("Epochs: 3\nSeed: [1, 2]\nRate: 0.5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	environ := []string{"SIAMESE_PARAM_Seed=9", "SIAMESE_PARAM_Word=a,b", "HOME=/h"}
	r := runCmd{File: file, Params: []notebook.Set{{Name: "Rate", Value: "1"}}}
	var out bytes.Buffer
	asked, err := r.asked(environ, &out)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range asked {
		got = append(got, a.Name+"="+a.Text()+" "+a.From)
	}
	want := []string{"Word=a,b SIAMESE_PARAM_Word", "Epochs=3 " + file + ":1", "Seed=1,2 " + file + ":2", "Rate=1 "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	told := "parameter Word = a,b, from SIAMESE_PARAM_Word\nparameter Epochs = 3, from " + file + ":1\n" +
		"parameter Seed = 1,2, from " + file + ":2\n"
	if diff := cmp.Diff(told, out.String()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	// A notebook that is to be committed has its own.
	if _, err := (&runCmd{Inplace: true}).asked(environ, &out); !errors.Is(err, errInplace) {
		t.Errorf("in place: %v", err)
	}
	if _, err := (&runCmd{File: file + "x"}).asked(nil, &out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
