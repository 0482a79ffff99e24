package milvus

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/quote"
)

// cursor is how far a load is, in a file.
type cursor struct {
	Version    int    `json:"version"`
	Address    string `json:"address"`
	Database   string `json:"database,omitempty"`
	Collection string `json:"collection"`
	Made       string `json:"made"` // of the collection's note
	Rows       int    `json:"rows"` // that the server has acknowledged
	Last       string `json:"last"` // id of the last of them
	SHA256     string `json:"sha256"`
}

const cursorVersion = 1

// readCursor returns what a file says, nil if there is none. One of another collection is an error.
func readCursor(path string, x *Collection) (*cursor, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, err
	}
	var c cursor
	if err := json.Unmarshal(b, &c); err != nil || c.Version != cursorVersion || c.Rows < 0 {
		return nil, fmt.Errorf("%s is no cursor of a load that this version reads: name another file", quote.Text(path))
	}
	if c.Address != x.config.Address || c.Database != x.config.Database || c.Collection != x.name {
		return nil, fmt.Errorf("%s is of a load into %s of %s: name another file", quote.Text(path),
			quote.Text(c.Collection), quote.Text(c.Address))
	}
	return &c, nil
}

// write keeps how far the load is.
func (c *cursor) write(path string) error {
	return atomicfile.WriteOwn(path, func(w io.Writer) error {
		b, err := json.Marshal(c)
		if err == nil {
			_, err = w.Write(append(b, '\n'))
		}
		return err
	})
}

// chain is a digest of rows that can be told after each of them.
type chain struct {
	hash hash.Hash
	sum  [sha256.Size]byte
	b    []byte
}

func newChain() *chain { return &chain{hash: sha256.New()} }

// add takes a row of a table in.
func (c *chain) add(f *data.Frame, i int) [sha256.Size]byte {
	c.hash.Reset()
	c.b = append(c.b[:0], c.sum[:]...)
	for _, t := range []string{f.IDs[i], text(f.Labels, i), text(f.Domains, i)} {
		c.b = binary.LittleEndian.AppendUint64(c.b, uint64(len(t)))
		c.b = append(c.b, t...)
	}
	for _, v := range f.Row(i) {
		c.b = binary.LittleEndian.AppendUint32(c.b, math.Float32bits(v))
	}
	c.hash.Write(c.b)
	c.hash.Sum(c.sum[:0])
	return c.sum
}
