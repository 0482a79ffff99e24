package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// pages reads a column of float32 or float64 from its decompressed pages. It does what arrow-go
// does for the two encodings that pandas and polars write, values as they are and codes of a
// dictionary, without copying the dictionary as it grows and the values in between.
type pages struct {
	in       file.PageReader
	size     int  // bytes of a value
	optional bool // values may be null
	dict     []float32

	// Of the current page:
	left   int    // rows still to come
	coded  bool   // values are codes of the dictionary
	values []byte // those still to come, where they are not codes
	codes  hybrid
	levels hybrid // 1 where there is a value
}

// newPages returns nil where the column needs arrow-go's decoders.
func newPages(group *file.RowGroupReader, j int, d *schema.Column) (*pages, error) {
	p := &pages{optional: d.MaxDefinitionLevel() == 1}
	switch d.PhysicalType() {
	case parquet.Types.Float:
		p.size = 4
	case parquet.Types.Double:
		p.size = 8
	}
	if p.size == 0 || d.MaxRepetitionLevel() > 0 || d.MaxDefinitionLevel() > 1 || !littleEndian {
		return nil, nil
	}
	chunk, err := group.MetaData().ColumnChunk(j)
	if err != nil {
		return nil, err
	}
	for _, e := range chunk.Encodings() {
		switch e {
		case parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict, parquet.Encodings.RLE:
		default:
			return nil, nil
		}
	}
	if p.in, err = group.GetColumnPageReader(j); err != nil {
		return nil, err
	}
	return p, nil
}

// numbers reads the next values into dst, up to its length, null as NaN. n is how many there
// were; def is memory for as many levels.
func (p *pages) numbers(dst []float32, def []int16) (n int, err error) {
	for n < len(dst) {
		if p.left == 0 {
			if more, err := p.next(); !more || err != nil {
				return n, err
			}
			continue
		}
		m := min(len(dst)-n, p.left)
		to, present := dst[n:n+m], m
		if p.optional {
			if present, err = p.levels.bits(def[:m]); err != nil {
				return n, err
			}
		}
		if err := p.read(to[:present]); err != nil {
			return n, err
		}
		spreadNulls(to, def, present)
		n, p.left = n+m, p.left-m
	}
	return n, nil
}

// spreadNulls moves the first present values of to where def is 1, and puts NaN elsewhere.
func spreadNulls(to []float32, def []int16, present int) {
	for i := len(to) - 1; present < i+1; i-- {
		if def[i] == 0 {
			to[i] = nan
			continue
		}
		present--
		to[i] = to[present]
	}
}

// read reads values that are present.
func (p *pages) read(dst []float32) error {
	if p.coded {
		return p.codes.look(dst, p.dict)
	}
	need := p.size * len(dst)
	if need > len(p.values) {
		return errors.New("a page has fewer values than it claims")
	}
	convertFloats(dst, p.values, p.size)
	p.values = p.values[need:]
	return nil
}

// convertFloats reads len(dst) floats of that many bytes each.
func convertFloats(dst []float32, from []byte, size int) {
	if size == 4 {
		copy(bytesOf(dst), from)
		return
	}
	for i := range dst {
		dst[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(from[8*i:])))
	}
}

// next goes to the next page of values; more is false at the end.
func (p *pages) next() (more bool, err error) {
	for p.in.Next() {
		switch page := p.in.Page().(type) {
		case *file.DictionaryPage:
			n := int(page.NumValues())
			if n < 0 || n > len(page.Data())/p.size {
				return false, errors.New("the dictionary has fewer values than it claims")
			}
			p.dict = make([]float32, n)
			convertFloats(p.dict, page.Data(), p.size)
		case *file.DataPageV1:
			data := page.Data()
			if p.optional {
				if len(data) < 4 || page.DefinitionLevelEncoding() != parquet.Encodings.RLE {
					return false, errors.New("a page has no levels, or in an unknown encoding")
				}
				n := int(binary.LittleEndian.Uint32(data))
				if data = data[4:]; n > len(data) {
					return false, errors.New("the levels of a page reach beyond it")
				}
				p.levels, data = hybrid{b: data[:n], width: 1}, data[n:]
			}
			return true, p.start(page, data)
		case *file.DataPageV2:
			data := page.Data()
			n := int(page.DefinitionLevelByteLen())
			if n < 0 || n > len(data) || page.RepetitionLevelByteLen() != 0 {
				return false, errors.New("the levels of a page reach beyond it")
			}
			p.levels = hybrid{b: data[:n], width: 1}
			return true, p.start(page, data[n:])
		}
	}
	return false, p.in.Err()
}

// start begins a page whose values lie in data.
func (p *pages) start(page file.DataPage, data []byte) error {
	p.left = int(page.NumValues())
	switch e := parquet.Encoding(page.Encoding()); e {
	case parquet.Encodings.Plain:
		p.coded, p.values = false, data
	case parquet.Encodings.PlainDict, parquet.Encodings.RLEDict:
		if len(data) == 0 || data[0] > 32 {
			return errors.New("a page of codes does not say how wide they are")
		}
		p.coded, p.codes = true, hybrid{b: data[1:], width: uint(data[0])}
	default:
		return fmt.Errorf("a page has the encoding %s, of which the column does not tell", e)
	}
	return nil
}
