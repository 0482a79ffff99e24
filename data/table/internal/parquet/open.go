// Package parquet reads and writes Parquet files with arrow-go: [Format] is how package
// table opens and scans them, [Write] writes a frame, and [Writer] one that is longer than
// memory.
//
// Pages are decoded by arrow-go, but it is written for files that are trusted. The footer
// is therefore checked before it is decoded (check.go), two codecs are replaced by bounded
// ones (codecs.go), and all buffers come from an allocator with a limit. Columns are
// decoded in tiles of neighbours on all cores and turned into the rows of a frame (tile.go,
// read.go).
//
// It reads leaves of numbers and text, and lists of numbers of one length. Deeper nesting,
// dates, decimals and encrypted files are refused or have to be ignored. Statistics,
// indexes and the checksums of pages are not used.
package parquet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/blockmeta"
	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// nan is what a null becomes among numbers.
var nan = float32(math.NaN())

// columnBytes is about what a column takes beside its values: what the footer says of it, and the buffers of its reader
// (measured with 1,000 and 2,000 columns of one row group).
const columnBytes = 32 << 10

// source is an open Parquet file, for one call of read or scan. columns are the leaves of
// the schema, which the file stores, and plan says what becomes of each. rows is the sum
// over the row groups. Workers share it and only read it.
type source struct {
	in      *reading.Input
	opt     *reading.Options
	account *reading.Account
	reader  *file.Reader
	columns []reading.Column
	plan    *reading.Plan
	rows    int64
}

// Format is Apache Parquet. The format needs its end first, where the footer is, so it
// cannot come from a pipe.
var Format = reading.Format{
	Name: "Parquet", Is: reading.Begins("PAR1", "PARE"), Open: read, Scan: scan,
	Write:        map[string]reading.Writer{".parquet": Write},
	WriteAs:      map[string]func(io.Writer, *data.Frame, writing.Number) error{".parquet": writeAs},
	WriteColumns: map[string]reading.ColumnsWriter{".parquet": WriteColumns},
}

// read reads a whole Parquet file. The footer gives the number of rows, so room for all of
// them is made at once, after [reading.Admit]; all row groups are then decoded at the same
// time.
func read(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	p, err := open(in, opt)
	if err != nil {
		return nil, nil, err
	}
	if err := p.account.Rows(p.plan, p.rows); err != nil {
		return nil, nil, err
	}
	m := reading.NewMatrix(in.Name, int(p.rows), p.plan.Features, opt.AllowMissing)
	t := p.plan.MakeTexts(int(p.rows))
	if err := p.readAll(ctx, m, &t); err != nil {
		return nil, nil, tableerr.Damaged(in.Name, err)
	}
	f, err := p.plan.Finish(m, t)
	if err != nil {
		return nil, nil, err
	}
	return f, reading.Explain(p.plan, "Parquet", f, m.NaN, m.Inf, m.Lost), nil
}

// open reads the footer, checks what decoders would trust, and plans. Of the values it
// reads only the first list of every column of lists: its width is not in the schema, and
// the names of the features depend on it. Nothing has to be closed, in itself has an owner.
func open(in *reading.Input, opt *reading.Options) (*source, error) {
	account := reading.NewAccount(in, opt)
	props := parquet.NewReaderProperties(columnar.New(account))
	props.BufferedStreamEnabled = true
	// A page that claims more than the file holds is damaged. How much it unpacks to is for
	// [source.checkPages].
	props.MaxCompressedPageSize = min(in.Size, math.MaxInt32)
	props.MaxUncompressedPageSize = math.MaxInt32
	// Before arrow-go sees the footer.
	known, err := checkFile(in)
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	// A section of its own: reads of several columns do not share a position.
	reader, err := file.NewParquetReader(io.NewSectionReader(in, 0, in.Size), file.WithReadProps(props))
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	p := &source{in: in, opt: opt, account: account, reader: reader}
	values := reader.MetaData().KeyValueMetadata()
	p.columns = columnsOf(reader.MetaData().Schema, values.FindValue(arrowSchemaKey))
	if err := known.refuse(in, p.columns); err != nil {
		return nil, err
	}
	// Of a table of many columns this is a fifth of all memory, but a wide table that fits is not refused for it.
	if err := account.Take(min(account.Limit()/8, columnBytes*int64(len(p.columns)))); err != nil {
		return nil, err
	}
	last, err := p.check()
	if err == nil {
		err = known.checkJoined(in, last)
	}
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	// Ignored lists may have any lengths.
	for j, c := range p.columns {
		if c.List && c.Kind == reading.Numbers && !ignored(opt, c.Name) {
			if p.columns[j].Width, err = p.listWidth(j); err != nil {
				return nil, tableerr.Damaged(in.Name, err)
			}
		}
	}
	hint := columnar.Known{Empty: make([]bool, len(p.columns))}
	for j := range p.columns {
		_, null := reader.MetaData().Schema.Column(j).LogicalType().(schema.NullLogicalType)
		hint.Empty[j] = null || p.rows > 0 && j < len(known.filled) && !known.filled[j]
	}
	if stored := values.FindValue(blockmeta.Key); stored != nil {
		hint.Stored = blockmeta.Parse(*stored)
	}
	if stored := values.FindValue(blockmeta.SettingsKey); stored != nil {
		hint.Settings = blockmeta.Settings(*stored)
	}
	if text := values.FindValue(columnar.PandasKey); text != nil {
		hint.Pandas = *text
	}
	p.plan, err = columnar.Plan(in.Name, p.columns, opt, hint)
	return p, err
}

