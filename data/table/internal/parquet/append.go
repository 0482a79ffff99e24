package parquet

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// Writer writes a Parquet file a frame of some items at a time, for tables longer than the
// memory. The file is, byte for byte, the one that [Write] makes of all items at once,
// however they are divided: it holds back the items that do not fill a row group yet, up to
// 128 MiB of values and their texts. Not safe for several goroutines.
type Writer struct {
	out     *file.Writer
	rows    int // of a group
	as      writing.Number
	pending *data.Frame // items of the group that is not full yet
	err     error       // after which the file cannot be mended
}

// NewWriter begins a file whose columns, blocks and settings are those of like, and which has labels
// and domains when like has (non-nil) Labels and Domains; its items do not matter and may be none.
// The file is complete when Close has returned nil; w is not closed.
func NewWriter(w io.Writer, like *data.Frame) (*Writer, error) {
	return NewWriterAs(w, like, writing.Float32)
}

// NewWriterAs is [NewWriter] with numbers of a type, which has to hold those of all items.
func NewWriterAs(w io.Writer, like *data.Frame, as writing.Number) (_ *Writer, err error) {
	defer tableerr.Guard("write Parquet", &err)
	// Not nil: an empty column of labels is a column.
	empty := &data.Frame{Columns: like.Columns, Blocks: like.Blocks, Settings: like.Settings}
	if like.Labels != nil {
		empty.Labels = []string{}
	}
	if like.Domains != nil {
		empty.Domains = []string{}
	}
	if err := writing.CheckColumns(empty); err != nil {
		return nil, err
	}
	// Writes the magic word: a w that fails shows at once.
	out, err := begin(w, writing.RoleColumns(empty), empty, as)
	if err != nil {
		return nil, err
	}
	return &Writer{out: out, rows: groupRows(empty), as: as, pending: empty}, nil
}

// Write appends the items of f; values that are held back are copied, so f may change
// afterwards. It is an error when f is not a sound frame, or has other columns, blocks,
// settings, labels or domains than the file; nothing is written then, and the next frame may be
// right. After an error of the writer below, every call returns it. That ids are unique in
// the whole file is for the caller to make sure.
func (p *Writer) Write(f *data.Frame) (err error) {
	if p.err != nil {
		return p.err
	}
	if err := p.admit(f); err != nil {
		return err
	}
	// A file with half a group in it cannot be continued.
	defer func() { p.err = err }()
	defer tableerr.Guard("write Parquet", &err)
	for from := 0; from < f.N(); {
		// As many as the group that is not full yet has room for.
		n := min(p.rows-p.pending.N(), f.N()-from)
		// A whole group from f alone need not be copied.
		if n == p.rows {
			if err := writeGroup(p.out, writing.RoleValues(f), f, from, n, p.as); err != nil {
				return err
			}
		} else {
			p.hold(f, from, n)
			if p.pending.N() == p.rows {
				if err := p.flush(); err != nil {
					return err
				}
			}
		}
		from += n
	}
	return nil
}

// admit refuses frames that are not sound or do not fit the file.
func (p *Writer) admit(f *data.Frame) error {
	if err := errors.Join(f.ValidateStructure(), p.as.Check(f)); err != nil {
		return err
	}
	switch like := p.pending; {
	// pending keeps the columns and blocks of the file, also while it holds no items.
	case !slices.Equal(f.Columns, like.Columns), !slices.Equal(f.Blocks, like.Blocks):
		return fmt.Errorf("table: write Parquet: items with other columns or blocks than the %d columns of the file",
			like.F())
	case f.Settings != like.Settings:
		return errors.New("table: write Parquet: items whose features were made with other settings than the file's")
	case (f.Labels == nil) != (like.Labels == nil), (f.Domains == nil) != (like.Domains == nil):
		return errors.New("table: write Parquet: some items have labels or domains and others none; give all the same")
	}
	return nil
}

// hold copies the items [from, from+n) of f to those that wait.
func (p *Writer) hold(f *data.Frame, from, n int) {
	q := p.pending
	q.X = append(q.X, f.X[from*f.F():(from+n)*f.F()]...)
	q.IDs = append(q.IDs, f.IDs[from:from+n]...)
	if f.Labels != nil {
		q.Labels = append(q.Labels, f.Labels[from:from+n]...)
	}
	if f.Domains != nil {
		q.Domains = append(q.Domains, f.Domains[from:from+n]...)
	}
}

// flush writes the items that wait as a row group and forgets them, but keeps their memory.
func (p *Writer) flush() error {
	q := p.pending
	if q.N() == 0 {
		return nil
	}
	err := writeGroup(p.out, writing.RoleValues(q), q, 0, q.N(), p.as)
	q.X, q.IDs, q.Labels, q.Domains = q.X[:0], q.IDs[:0], emptied(q.Labels), emptied(q.Domains)
	return err
}

// emptied returns s without its elements. It keeps nil nil, which says that the file has no
// such column.
func emptied(s []string) []string {
	if s == nil {
		return nil
	}
	return s[:0]
}

// Close writes what is held back and ends the file. A file that is not closed has no footer
// and cannot be read. Close also after an error of Write, and once only.
func (p *Writer) Close() (err error) {
	defer tableerr.Guard("write Parquet", &err)
	// After an error the rest would be a file that lacks items.
	if p.err == nil {
		p.err = p.flush()
	}
	return errors.Join(p.err, p.out.Close())
}
