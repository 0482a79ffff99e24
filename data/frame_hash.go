package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
)

// Hash returns the content hash of the frame as "sha256:" and 64 hex digits. It covers
// every value bit for bit and all names, blocks, ids, labels and domains; two frames with
// the same hash hold the same things in the same order. Labels or domains that are nil count
// as a list of "", because they mean the same.
func (f *Frame) Hash() string {
	h := frameHash{Hash: sha256.New(), buf: make([]byte, 0, 1<<16)}
	h.text("lab frame 1")
	h.number(len(f.Blocks))
	for _, b := range f.Blocks {
		h.text(b.Name)
		h.number(b.Start)
		h.number(b.End)
	}
	h.texts(f.Columns, len(f.Columns))
	h.texts(f.IDs, len(f.IDs))
	h.texts(f.Labels, len(f.IDs))
	h.texts(f.Domains, len(f.IDs))
	h.number(len(f.X))
	for _, v := range f.X {
		h.buf = binary.LittleEndian.AppendUint32(h.buf, math.Float32bits(v))
		if len(h.buf) > 1<<16-8 {
			h.flush()
		}
	}
	h.flush()
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// frameHash writes every string behind its length, so that no two lists spell the same bytes.
type frameHash struct {
	hash.Hash
	buf []byte
}

func (h *frameHash) flush() {
	h.Write(h.buf)
	h.buf = h.buf[:0]
}

func (h *frameHash) number(n int) {
	h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(n))
	h.flush()
}

func (h *frameHash) text(s string) {
	h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(len(s)))
	h.buf = append(h.buf, s...)
	h.flush()
}

// texts writes a list; nil stands for n empty strings.
func (h *frameHash) texts(all []string, n int) {
	if all == nil {
		all = make([]string, n)
	}
	h.number(len(all))
	for _, s := range all {
		h.text(s)
	}
}
