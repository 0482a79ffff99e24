package data

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"slices"

	"github.com/go-siamese/lab/data/parallel"
)

// Hash returns the content hash of the frame as "sha256:" and 64 hex digits. It covers
// every value bit for bit and all names, blocks, ids, labels and domains; two frames with
// the same hash hold the same things in the same order. Labels or domains that are nil count
// as a list of "", because they mean the same.
func (f *Frame) Hash() string {
	h := frameHash{Hash: sha256.New(), buf: make([]byte, 0, 1<<16)}
	h.text("lab frame 1") // what is hashed, and the version: hashes of different things never agree
	h.names(f)
	h.texts(f.IDs, len(f.IDs))
	h.texts(f.Labels, len(f.IDs))
	h.texts(f.Domains, len(f.IDs))
	h.values(f.X)
	return h.hex()
}

// RowDigests returns the SHA-256 of every item, [N]: of its id, label, domain and values bit for bit. The frame
// must be sound ([Frame.ValidateStructure]). Split files keep these digests, so what they cover must not
// change.
func (f *Frame) RowDigests() [][sha256.Size]byte {
	digests := make([][sha256.Size]byte, f.N())
	at := func(column []string, i int) string {
		if column == nil {
			return ""
		}
		return column[i]
	}
	const step = 256
	parallel.For((len(digests)+step-1)/step, func(part int) {
		h := frameHash{Hash: sha256.New(), buf: make([]byte, 0, 1<<16)}
		for i := part * step; i < min(len(digests), (part+1)*step); i++ {
			h.Reset()
			h.text("lab item 1")
			h.text(f.IDs[i])
			h.text(at(f.Labels, i))
			h.text(at(f.Domains, i))
			h.values(f.Row(i))
			h.Sum(digests[i][:0])
		}
	})
	return digests
}

// ColumnsHash returns the hash of the column names and blocks, in the form of [Frame.Hash]. Frames with equal
// hashes can share a transform or a split without matching columns by name.
func (f *Frame) ColumnsHash() string {
	h := frameHash{Hash: sha256.New()}
	h.text("lab columns 1")
	h.names(f)
	return h.hex()
}

// SideHash returns a hash of some items that does not depend on their order, in the form of [Frame.Hash].
// digests are those of [Frame.RowDigests], for all items of f. It panics when an index is out of range.
func SideHash(f *Frame, items []int, digests [][sha256.Size]byte) string {
	byID := slices.SortedFunc(slices.Values(items), func(a, b int) int { return cmp.Compare(f.IDs[a], f.IDs[b]) })
	h := frameHash{Hash: sha256.New()}
	h.text("lab side 1")
	h.number(len(items))
	for _, i := range byID {
		h.Write(digests[i][:])
	}
	return h.hex()
}

// frameHash writes every string after its length, so that different lists never give the same bytes: "ab", "" and "a",
// "b" differ. Numbers are little-endian, 8 bytes, on every machine. Files keep the hashes, so no byte may change.
type frameHash struct {
	hash.Hash
	// buf collects small writes.
	buf []byte
}

// flush writes what buf holds. Writing to a hash cannot fail.
func (h *frameHash) flush() {
	h.Write(h.buf)
	h.buf = h.buf[:0]
}

// number writes a count or a place.
func (h *frameHash) number(n int) {
	h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(n))
	h.flush()
}

// text writes the length of a string and its bytes.
func (h *frameHash) text(s string) {
	h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(len(s)))
	h.buf = append(h.buf, s...)
	h.flush()
}

// names writes the blocks and columns of a frame.
func (h *frameHash) names(f *Frame) {
	h.number(len(f.Blocks))
	for _, b := range f.Blocks {
		h.text(b.Name)
		h.number(b.Start)
		h.number(b.End)
	}
	h.texts(f.Columns, len(f.Columns))
}

// values writes float32 values bit for bit, little-endian, after their number.
func (h *frameHash) values(all []float32) {
	h.number(len(all))
	for _, v := range all {
		h.buf = binary.LittleEndian.AppendUint32(h.buf, math.Float32bits(v))
		if len(h.buf) > 1<<16-8 {
			h.flush()
		}
	}
	h.flush()
}

// hex returns the hash of all that was written, in the form of [Frame.Hash].
func (h *frameHash) hex() string { return "sha256:" + hex.EncodeToString(h.Sum(nil)) }

// texts writes the length of a list and its strings; nil stands for n empty strings.
func (h *frameHash) texts(all []string, n int) {
	if all == nil {
		all = make([]string, n)
	}
	h.number(len(all))
	for _, s := range all {
		h.text(s)
	}
}
