// Package parquet reads and writes Parquet files with arrow-go. It checks the footer first, whose decoder trusts every
// length (check.go), and reads columns in tiles on all cores (tile.go).
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

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/blockmeta"
	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

var nan = float32(math.NaN())

// source is an open Parquet file.
type source struct {
	in      *reading.Input
	opt     *reading.Options
	reader  *file.Reader
	columns []reading.Column
	plan    *reading.Plan
	rows    int64
}

// Format is Apache Parquet.
var Format = reading.Format{
	Name: "Parquet", Is: reading.Begins("PAR1"), Open: read, Scan: scan,
	Write:        map[string]reading.Writer{".parquet": Write},
	WriteColumns: map[string]reading.ColumnsWriter{".parquet": WriteColumns},
}

// read reads a whole Parquet file.
func read(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	p, err := open(in, opt)
	if err != nil {
		return nil, nil, err
	}
	if err := reading.Admit(opt, in.Name, in.Size, p.rows, p.plan); err != nil {
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
	return f, reading.Explain(p.plan, "Parquet", f, m.NaN, m.Inf), nil
}

// open reads the footer, checks what decoders would trust, and plans.
func open(in *reading.Input, opt *reading.Options) (*source, error) {
	const smallest = 64 << 20 // pages may always be as large
	props := parquet.NewReaderProperties(columnar.New(in, opt))
	props.BufferedStreamEnabled = true
	props.MaxCompressedPageSize = min(in.Size, math.MaxInt32)
	props.MaxUncompressedPageSize = min(max(smallest, 128*in.Size), 1<<30)
	if err := checkFile(in); err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	reader, err := file.NewParquetReader(io.NewSectionReader(in, 0, in.Size), file.WithReadProps(props))
	if err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	p := &source{in: in, opt: opt, reader: reader, columns: columnsOf(reader.MetaData().Schema)}
	if err := p.check(); err != nil {
		return nil, tableerr.Damaged(in.Name, err)
	}
	for j, c := range p.columns {
		if c.List && c.Kind == reading.Numbers && !ignored(opt, c.Name) {
			if p.columns[j].Width, err = p.listWidth(j); err != nil {
				return nil, tableerr.Damaged(in.Name, err)
			}
		}
	}
	var hint reading.Hints
	if stored := reader.MetaData().KeyValueMetadata().FindValue(blockmeta.Key); stored != nil {
		hint.Stored = blockmeta.Parse(*stored)
	}
	p.plan, err = reading.NewPlan(in.Name, p.columns, opt, hint)
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

func ignored(opt *reading.Options, name string) bool {
	for _, s := range opt.Ignore {
		if s == name {
			return true
		}
	}
	return false
}

// check refuses row groups and columns that lie outside the file.
func (p *source) check() error {
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
			if start, end := placeOfColumn(chunk); start < 0 || end < start || end > p.in.Size {
				return fmt.Errorf("column %q of row group %d lies outside the file", p.columns[j].Name, g)
			}
		}
	}
	if rows := p.reader.NumRows(); rows != p.rows {
		return fmt.Errorf("the footer counts %d rows, the row groups have %d", rows, p.rows)
	}
	return nil
}

// listWidth returns how many values the first list of column j has.
func (p *source) listWidth(j int) (int, error) {
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
		for width < reading.MaxFeatures {
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
		return 0, fmt.Errorf("column %q: the first list has more than %d values", l.name, reading.MaxFeatures)
	}
	return 0, nil
}
