package table

import (
	"encoding/json"
	"strings"

	"github.com/go-siamese/lab/data"
)

// storedKey is the entry of a Parquet or Arrow file's metadata under which the blocks lie.
const storedKey = "siamese-lab.blocks"

// storedBlocks is what a file written by this package says of its blocks.
type storedBlocks struct {
	Blocks []storedBlock `json:"blocks"`
}

type storedBlock struct {
	Name  string `json:"name"`
	Width int    `json:"width"`
}

// storeBlocks returns the metadata entry for the blocks of f.
func storeBlocks(f *data.Frame) (string, error) {
	var s storedBlocks
	for _, b := range f.Blocks {
		s.Blocks = append(s.Blocks, storedBlock{b.Name, b.Width()})
	}
	text, err := json.Marshal(s)
	return string(text), err
}

// parseStored reads such an entry; nil = there is none that can be used. A file that other
// tools changed may have lost or kept it: it is a hint, used where it fits.
func parseStored(text string) *storedBlocks {
	var s storedBlocks
	if text == "" || json.Unmarshal([]byte(text), &s) != nil {
		return nil
	}
	return s.sound()
}

// sound returns s, or nil where it cannot be the blocks of a frame.
func (s *storedBlocks) sound() *storedBlocks {
	seen := make(map[string]bool)
	for _, b := range s.Blocks {
		if b.Name == "" || b.Width <= 0 || seen[b.Name] {
			return nil
		}
		seen[b.Name] = true
	}
	return s
}

// fits says whether the blocks together have as many columns as there are features.
func (s *storedBlocks) fits(features []string) bool {
	if s == nil {
		return false
	}
	left := len(features)
	for _, b := range s.Blocks {
		if b.Width > left {
			return false
		}
		left -= b.Width
	}
	return left == 0
}

func (s *storedBlocks) blocks() []data.Block {
	var blocks []data.Block
	at := 0
	for _, b := range s.Blocks {
		blocks = append(blocks, data.Block{Name: b.Name, Start: at, End: at + b.Width})
		at += b.Width
	}
	return blocks
}

func joined(parts []string) string { return strings.Join(parts, ", ") }
