package beam

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
)

// Unit is what is embedded at a time.
type Unit struct {
	Path   string // of the table or list
	Size   int64  // of the file, bytes
	Time   int64  // when it was changed last, Unix nanoseconds
	File   int    // number of the file
	Group  int    // of rows of a Parquet file or lines of a list; -1 = the whole file
	First  int64  // number of the first row or line in the file, from 0
	Offset int64  // where the first line begins in a list, bytes
	Lines  int    // of a list
}

// String returns which rows they are.
func (u Unit) String() string {
	if u.Group < 0 {
		return quote.Text(u.Path)
	}
	return fmt.Sprintf("%s, group %d of rows", quote.Text(u.Path), u.Group)
}

// partPrefix is what the names of the files of units begin with.
const partPrefix = "part-"

// name returns the name of the unit's shard without its ending.
func (u Unit) name() string { return fmt.Sprintf("%s%06d-%06d", partPrefix, u.File, max(0, u.Group)) }

// tables returns a unit for each file as a whole. What cannot be read, and a file that is named twice, are errors.
func tables(paths []string) ([]Unit, error) {
	var all []Unit
	seen := map[string][]fs.FileInfo{} // by size and time, which files of several names share
	for k, path := range paths {
		path, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		stat, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		look := fmt.Sprint(stat.Size(), stat.ModTime())
		if slices.ContainsFunc(seen[look], func(other fs.FileInfo) bool { return os.SameFile(stat, other) }) {
			return nil, fmt.Errorf("%s is named twice, perhaps by a link", quote.Text(path))
		}
		seen[look] = append(seen[look], stat)
		if !stat.Mode().IsRegular() {
			return nil, fmt.Errorf("%s is no file: name the files in it", quote.Text(path))
		}
		all = append(all, Unit{Path: path, Size: stat.Size(), Time: stat.ModTime().UnixNano(), File: k, Group: -1})
	}
	return all, nil
}

// units returns the units of tables. What cannot be read, and a table that is named twice, are errors.
func units(paths []string) ([]Unit, error) {
	files, err := tables(paths)
	if err != nil {
		return nil, err
	}
	var all []Unit
	for _, one := range files {
		path := one.Path
		if !strings.HasSuffix(strings.ToLower(path), ".parquet") {
			all = append(all, one)
			continue
		}
		r, err := file.OpenParquetFile(path, false)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", quote.Text(path), err)
		}
		for g := range r.NumRowGroups() {
			one.Group = g
			all = append(all, one)
			one.First += r.RowGroup(g).NumRows()
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	if len(all) == 0 {
		return nil, errors.New("there are no rows to embed")
	}
	return all, nil
}

// groupPrefix is what the names of folders with a copied group of rows begin with.
const groupPrefix = ".group-"

// scan returns the items of a unit in frames. A group of rows is copied to a temporary file first, for which there has
// to be room in dir: the readers of tables know roles of columns, and what is wrong with them.
func (u Unit) scan(ctx context.Context, dir string, opt table.Options) iter.Seq2[*data.Frame, error] {
	return func(yield func(*data.Frame, error) bool) {
		path := u.Path
		if err := u.same(); err != nil {
			yield(nil, err)
			return
		}
		if u.Group >= 0 {
			temp, err := os.MkdirTemp(dir, groupPrefix+"*")
			if err != nil {
				yield(nil, err)
				return
			}
			defer os.RemoveAll(temp)
			path = filepath.Join(temp, "rows.arrow")
			if err := u.copyGroup(ctx, path); err != nil {
				yield(nil, fmt.Errorf("%s: %w", u, err))
				return
			}
		}
		for f, err := range table.Scan(ctx, path, opt) {
			if err != nil {
				err = u.where(err)
			}
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

// where returns an error of the readers as one about the table of the unit.
func (u Unit) where(err error) error {
	var bad *table.Error
	if !errors.As(err, &bad) {
		return fmt.Errorf("%s, from row %d on: %w", quote.Text(u.Path), u.First+1, err)
	}
	own := *bad
	if own.File = u.Path; u.Group >= 0 && own.Row > 0 { // they saw a copy of the group
		own.Row += u.First
	}
	return &own
}

// copyGroup writes a group of rows as an Arrow file.
func (u Unit) copyGroup(ctx context.Context, to string) (err error) {
	in, err := file.OpenParquetFile(u.Path, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	rows, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: 4096}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	records, err := rows.GetRecordReader(ctx, nil, []int{u.Group})
	if err != nil {
		return err
	}
	defer records.Release()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w, err := ipc.NewFileWriter(out, ipc.WithSchema(records.Schema()))
	if err != nil {
		return err
	}
	for records.Next() {
		if err := w.Write(records.RecordBatch()); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	return errors.Join(records.Err(), w.Close())
}