// placeOfColumn returns where a column of a row group lies in the file, as the bytes [from,
// to). The dictionary page comes before the data pages, where there is one; some writers
// leave its offset 0. The claims are not checked here: the sum may overflow.
func placeOfColumn(chunk *metadata.ColumnChunkMetaData) (from, to int64) {
	from = chunk.DataPageOffset()
	if chunk.HasDictionaryPage() && chunk.DictionaryPageOffset() > 0 {
		from = min(from, chunk.DictionaryPageOffset())
	}
	return from, from + chunk.TotalCompressedSize()
}

// ignored reports whether the caller leaves out the column of that name.
func ignored(opt *reading.Options, name string) bool {
	for _, s := range opt.Ignore {
		if s == name {
			return true
		}
	}
	return false
}

// check refuses row groups and columns that lie outside the file, and footers whose counts
// of rows differ, and counts p.rows. Without it, arrow-go would ask for buffers of whatever
// size the footer claims. last is where the columns end.
func (p *source) check() (last int64, err error) {
	for g := range p.reader.NumRowGroups() {
		group := p.reader.RowGroup(g).MetaData()
		if group.NumRows() < 0 || group.NumColumns() != len(p.columns) {
			return 0, fmt.Errorf("row group %d has %d rows and %d of %d columns", g, group.NumRows(),
				group.NumColumns(),
				len(p.columns))
		}
		// The sum overflows only where a footer lies.
		if p.rows += group.NumRows(); p.rows < 0 {
			return 0, errors.New("the row groups have more rows than can be counted")
		}
		for j := range p.columns {
			chunk, err := group.ColumnChunk(j)
			if err != nil {
				return 0, err
			}
			// A sum beyond what can be counted is negative.
			if start, end := placeOfColumn(chunk); start < 0 || end < start || end > p.in.Size {
				return 0, fmt.Errorf("column %q of row group %d lies outside the file", p.columns[j].Name, g)
			}
			_, end := placeOfColumn(chunk)
			last = max(last, end)
			flat := p.reader.MetaData().Schema.Column(j).MaxRepetitionLevel() == 0
			if n := chunk.NumValues(); n < 0 || flat && n != group.NumRows() {
				return 0, fmt.Errorf("column %q of row group %d has %d values and %d rows", p.columns[j].Name, g, n,
					group.NumRows())
			}
		}
	}
	if rows := p.reader.NumRows(); rows != p.rows {
		return 0, fmt.Errorf("the footer counts %d rows, the row groups have %d", rows, p.rows)
	}
	return last, nil
}

// listWidth returns how many values the first list of column j has, 0 where the file has no
// rows. A list that is null or empty counts as one value, as it takes one place among the
// levels; the next rows then show the difference. It decodes no more than that list, and
// fails past reading.MaxFeatures values.
func (p *source) listWidth(j int) (int, error) {
	for g := range p.reader.NumRowGroups() {
		group := p.reader.RowGroup(g)
		// An empty group has no list to look at.
		if group.NumRows() == 0 {
			continue
		}
		s := &scratch{}
		l, err := p.leaf(group, j, s)
		if err != nil {
			return 0, err
		}
		defer l.close() // nothing is written
		// Only their number counts here: an id column of lists may still be ignored.
		l.anyWhole = true
		width := 0
		// In parts: a list of any length ends where the next row begins.
		values := make([]float32, 4096)
		for width < reading.MaxFeatures {
			n, err := l.numbers(values)
			if err != nil {
				return 0, err
			}
			for i := range n {
				// Level 0 begins a row.
				if s.rep[i] == 0 && width > 0 {
					return width, nil
				}
				width++
			}
			if n < len(values) {
				return width, nil
			}
		}
		return 0, fmt.Errorf("column %q: the first list has more than %d values", l.name, reading.MaxFeatures)
	}
	return 0, nil
}
