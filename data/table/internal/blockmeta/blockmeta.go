// Package blockmeta keeps the blocks of a frame in the metadata of Parquet and Arrow files:
// [Text] writes the entry, [Parse] and [Blocks.Fits] read it back. Blocks are stored by
// width rather than by place, and without the names of columns, so that the entry stays
// small.
package blockmeta

import (
	"encoding/json"

	"github.com/go-siamese/lab/data"
)

// Key is the entry of a Parquet or Arrow file's metadata under which the blocks lie.
const Key = "siamese-lab.blocks"

// SettingsKey is the entry for the settings that the features were made with, [data.Settings] as they are; there is
// none where they are not known.
const SettingsKey = "siamese-lab.settings"

// Settings returns the settings in such an entry, "" for one that is no JSON object.
func Settings(text string) data.Settings {
	if s := data.Settings(text); s.Validate() == nil {
		return s
	}
	return ""
}

// Blocks is the record of a frame's blocks, in the order of the columns.
type Blocks struct {
	Blocks []Block `json:"blocks"`
}

// Block is one block: its name and number of columns.
type Block struct {
	Name  string `json:"name"`
	Width int    `json:"width"`
}

// Text returns the entry for the blocks of f, JSON under [Key].
func Text(f *data.Frame) (string, error) {
	var s Blocks
	for _, b := range f.Blocks {
		s.Blocks = append(s.Blocks, Block{b.Name, b.Width()})
	}
	text, err := json.Marshal(s)
	return string(text), err
}

// Parse reads such an entry; nil = there is no usable one. A file that other tools changed may have lost or
// kept it: it is a hint, used where it fits.
func Parse(text string) *Blocks {
	var s Blocks
	if text == "" || json.Unmarshal([]byte(text), &s) != nil {
		return nil
	}
	return s.Sound()
}

// Sound returns s, or nil where it cannot be the blocks of a frame: a name that is empty or
// occurs twice, or a block without columns.
func (s *Blocks) Sound() *Blocks {
	seen := make(map[string]bool)
	for _, b := range s.Blocks {
		if b.Name == "" || b.Width <= 0 || seen[b.Name] {
			return nil
		}
		seen[b.Name] = true
	}
	return s
}

// Fits reports whether the blocks together have as many columns as there are features; nil
// fits nothing. Names are not compared: a file whose columns were renamed keeps its blocks.
func (s *Blocks) Fits(features []string) bool {
	if s == nil {
		return false
	}
	left := len(features)
	for _, b := range s.Blocks {
		// Compared before it is subtracted, so that no sum of widths overflows.
		if b.Width > left {
			return false
		}
		left -= b.Width
	}
	return left == 0
}

// All returns the blocks of a frame; the first one starts at column 0. s must fit the
// frame.
func (s *Blocks) All() []data.Block {
	var blocks []data.Block
	at := 0
	for _, b := range s.Blocks {
		blocks = append(blocks, data.Block{Name: b.Name, Start: at, End: at + b.Width})
		at += b.Width
	}
	return blocks
}
