package siamese

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
)

// itemsHash returns a hash of the ids and labels of items that does not depend on their order.
func itemsHash(f *data.Frame) string {
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

// hashTexts returns a hash of what write adds, as "sha256:" and 64 hex digits. Every text stands behind its length, so that no
// two lists spell the same bytes.
func hashTexts(write func(add func(string))) string {
	h := sha256.New()
	write(func(s string) {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
		h.Write([]byte(s))
	})
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// pairsHash returns a hash of pairs that depends neither on their order nor on which item is left.
func pairsHash(p itemPairs) string {
	list := make([][4]string, p.pairs.Len())
	for k, label := range p.pairs.Label {
		a, b := p.items.IDs[p.pairs.Left[k]], p.items.IDs[p.pairs.Right[k]]
		number := func(v float32) string { return strconv.FormatFloat(float64(v), 'g', -1, 32) }
		list[k] = [4]string{min(a, b), max(a, b), number(label), number(p.pairs.weight(k))}
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
