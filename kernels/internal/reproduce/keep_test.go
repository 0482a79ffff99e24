package reproduce

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/kept"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// put writes a file and makes its folder.
func put(t *testing.T, content string, path ...string) {
	t.Helper()
	at := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// smallLab returns a lab and a checkout in which a kernel of that name is installed.
func smallLab(t *testing.T, kernel string) place.Lab {
	t.Helper()
	lab := place.Lab{Dir: t.TempDir(), Repo: t.TempDir()}
	put(t, "module "+place.ModulePath+"\n", lab.Repo, "go.mod")
	put(t, "", lab.Repo, "go.sum")
	put(t, "module tools\n", lab.ToolsMod())
	spec, err := json.Marshal(setup.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	put(t, string(spec), lab.Kernels(), kernel, "kernel.json")
	return lab
}

// What a run has executed is kept, unless it followed from what a run elsewhere would not have, or something changed
// meanwhile.
func TestKeep(t *testing.T) {
	file := func(name string) receipt.File { return receipt.File{Name: name, SHA: receipt.Digest([]byte(name))} }
	tests := []struct {
		name      string
		cells     []receipt.Cell
		elsewhere bool // the executed notebook is put into another folder
		meanwhile func(t *testing.T, lab place.Lab, folder string)
		kept      bool
	}{
		{"a file beside it", []receipt.Cell{{Read: []receipt.File{file("a.csv")}}, {}}, false, nil, true},
		{"its own file", []receipt.Cell{{Written: []receipt.File{file("runs/m")}}, {Read: []receipt.File{file("runs/m")}}},
			false, nil, true},
		{"a file of an earlier run", []receipt.Cell{{Read: []receipt.File{file("runs/m")}}, {}}, false, nil, false},
		{"elsewhere", []receipt.Cell{{}, {}}, true, nil, false},
		{"results", []receipt.Cell{{}, {}}, false, func(t *testing.T, _ place.Lab, folder string) {
			put(t, "", folder, "b.executed.ipynb")
			put(t, "", folder, "runs", "other")
		}, true},
		{"a new file", []receipt.Cell{{}, {}}, false, func(t *testing.T, _ place.Lab, folder string) {
			put(t, "", folder, "labels.csv")
		}, false},
		{"new code", []receipt.Cell{{}, {}}, false, func(t *testing.T, lab place.Lab, _ string) {
			put(t, "package x", lab.Repo, "x.go")
		}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lab, folder := smallLab(t, setup.KernelGo), t.TempDir()
			put(t, "a.csv", folder, "a.csv")
			put(t, "runs/m", folder, "runs", "m")
			put(t, "{}", folder, "a.ipynb")
			keep := Keep(t.Context(), lab, setup.KernelGo, filepath.Join(folder, "a.ipynb"))
			nb := executedNotebook(t, "1", "2")
			sign := func(nb *notebook.Notebook) {
				for i, r := range test.cells {
					r.Code, r.Outputs = nb.Cells[i].CodeDigest(), nb.Cells[i].OutputsDigest()
					nb.Cells[i].SetReceipt(&r)
				}
			}
			sign(nb)
			at := filepath.Join(folder, "a.executed.ipynb")
			if test.elsewhere {
				at = filepath.Join(t.TempDir(), "a.executed.ipynb")
			}
			if err := nb.Write(at); err != nil {
				t.Fatal(err)
			}
			if test.meanwhile != nil {
				test.meanwhile(t, lab, folder)
			}
			err := keep(at)
			var unfit *kept.Unfit
			if (err == nil) != test.kept || err != nil && !errors.As(err, &unfit) && !errors.Is(err, errChanged) {
				t.Errorf("kept: %v, want %v", err, test.kept)
			}
			v, ok, err := FromKept(t.Context(), at, Options{Lab: lab, Kernel: setup.KernelGo})
			if err != nil || ok != test.kept || ok && (v.State != Same || !v.Kept || len(v.Cells) != 2) {
				t.Errorf("from what was kept: %v %+v %v", ok, v, err)
			}
			if !test.kept {
				return
			}
			// The same code with other outputs is judged by what was kept.
			other := executedNotebook(t, "1", "3")
			sign(other)
			if err := other.Write(at); err != nil {
				t.Fatal(err)
			}
			if v, ok, err := FromKept(t.Context(), at, Options{Lab: lab, Kernel: setup.KernelGo}); err != nil || !ok ||
				v.Cells[1].State != Different {
				t.Errorf("other outputs: %v %+v %v", ok, v, err)
			}
		})
	}
}

// A notebook that is none is an error; without a kernel there is nothing kept.
func TestFromKeptFaults(t *testing.T) {
	lab := smallLab(t, setup.KernelGo)
	bad := filepath.Join(t.TempDir(), "bad.ipynb")
	put(t, "{", bad)
	if _, _, err := FromKept(t.Context(), bad, Options{Lab: lab}); err == nil {
		t.Error("no error of a file that is no notebook")
	}
	good := filepath.Join(filepath.Dir(bad), "good.ipynb")
	nb := executedNotebook(t, "1")
	if err := nb.Write(good); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := FromKept(t.Context(), good, Options{Lab: lab, Kernel: "none"}); ok || err != nil {
		t.Errorf("no kernel: %v, %v", ok, err)
	}
	if nb, err := notebook.Read(good); err != nil || nb.Cells[0].Receipt() == nil {
		t.Errorf("the notebook was changed: %v", err)
	}
}
