package parquet

import (
	"bytes"
	"fmt"
	"path/filepath"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Fields of RowGroup, ColumnChunk, ColumnMetaData and Statistics (parquet.thrift).
const (
	footerGroups                      = 4
	groupColumns                      = 1
	chunkFile, chunkMeta, chunkCrypto = 1, 3, 8
	metaValues, metaStatistics        = 5, 12
	statisticsNulls                   = 3
)

// facts is what a footer says of the columns of all row groups that arrow-go does not tell.
type facts struct {
	at        int64 // where the footer begins
	groups    int
	encrypted []int  // columns, by their place among the leaves, that are in some group
	elsewhere bool   // the values lie in other files
	filled    []bool // of each column: it may hold a value that is not null
}

// rowGroups reads the list of row groups.
func (c *thriftWalk) rowGroups(f *facts) error {
	n, kind, err := c.list()
	if err != nil || kind != thriftStruct {
		return err
	}
	f.groups = n
	for range n {
		err := c.structure(1, func(id int, kind byte) (bool, error) {
			if id != groupColumns || kind != thriftList {
				return false, nil
			}
			return true, c.chunks(f)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// chunks reads the columns of a row group.
func (c *thriftWalk) chunks(f *facts) error {
	n, kind, err := c.list()
	if err != nil || kind != thriftStruct {
		return err
	}
	if more := n - len(f.filled); more > 0 {
		f.filled = append(f.filled, make([]bool, more)...)
	}
	for j := range n {
		values, nulls := int64(0), int64(-1)
		encrypted := false
		err := c.structure(2, func(id int, kind byte) (bool, error) {
			switch {
			case id == chunkFile && kind == thriftBinary:
				f.elsewhere = true
			case id == chunkCrypto:
				encrypted = true
			case id == chunkMeta && kind == thriftStruct:
				return true, c.chunkFacts(&values, &nulls)
			}
			return false, nil
		})
		if err != nil {
			return err
		}
		f.filled[j] = f.filled[j] || nulls != values
		if encrypted {
			f.encrypted = append(f.encrypted, j)
		}
	}
	return nil
}

// chunkFacts reads how many values a column has, and how many of them are null; the latter stays
// where the writer did not count.
func (c *thriftWalk) chunkFacts(values, nulls *int64) error {
	return c.structure(3, func(id int, kind byte) (bool, error) {
		switch {
		case id == metaValues && kind == thriftI64:
			*values = c.signed()
			return true, nil
		case id == metaStatistics && kind == thriftStruct:
			return true, c.structure(4, func(id int, kind byte) (bool, error) {
				if id != statisticsNulls || kind != thriftI64 {
					return false, nil
				}
				*nulls = c.signed()
				return true, nil
			})
		}
		return false, nil
	})
}

// refuse returns an error for a sound file that cannot be read: one that is encrypted, or that
// only describes others.
func (f *facts) refuse(in *reading.Input, columns []reading.Column) error {
	name := filepath.Base(in.Name)
	switch {
	case f.elsewhere, f.groups == 0 && (name == "_metadata" || name == "_common_metadata"):
		return &tableerr.Error{File: in.Name,
			Problem: "the file only describes other files of a folder and holds no rows",
			Fix:     option.Do("give the folder, or one of the other files")}
	case len(f.encrypted) > 0:
		fault := &tableerr.Error{File: in.Name, Problem: "the column is encrypted",
			Fix: option.Do("write the file without encryption")}
		if j := f.encrypted[0]; j < len(columns) {
			fault.Column = columns[j].Name
		}
		return fault
	}
	return nil
}

// checkJoined refuses a file that was appended to another one: its footer has places of its own,
// which are now those of the other file. The columns end at last; what lies behind them, to the
// footer, are indexes, or a second file.
func (f *facts) checkJoined(in *reading.Input, last int64) error {
	const border = "PAR1PAR1" // the end of one file and the beginning of the next
	buffer := make([]byte, 1<<16)
	for at := last; at+int64(len(border)) <= f.at; at += int64(len(buffer) - len(border)) {
		b := buffer[:min(int64(len(buffer)), f.at-at)]
		if n, err := in.ReadAt(b, at); n < len(b) {
			return err
		}
		if bytes.Contains(b, []byte(border)) {
			return &tableerr.Error{File: in.Name,
				Problem: "it is several Parquet files in one, of which only one would be " +
					"read", Fix: option.Do("keep the files in a folder, and give that")}
		}
	}
	return nil
}

// encryptedFooter is the error for a file of which nothing can be read without a key.
func encryptedFooter(in *reading.Input) error {
	return &tableerr.Error{File: in.Name, Problem: "the file is encrypted",
		Fix: option.Do("write it without encryption")}
}

// pageTooLarge is the error for a page that unpacks to more than may be taken.
func pageTooLarge(in *reading.Input, column string, size int64) error {
	return &tableerr.Error{File: in.Name, Column: column,
		Problem: fmt.Sprintf("a page of the column unpacks to %d MiB", size>>20),
		Fix:     option.Do("raise %s if the file is sound", "MaxBytes").Or("write it with smaller pages")}
}
