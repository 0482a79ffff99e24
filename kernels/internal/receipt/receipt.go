// Package receipt says how a notebook's outputs came to be: with which versions, on which machine, from which files, by
// which code. [Notebook] stands in the notebook's metadata and [Cell] in that of each code cell, so that a saved notebook
// can be verified and reproduced. No receipt has a person's name, a path or the name of a machine.
//
// Digests are SHA-256 in hexadecimal. That of outputs is over their content alone, see the package notebook: not over
// execution counts, nor the way in which a text is cut into lines.
package receipt

import (
	"cmp"
	"reflect"
)

// Format is the version of the receipts that this package writes.
const Format = 1

// Portable ends the name of a backend whose bits are the same on every processor with AVX2 and FMA.
const Portable = ",portable"

// Notebook is what holds for all cells of a notebook.
type Notebook struct {
	Format     int               `json:"format"`
	Lab        Lab               `json:"lab"`
	Go         string            `json:"go"`               // version of the Go toolchain, such as "go1.26.8"
	GoSum      string            `json:"go_sum"`           // digest of the checkout's go.sum: all modules
	Kernel     string            `json:"kernel"`           // "siamese-go" or "siamese-xla"
	GoNB       string            `json:"gonb"`             // version of the compiler of cells
	Backend    string            `json:"backend"`          // "xla", "xla,portable" or "go", as cells open it by default
	Plugin     *File             `json:"plugin,omitempty"` // nil = none: the Go backend
	Processor  Processor         `json:"processor"`
	Parameters map[string]string `json:"parameters,omitempty"` // those that `run -p` set
}

// Lab is the code of the lab.
type Lab struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`  // of the checkout; "" = it is no repository
	Changed bool   `json:"changed,omitempty"` // it had changes that were not committed
	Code    string `json:"code"`              // digest of all Go files of the module, tests left out
}

// Processor is the kind of machine, as far as results may depend on it.
type Processor struct {
	System string   `json:"system"` // "linux/amd64"
	Kind   string   `json:"kind"`   // the model's name, such as "AMD EPYC"
	Sets   []string `json:"sets"`   // instruction sets beyond the baseline, such as "avx2", sorted
	Cores  int      `json:"cores"`
}

// File is a file that a cell read or wrote, or a folder with all that is in it. Name is relative to the notebook's
// folder, else to the checkout, else it is the last part of its path: see [Name].
type File struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`            // of all files of a folder
	SHA   string `json:"sha256,omitempty"` // "" = not known: the cell changed what it had read, or it is gone
}

// Compare orders files by name, then by content.
func (f File) Compare(g File) int {
	return cmp.Or(cmp.Compare(f.Name, g.Name), cmp.Compare(f.SHA, g.SHA))
}

// Like reports whether two notebooks were executed with the same, whatever their parameters, the names of their kernels
// and the commits of what is the same code.
func (n Notebook) Like(m Notebook) bool {
	for _, of := range []*Notebook{&n, &m} {
		of.Kernel, of.Parameters, of.Lab.Commit, of.Lab.Changed = "", nil, "", false
	}
	return reflect.DeepEqual(n, m)
}

// Cell is how one code cell was executed.
type Cell struct {
	Code     string              `json:"code"`    // digest of its source
	Outputs  string              `json:"outputs"` // digest of its outputs
	Seconds  float64             `json:"seconds"`
	Read     []File              `json:"read,omitempty"`
	Written  []File              `json:"written,omitempty"`
	Volatile []string            `json:"volatile,omitempty"` // texts of its outputs that differ from run to run
	Facts    map[string][]string `json:"facts,omitempty"`    // such as "seed" and "backend"
	Session  bool                `json:"session,omitempty"`  // it used values that the session kept
}
