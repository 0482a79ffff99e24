package report

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/pairs"
)

// ItemsHash returns a hash of the ids and labels of items that does not depend on their order. Features do not count:
// models may read different ones of the same items and still be compared. No labels are the same as empty ones.
func ItemsHash(f *data.Frame) string {
	order := make([]int, f.N())
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(f.IDs[a], f.IDs[b]) })
	return hashTexts(func(add func(string)) {
		for _, i := range order {
			add(f.IDs[i])
			if f.Labels == nil {
				add("")
			} else {
				add(f.Labels[i])
			}
		}
	})
}

// hashTexts returns a hash of what write adds, as "sha256:" and 64 hex digits. Every text stands behind its length, so
// that no two lists spell the same bytes.
func hashTexts(write func(add func(string))) string {
	h := sha256.New()
	write(func(s string) {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	})
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// PairsHash returns a hash of pairs (ids, labels and weights) that depends neither on their order nor on which item is
// left. No weights are the same as weights of 1.
func PairsHash(p ItemPairs) string {
	list := make([][4]string, p.Pairs.Len())
	for k, label := range p.Pairs.Label {
		a, b := p.Items.IDs[p.Pairs.Left[k]], p.Items.IDs[p.Pairs.Right[k]]
		number := func(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
		list[k] = [4]string{min(a, b), max(a, b), number(label), number(p.Pairs.WeightOf(k))}
	}
	slices.SortFunc(list, func(a, b [4]string) int { return slices.Compare(a[:], b[:]) })
	return hashTexts(func(add func(string)) {
		for _, pair := range list {
			for _, text := range pair {
				add(text)
			}
		}
	})
}

// ItemPairs is pairs with the items that are in them, and no others.
type ItemPairs struct {
	Items *data.Frame
	Pairs pairs.Pairs // by the rows of Items
}
