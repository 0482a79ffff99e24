package split

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
)

// manifestSide holds the items of a side by id, and what they held when the split was made.
type manifestSide struct {
	Hash string   `json:"hash"` // of all items, whatever their order, see [data.SideHash]
	IDs  []string `json:"ids"`
	Rows []string `json:"rows"` // the start of every item's hash, in the order of IDs; see shortDigest
}

// manifestGroup is a group of two items or more, by ids. Items that are alone are not written.
type manifestGroup struct {
	Name string   `json:"name"`
	IDs  []string `json:"ids"`
}

// drawAgain is the way out of every damage of a manifest.
const drawAgain = "draw the split again, with the same options and seed"

// manifest returns the file's content. The split must be sound for the frame.
func (s *Split) manifest(f *data.Frame) *splitManifest {
	digests := f.RowDigests()
	left := make([]bool, f.N()) // items that no side has taken yet
	for i := range left {
		left[i] = true
	}
	side := func(items []int) manifestSide {
		for _, i := range items {
			left[i] = false
		}
		m := manifestSide{Hash: data.SideHash(f, items, digests), IDs: selection.Pick(f.IDs, items),
			Rows: make([]string, len(items))}
		for k, i := range items {
			m.Rows[k] = shortDigest(digests[i])
		}
		return m
	}
	m := &splitManifest{
		Format: splitFormat, Origin: s.Origin, Seed: s.Seed, Frame: f.Hash(), Columns: f.ColumnsHash(),
		HeldOut: s.HeldOut, ValHeldOut: s.ValHeldOut, HeldOutDomains: s.HeldOutDomains,
		ValHeldOutDomains: s.ValHeldOutDomains,
		Train:             side(s.Train), Val: side(s.Val), Test: side(s.Test), Grouped: len(s.Groups) > 0,
	}
	// Items on no side are written too: else a frame with more items than the split was made for would pass.
	m.LeftOut = side(slices.DeleteFunc(selection.All(f.N()), func(i int) bool { return !left[i] }))
	place := make(map[string]int) // of a group in m.Groups, which are by first occurrence
	for i, g := range tidyGroups(s.Groups) {
		if g == "" {
			continue
		}
		k, ok := place[g]
		if !ok {
			k = len(m.Groups)
			place[g] = k
			m.Groups = append(m.Groups, manifestGroup{Name: g})
		}
		m.Groups[k].IDs = append(m.Groups[k].IDs, f.IDs[i])
	}
	return m
}

