package kept

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// format is the version of what is kept; another one keeps anew.
const format = 2

// Surroundings returns a digest of all that the outputs of any notebook follow from: the kernel with its environment,
// the lab's code, go.sum and Go, the plugin, the processor, and variables of the environment that the lab reads. The
// error is of reading these.
func (s *Store) Surroundings(ctx context.Context, kernel string) (string, error) {
	spec, err := setup.ReadSpec(s.lab, kernel)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return "", err
	}
	code, err := s.files.Code(ctx, s.lab.Repo)
	if err != nil {
		return "", err
	}
	sum, err := receipt.GoSum(s.lab.Repo)
	if err != nil {
		return "", err
	}
	tools, err := os.ReadFile(s.lab.ToolsMod())
	if err != nil {
		return "", err
	}
	plugin, err := s.plugin(ctx, spec)
	if err != nil {
		return "", err
	}
	machine, err := json.Marshal(receipt.Machine())
	if err != nil {
		return "", err
	}
	return digest(fmt.Sprint(format), kernel, string(text), code.Code, sum, string(tools), runtime.Version(), plugin,
		string(machine), strings.Join(environment(), "\x00")), nil
}

// Key returns the key of a notebook's cells: a digest of all that their outputs follow from, but the files that they
// read. That is what [Store.Surroundings] has, the sources and tags of the code cells in their order, and the names of
// the files that lie beside the notebook.
func Key(surroundings string, nb *notebook.Notebook, names []string) string {
	parts := []string{surroundings, strings.Join(slices.Sorted(slices.Values(names)), "\x00")}
	for _, c := range nb.Cells {
		if c.Type() == "code" {
			parts = append(parts, c.ID(), c.Source(), strings.Join(c.Tags(), "\x00"))
		}
	}
	return digest(parts...)
}

// digest returns the digest of a list of texts; no two lists have one.
func digest(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&b, "%d %s", len(part), part)
	}
	return receipt.Digest([]byte(b.String()))
}

// plugin returns the digest of the plugin that a kernelspec names, "" = none.
func (s *Store) plugin(ctx context.Context, spec setup.Spec) (string, error) {
	path, ok := strings.CutPrefix(spec.Env["GOMLX_BACKEND"], "xla:")
	if !ok {
		return "", nil
	}
	file, err := s.files.Hash(ctx, path)
	return file.SHA, err
}

// prefixes begin the names of variables of the environment that may change a result.
var prefixes = []string{"SIAMESE_", "GOMLX", "XLA_", "PJRT_", "TF_", "GO", "NPROC", "OMP_", "CGO_", "CC", "CXX",
	"LD_", "TZ", "LANG", "LC_"}

// environment returns those variables, sorted. The lab's directory is not one of them: it is where this is kept.
func environment() []string {
	var all []string
	for _, v := range os.Environ() {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(v, p) }) &&
			!strings.HasPrefix(v, "SIAMESE_LAB_DIR=") {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}

// valid returns why kept cells do not hold any more; nil = each file that one of them read is as it was, or was
// made so by a cell before it.
//
// Values that a session had do not matter: each belongs to the hash of all that it follows from, which is less than a key
// has, so that another session computes the same. See [Fit] for what asks a session for more.
func (s *Store) valid(ctx context.Context, k *Kept, folder string) error {
	written := maps.Clone(k.Made)
	if written == nil {
		written = map[string]string{}
	}
	for i, c := range k.Notebook.Cells {
		if c.Type() != "code" || c.Empty() {
			continue
		}
		r := c.Receipt()
		switch {
		case r == nil || c.Count() == 0:
			return &Unfit{i + 1, "has no receipt"}
		case r.Code != c.CodeDigest() || r.Outputs != c.OutputsDigest():
			return &Unfit{i + 1, "is not as it was executed"}
		case len(r.Facts["session"]) > 0:
			return &Unfit{i + 1, "has a note on the session: " + strings.Join(r.Facts["session"], ", ")}
		}
		for _, f := range r.Read {
			if sum, ok := written[f.Name]; f.SHA == "" || ok && sum != f.SHA {
				return &Unfit{i + 1, "reads " + f.Name + ", which changed meanwhile"}
			} else if ok {
				continue
			}
			if err := s.unchanged(ctx, f, folder); err != nil {
				return &Unfit{i + 1, err.Error()}
			}
		}
		for _, f := range r.Written {
			written[f.Name] = f.SHA
		}
	}
	return nil
}

// unchanged returns an error unless a file that a receipt names is there as it was, and nothing else has its name.
func (s *Store) unchanged(ctx context.Context, f receipt.File, folder string) error {
	path, ok := receipt.Find(f.Name, folder, s.lab.Repo)
	if !ok {
		return fmt.Errorf("reads %s, which is elsewhere", f.Name)
	}
	if other, ok := receipt.Find(f.Name, "", s.lab.Repo); ok && other != path && !sameFile(other, path) {
		return fmt.Errorf("reads %s, which may be another one in the checkout", f.Name)
	}
	now, err := s.files.Hash(ctx, path)
	if err != nil {
		return fmt.Errorf("reads %s: %w", f.Name, err)
	}
	if now.SHA != f.SHA {
		return fmt.Errorf("reads %s, which has changed", f.Name)
	}
	return nil
}

// sameFile reports whether two paths are of one file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// NewStore returns the store in a lab's directory. Nothing is read or written yet.
func NewStore(lab place.Lab) *Store {
	dir := filepath.Join(lab.State(), "cells")
	return &Store{lab: lab, dir: dir, files: receipt.NewFiles(filepath.Join(dir, "digests"))}
}
