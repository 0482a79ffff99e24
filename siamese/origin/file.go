package origin

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/provenance"
)

// File is a file that something is from.
type File struct {
	Name  string `json:"name"`             // without its folder
	Bytes int64  `json:"bytes,omitempty"`  // 0 for a folder
	SHA   string `json:"sha256,omitempty"` // "" for a folder and for what is large
}

// largest is the size in bytes up to which a file is hashed: a tenth of a second.
const largest = 64 << 20

// opened returns the tables, pictures and lists of labels that this program has opened, in that order, without those
// that are no longer there.
func opened() []File {
	var out []File
	for _, path := range provenance.DataFiles() {
		if f, ok := Of(path); ok && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// hashed remembers hashes by what files look like: a program that trains several models names the same files in each.
var hashed sync.Map

// seen is how a file looks.
type seen struct {
	path     string
	bytes    int64
	modified time.Time
}

// Of returns the file or folder at path, false where it cannot be read.
func Of(path string) (File, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, false
	}
	out := File{Name: filepath.Base(path)}
	if info.IsDir() {
		return out, true
	}
	if out.Bytes = info.Size(); out.Bytes > largest {
		return out, true
	}
	look := seen{path, info.Size(), info.ModTime()}
	if known, ok := hashed.Load(look); ok {
		out.SHA, _ = known.(string)
		return out, true
	}
	if _, out.SHA, err = openfile.Hash(path); err != nil { // it was told when its content was used
		return File{}, false
	}
	if now, err := os.Stat(path); err != nil || (seen{path, now.Size(), now.ModTime()}) != look {
		return File{}, false // what was read is gone
	}
	hashed.Store(look, out.SHA)
	return out, true
}