// decodeManifest reads a manifest of this version. Fields that are not known and text behind the manifest are errors:
// what this version does not understand may matter.
func decodeManifest(text []byte) (*splitManifest, error) {
	// The format comes first: the fields of another version say nothing about damage.
	// A file without this beginning is none of this lab's; the decoder below says what is wrong with it.
	var version struct {
		Format string `json:"format"`
	}
	if json.Unmarshal(text, &version) == nil && version.Format != splitFormat && strings.HasPrefix(version.Format,
		"siamese-lab split ") {
		return nil, fmt.Errorf("the split's format is %q, this version reads %q; "+
			"%s, or read it with the version that wrote it", version.Format, splitFormat, drawAgain)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var m splitManifest
	if err := decoder.Decode(&m); err != nil {
		return nil, fmt.Errorf("not a split manifest, or a damaged one (at byte %d): %w; %s", decoder.InputOffset(),
			err, drawAgain)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("there is more behind the split manifest (from byte %d); %s", decoder.InputOffset(),
			drawAgain)
	}
	if m.Format != splitFormat {
		return nil, fmt.Errorf("the format is %q, want %q; %s", m.Format, splitFormat, drawAgain)
	}
	return &m, nil
}

// namedSide is a side of a manifest with its name in errors.
type namedSide struct {
	name string
	*manifestSide
}

// sides returns the sides in the order of the file; the last one holds the items that are on no side of the split.
func (m *splitManifest) sides() []namedSide {
	return []namedSide{{"train", &m.Train}, {"validation", &m.Val}, {"test", &m.Test}, {"left out", &m.LeftOut}}
}

// split returns the split for a frame that holds the same items, in whatever order. What differs between the frames is
// collected for one error; what contradicts itself within the file is damage, and an error at once.
func (m *splitManifest) split(f *data.Frame) (*Split, error) {
	digests, place := f.RowDigests(), selection.Positions(f.IDs)
	var differs []string
	if m.Columns != f.ColumnsHash() {
		differs = append(differs, "the columns or blocks are others, or in another order")
	}
	owner := make([]string, f.N()) // the name of an item's side, "" = none so far
	var sides [4][]int             // as items of f, ascending; the last are left out
	for k, side := range m.sides() {
		if len(side.IDs) != len(side.Rows) {
			return nil, fmt.Errorf("%s: %d ids and %d hashes of items: the file is damaged; %s", side.name,
				len(side.IDs), len(side.Rows), drawAgain)
		}
		var missing, changed []string
		for j, id := range side.IDs {
			i, ok := place[id]
			switch { // an item twice is damage: this package never writes one
			case !ok:
				missing = append(missing, id)
				continue
			case owner[i] != "":
				return nil, fmt.Errorf("item %q is on the %s side and on the %s side: the file is damaged; %s", id,
					owner[i], side.name, drawAgain)
			case side.Rows[j] != shortDigest(digests[i]):
				changed = append(changed, id)
			}
			owner[i] = side.name
			sides[k] = append(sides[k], i)
		}
		if len(missing) > 0 {
			differs = append(differs, fmt.Sprintf("%s: %d items are not in this frame: %s", side.name, len(missing),
				listing.Quoted(missing)))
		}
		if len(changed) > 0 {
			differs = append(differs, fmt.Sprintf("%s: %d items have another value, label or domain: %s", side.name,
				len(changed), listing.Quoted(changed)))
		}
		slices.Sort(sides[k])
	}
	// The file has every item of its frame, so any other item is new.
	var more []string
	for i, side := range owner {
		if side == "" {
			more = append(more, f.IDs[i])
		}
	}
	if len(more) > 0 {
		differs = append(differs, fmt.Sprintf("%d items were not in that frame: %s", len(more), listing.Quoted(more)))
	}
	// Both hashes and sizes are in the error, so that one can tell which frame the split belongs to.
	if len(differs) > 0 {
		items := len(m.Train.IDs) + len(m.Val.IDs) + len(m.Test.IDs) + len(m.LeftOut.IDs)
		return nil, fmt.Errorf("the split was made for another frame: %s with %d items, this one is %s with %d "+
			"items (%s); load the data it was made for, or draw the split again",
			m.Frame, items, f.Hash(), f.N(), strings.Join(differs, "; "))
	}
	// The hashes of items are cut short, so equal ones prove little; the whole hash of a side does.
	for k, side := range m.sides() {
		if side.Hash != data.SideHash(f, sides[k], digests) {
			return nil, fmt.Errorf("%s: the items do not give the hash that is written for the side: "+
				"the file is damaged or was edited; %s", side.name, drawAgain)
		}
	}
	s := &Split{Train: sides[0], Val: sides[1], Test: sides[2], Seed: m.Seed, Origin: m.Origin,
		HeldOut: m.HeldOut, ValHeldOut: m.ValHeldOut, HeldOutDomains: m.HeldOutDomains,
		ValHeldOutDomains: m.ValHeldOutDomains}
	var err error
	s.Groups, err = m.groups(f, place)
	return s, err
}

// groups returns the group of every item [N], nil where the split has no groups. place is that of an id in the frame.
func (m *splitManifest) groups(f *data.Frame, place map[string]int) ([]string, error) {
	if !m.Grouped {
		if len(m.Groups) > 0 {
			return nil, errors.New(`there are groups although "grouped" is not set: the file is damaged; ` + drawAgain)
		}
		return nil, nil
	}
	// Split.Check looks for groups on two sides; here it is only whether the list makes sense.
	groups := make([]string, f.N())
	seen := make(map[string]bool)
	for _, g := range m.Groups {
		if g.Name == "" || seen[g.Name] || len(g.IDs) < 2 {
			return nil, fmt.Errorf("group %q has no name, comes twice, or has fewer than two items: "+
				"the file is damaged; %s", g.Name, drawAgain)
		}
		seen[g.Name] = true
		for _, id := range g.IDs {
			i, ok := place[id]
			if !ok || groups[i] != "" {
				return nil, fmt.Errorf("group %q: item %q is unknown or in two groups: the file is damaged; %s",
					g.Name, id, drawAgain)
			}
			groups[i] = g.Name
		}
	}
	return groups, nil
}

// shortDigest returns the first 8 bytes of a hash, in hexadecimal. They are enough to name an item that has changed;
// the hash of the side, which proves that none has, is kept whole.
func shortDigest(digest [sha256.Size]byte) string { return hex.EncodeToString(digest[:8]) }
