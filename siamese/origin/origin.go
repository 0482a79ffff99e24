// Package origin says how a model or a report came to be: by which program, on which kind of processor, by which
// backend, with which seed and from which files. Models, reports and pages carry it, so that somebody who gets other
// numbers can see why. It has no path, no person and no name of a machine, and links no graph compiler.
package origin

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/quote"
)

// Origin is what numbers may depend on beside the settings. What is not known is empty. The version of the lab stands
// beside it, in the file that it is part of.
type Origin struct {
	Go        string   `json:"go"`                // version of the Go toolchain, such as "go1.26.8"
	System    string   `json:"system"`            // such as "linux/amd64"
	Processor string   `json:"processor"`         // model, such as "AMD EPYC"
	Sets      []string `json:"sets,omitempty"`    // of instructions that libraries choose code by, such as "avx2", sorted
	Threads   int      `json:"threads,omitempty"` // that share the work
	Backend   string   `json:"backend,omitempty"` // "go", or "xla:" and its devices' kind: "xla:cpu"; ",portable" for such bits
	Plugin    *File    `json:"plugin,omitempty"`  // of XLA; nil = none, or not known
	Seed      uint64   `json:"seed"`
	Data      []File   `json:"data,omitempty"` // that the items are from; empty = not known, as for the built-in ones
}

// Here returns the origin of what this program computes on this machine, without backend, seed and data.
func Here() Origin {
	model, sets := Processor()
	for i, set := range sets {
		sets[i] = strings.ToLower(set)
	}
	slices.Sort(sets)
	return Origin{Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Processor: model, Sets: sets,
		Threads: runtime.GOMAXPROCS(0)}
}

// With returns the origin with a seed and the files that items are from; nil = the tables, pictures and lists of labels
// that this program has opened.
func (o Origin) With(seed uint64, files []File) *Origin {
	if files == nil {
		files = opened()
	}
	o.Seed, o.Data = seed, files
	return &o
}

// By says in a line by what it was computed: "go1.26.8 on linux/amd64, AMD EPYC (avx2 fma3), 2 threads; backend
// xla:cpu, plugin pjrt.so (202 MB, sha256 ad1309ac822b)".
func (o *Origin) By() string {
	text := fmt.Sprintf("%s on %s, %s", o.Go, o.System, o.Processor)
	if len(o.Sets) > 0 {
		text += " (" + strings.Join(o.Sets, " ") + ")"
	}
	if o.Threads > 0 {
		text += ", " + quote.Count(o.Threads, "thread")
	}
	if o.Backend != "" {
		text += "; backend " + o.Backend
	}
	if o.Plugin != nil {
		text += ", plugin " + o.Plugin.String()
	}
	return quote.Line(text)
}

// From names in a line the files that the items are from, "" where none is known.
func (o *Origin) From() string {
	names := make([]string, len(o.Data))
	for k, f := range o.Data {
		names[k] = f.String()
	}
	return strings.Join(names, ", ")
}

// String returns [Origin.By] with the seed and, where files are known, [Origin.From], a line each.
func (o *Origin) String() string {
	text := fmt.Sprintf("computed by %s; seed %d", o.By(), o.Seed)
	if from := o.From(); from != "" {
		text += "\nfrom " + from
	}
	return text
}

// String returns the file with its size and the first digits of its hash.
func (f File) String() string {
	var about []string
	if f.Bytes > 0 {
		about = append(about, memory.Size(float64(f.Bytes)))
	}
	if f.SHA != "" {
		about = append(about, "sha256 "+quote.Text(f.SHA[:min(12, len(f.SHA))]))
	}
	if len(about) == 0 {
		return quote.Text(f.Name)
	}
	return quote.Text(f.Name) + " (" + strings.Join(about, ", ") + ")"
}
