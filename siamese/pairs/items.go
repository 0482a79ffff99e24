package pairs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/go-siamese/lab/data"
)

// Only returns the items of frame that are in pairs, as a frame, and the pairs renumbered to its rows.
func (p Pairs) Only(frame *data.Frame) (*data.Frame, Pairs) {
	items := p.Items(frame.N())
	row := make([]int32, frame.N())
	for i, item := range items {
		row[item] = int32(i)
	}
	out := Pairs{Label: p.Label, Weight: p.Weight, Left: make([]int32, p.Len()), Right: make([]int32, p.Len())}
	for k := range p.Left {
		out.Left[k], out.Right[k] = row[p.Left[k]], row[p.Right[k]]
	}
	return frame.Select(items), out
}

// Counts returns the number of positive and of negative pairs with a weight above 0.
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

// HashPairs returns one SHA-256, in hexadecimal, of several tables of pairs.
func HashPairs(tables ...Pairs) string {
	sum := sha256.New()
	for _, p := range tables {
		for _, list := range []any{int64(p.Len()), p.Left, p.Right, p.Label, int64(len(p.Weight)), p.Weight} {
			_ = binary.Write(sum, binary.LittleEndian, list) // a hash never fails
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}
