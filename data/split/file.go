package split

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
)

// splitManifest is the file format of a split: JSON, so that people can read and compare it. Items stand in it by id,
// not by number, so that it fits the frame in any order.
type splitManifest struct {
	Format            string          `json:"format"` // splitFormat
	Origin            Origin          `json:"origin"`
	Seed              uint64          `json:"seed"`
	HeldOut           []string        `json:"held_out,omitempty"`
	ValHeldOut        []string        `json:"val_held_out,omitempty"`
	HeldOutDomains    []string        `json:"held_out_domains,omitempty"`
	ValHeldOutDomains []string        `json:"val_held_out_domains,omitempty"`
	Frame             string          `json:"frame"`   // the hash of its content
	Columns           string          `json:"columns"` // the hash of its blocks and column names
	Groups            []manifestGroup `json:"groups,omitempty"`
	Grouped           bool            `json:"grouped,omitempty"` // there are groups, if only of one item
	Train             manifestSide    `json:"train"`
	Val               manifestSide    `json:"val"`
	Test              manifestSide    `json:"test"`
	LeftOut           manifestSide    `json:"left_out"` // what is on no side
}

// splitFormat names this version of the format. A file of another version is refused, not guessed at.
const splitFormat = "siamese-lab split 2"

// Save writes the split to a JSON file, for the data that it was made for only. The manifest
// holds how the split was made, the ids of every side, a content hash of every side and a short
// one of every item (values, label and domain), so that [Load] can say what has changed.
// The file appears, or replaces an older one, only when it is complete. A split that does not
// pass [Split.Check] is not written, nor one whose names are not valid UTF-8, nor one with so long names of groups
// that [Load] would refuse it. The cost is that of hashing the frame.
func (s *Split) Save(path string, f *data.Frame) error {
	if err := s.Check(f); err != nil {
		return err
	}
	if err := errors.Join(f.ValidateStructure(), s.writable(f)); err != nil {
		return fmt.Errorf("data: write split %s: %w", quote.Text(path), err)
	}
	// All errors come before the first byte is written.
	text, err := json.Marshal(s.manifest(f))
	if err != nil {
		return fmt.Errorf("data: write split: %w", err)
	}
	if limit := manifestLimit(f); int64(len(text)) > limit {
		return fmt.Errorf("data: write split %s: %d bytes are more than the %d that are read back; "+
			"use shorter names of groups", quote.Text(path), len(text), limit)
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	return nil
}

// Load returns the split in the file at path, for the frame it was made for. Items are
// matched by id: the frame may hold them in another order, and sides are then the indices in
// this frame, but it must hold the same items with the same values, labels and domains, and the
// same columns in the same order. Another frame is an error that names what differs by side.
// So are a file that is no split or of another version of the format, a field that is not known,
// a damaged file, and a split that does not pass [Split.Check].
func Load(path string, f *data.Frame) (*Split, error) {
	// The frame is hashed anew, every time: a hash kept beside it could be out of date.
	file, err := openfile.Regular(path)
	if err != nil {
		return nil, fmt.Errorf("data: open split: %w", err)
	}
	defer file.Close()
	return Read(file, path, f)
}

// Read is [Load] from a reader; name stands for the file in errors. It reads no more
// than a split of that many items can need, so that a file of any size cannot fill the memory.
func Read(r io.Reader, name string, f *data.Frame) (*Split, error) {
	if f == nil {
		return nil, errors.New("data: read split: the frame is nil")
	}
	if err := f.ValidateStructure(); err != nil {
		return nil, fmt.Errorf("data: %s: read split: the frame: %w", quote.Text(name), err)
	}
	text, err := io.ReadAll(io.LimitReader(r, manifestLimit(f)+1))
	if err != nil {
		return nil, fmt.Errorf("data: %s: read split: %w", quote.Text(name), err)
	}
	// What is read passes the same check as what is written: an edited file cannot bring an unsound split in.
	m, err := decodeManifest(text)
	if err == nil {
		var s *Split
		if s, err = m.split(f); err == nil {
			err = s.Check(f)
		}
		if err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("data: %s: %w", quote.Text(name), err)
}

// writable returns an error for a name that is not valid UTF-8: JSON would replace the bytes, and Load would not find
// the item again.
func (s *Split) writable(f *data.Frame) error {
	names := slices.Concat(f.IDs, s.Groups)
	for _, held := range s.held() {
		names = append(names, held.names...)
	}
	for _, name := range names {
		if !utf8.ValidString(name) {
			return fmt.Errorf("the name %q is not valid UTF-8; rename the item, group, class or domain", name)
		}
	}
	return nil
}

// manifestLimit is how many bytes a manifest for f may have: every id stands in it at most twice (on a side and in a
// group), JSON may write a byte as \u0000 (6 bytes), and a group or class may have a name of some length.
func manifestLimit(f *data.Frame) int64 {
	limit := int64(1 << 20) // for what does not grow with the items
	for i, id := range f.IDs {
		limit += 12*int64(len(id)) + 256
		if f.Labels != nil {
			limit += 6 * int64(len(f.Labels[i]))
		}
		if f.Domains != nil {
			limit += 6 * int64(len(f.Domains[i]))
		}
	}
	return limit
}
