package pairs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/go-siamese/lab/data"
)

// Only returns the items of frame that are in pairs, as a frame, and the pairs renumbered to its rows. Items keep their
// order. Labels and weights are shared with p, not copied. The pairs must be valid for frame.
func (p Pairs) Only(frame *data.Frame) (*data.Frame, Pairs) {
	items := p.Items(frame.N())
	row := make([]int32, frame.N()) // of an item in the new frame; unused items keep 0 and are never looked up
	for i, item := range items {
		row[item] = int32(i)
	}
	out := Pairs{Label: p.Label, Weight: p.Weight, Left: make([]int32, p.Len()), Right: make([]int32, p.Len())}
	for k := range p.Left {
		out.Left[k], out.Right[k] = row[p.Left[k]], row[p.Right[k]]
	}
	return frame.Select(items), out
}

// Counts returns the number of positive and of negative pairs (see [Pairs.Same]) with a weight above 0. It counts
// pairs, it does not add up weights.
func (p Pairs) Counts() (same, different int) {
	for k := range p.Label {
		switch {
		case p.WeightOf(k) == 0:
		case p.Same(k):
			same++
		default:
			different++
		}
	}
	return same, different
}

// HashPairs returns one SHA-256, in hexadecimal, of several tables of pairs: of their items, labels and weights in
// order. A checkpoint keeps it, so that a run is resumed with the same pairs only. Lengths are hashed as well, so
// that moving a pair from one table to the next gives another hash; no weights and weights of 1 differ too.
func HashPairs(tables ...Pairs) string {
	sum := sha256.New()
	for _, p := range tables {
		for _, list := range []any{int64(p.Len()), p.Left, p.Right, p.Label, int64(len(p.Weight)), p.Weight} {
			_ = binary.Write(sum, binary.LittleEndian, list) // a hash never fails
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}
