package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/go-siamese/lab/data"
)

var nan = float32(math.NaN())

// parquetFile is an open Parquet file.
type parquetFile struct {
	in      *input
	opt     *Options
	reader  *file.Reader
	columns []column
	plan    *plan
	rows    int64
}

var parquetFormat = format{
	name: "Parquet", is: begins("PAR1"), open: openParquet, scan: scanParquet,
	write: map[string]writer{".parquet": WriteParquet},
}

// openParquet reads a whole Parquet file.
func openParquet(ctx context.Context, in *input, opt *Options) (*data.Frame, *Explanation, error) {
	p, err := newParquet(in, opt)
	if err != nil {
		return nil, nil, err
	}
	if err := admit(opt, in.name, in.size, p.rows, p.plan); err != nil {
		return nil, nil, err
	}
	m := newMatrix(in.name, int(p.rows), p.plan.features, opt.AllowMissing)
	t := p.plan.makeTexts(int(p.rows))
	if err := p.readAll(ctx, m, &t); err != nil {
		return nil, nil, damaged(in.name, err)
	}
	f, err := p.plan.finish(m, t)
	if err != nil {
		return nil, nil, err
	}
	return f, explain(p.plan, "Parquet", f, m.nan, m.inf), nil
}

// makeTexts returns room for n items in the columns that are no features.
func (p *plan) makeTexts(n int) texts {
	var t texts
	for _, role := range p.Roles {
		if role != data.RoleFeature && role != data.RoleIgnore {
			*t.of(role) = make([]string, n)
		}
	}
	return t
}

// newParquet reads the footer, checks what decoders would trust, and plans.
func newParquet(in *input, opt *Options) (*parquetFile, error) {
	const smallest = 64 << 20 // pages may always be as large
	props := parquet.NewReaderProperties(newAllocator(in, opt))
	props.BufferedStreamEnabled = true
	props.MaxCompressedPageSize = min(in.size, math.MaxInt32)
	props.MaxUncompressedPageSize = min(max(smallest, 128*in.size), 1<<30)
	if err := checkParquetFooter(in); err != nil {
		return nil, damaged(in.name, err)
	}
	reader, err := file.NewParquetReader(io.NewSectionReader(in, 0, in.size), file.WithReadProps(props))
	if err != nil {
		return nil, damaged(in.name, err)
	}
	p := &parquetFile{in: in, opt: opt, reader: reader, columns: parquetColumns(reader.MetaData().Schema)}
	if err := p.check(); err != nil {
		return nil, damaged(in.name, err)
	}
	for j, c := range p.columns {
		if c.list && c.kind == numbers && !ignored(opt, c.name) {
			if p.columns[j].width, err = p.listWidth(j); err != nil {
				return nil, damaged(in.name, err)
			}
		}
	}
	var hint hints
	if stored := reader.MetaData().KeyValueMetadata().FindValue(storedKey); stored != nil {
		hint.stored = parseStored(*stored)
	}
	p.plan, err = newPlan(in.name, p.columns, opt, hint)
	return p, err
}

// placeOfColumn returns where a column lies in the file.
func placeOfColumn(chunk *metadata.ColumnChunkMetaData) (from, to int64) {
	from = chunk.DataPageOffset()
	if chunk.HasDictionaryPage() && chunk.DictionaryPageOffset() > 0 {
		from = min(from, chunk.DictionaryPageOffset())
	}
	return from, from + chunk.TotalCompressedSize()
}

func ignored(opt *Options, name string) bool {
	for _, s := range opt.Ignore {
		if s == name {
			return true
		}
	}
	return false
}

// check refuses row groups and columns that lie outside the file.
func (p *parquetFile) check() error {
	for g := range p.reader.NumRowGroups() {
		group := p.reader.RowGroup(g).MetaData()
		if group.NumRows() < 0 || group.NumColumns() != len(p.columns) {
			return fmt.Errorf("row group %d has %d rows and %d of %d columns", g, group.NumRows(), group.NumColumns(),
				len(p.columns))
		}
		if p.rows += group.NumRows(); p.rows < 0 {
			return errors.New("the row groups have more rows than can be counted")
		}
		for j := range p.columns {
			chunk, err := group.ColumnChunk(j)
			if err != nil {
				return err
			}
			// A sum beyond what can be counted is negative.
			if start, end := placeOfColumn(chunk); start < 0 || end < start || end > p.in.size {
				return fmt.Errorf("column %q of row group %d lies outside the file", p.columns[j].name, g)
			}
		}
	}
	if rows := p.reader.NumRows(); rows != p.rows {
		return fmt.Errorf("the footer counts %d rows, the row groups have %d", rows, p.rows)
	}
	return nil
}

// listWidth returns how many values the first list of column j has.
func (p *parquetFile) listWidth(j int) (int, error) {
	for g := range p.reader.NumRowGroups() {
		group := p.reader.RowGroup(g)
		if group.NumRows() == 0 {
			continue
		}
		s := &scratch{}
		l, err := p.leaf(group, j, s)
		if err != nil {
			return 0, err
		}
		defer l.close()   // nothing is written
		l.anyWhole = true // only their number counts here
		width := 0
		values := make([]float32, 4096)
		for width < maxFeatures {
			n, err := l.numbers(values)
			if err != nil {
				return 0, err
			}
			for i := range n {
				if s.rep[i] == 0 && width > 0 {
					return width, nil
				}
				width++
			}
			if n < len(values) {
				return width, nil
			}
		}
		return 0, fmt.Errorf("column %q: the first list has more than %d values", l.name, maxFeatures)
	}
	return 0, nil
}
