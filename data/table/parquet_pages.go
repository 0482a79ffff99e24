package table

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// pages reads a column of float32 or float64. It does what arrow-go does for the encodings that
// pandas, polars and Save write — values as they are, their bytes apart, and codes of a
// dictionary — with fewer copies: a page is read and unpacked once, its values are written once.
type pages struct {
	in       *input
	at, end  int64 // of the column in the file: what is still to come
	rows     int64 // still to come
	size     int   // bytes of a value
	optional bool  // values may be null
	codec    compress.Codec
	memory   *allocator
	most     int // bytes of a page may there be, unpacked
	dict     []float32
	dictPage []byte // lent, holds dict

	// Of the current page:
	left   int    // rows still to come
	page   []byte // lent
	how    parquet.Encoding
	values []byte // those still to come, where they are not codes
	apart  int    // how far the bytes of a value lie apart, where they do
	codes  hybrid
	levels hybrid // 1 where there is a value
}

// pages returns nil where column j needs arrow-go's decoders.
func (p *parquetFile) pages(group *file.RowGroupReader, j int, d *schema.Column) (*pages, error) {
	chunk, err := group.MetaData().ColumnChunk(j)
	if err != nil {
		return nil, err
	}
	c := &pages{in: p.in, rows: chunk.NumValues(), optional: d.MaxDefinitionLevel() == 1, memory: p.memory, most: p.mostPage}
	switch d.PhysicalType() {
	case parquet.Types.Float:
		c.size = 4
	case parquet.Types.Double:
		c.size = 8
	}
	miscounted := p.reader.WriterVersion().LessThan(metadata.Parquet816FixedVersion) // writers that counted a column's bytes wrong
	if c.size == 0 || d.MaxRepetitionLevel() > 0 || d.MaxDefinitionLevel() > 1 || !littleEndian || chunk.CryptoMetadata() != nil || miscounted {
		return nil, nil
	}
	for _, e := range chunk.Encodings() {
		switch e {
		case parquet.Encodings.Plain, parquet.Encodings.ByteStreamSplit, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict, parquet.Encodings.RLE:
		default:
			return nil, nil
		}
	}
	c.at, c.end = placeOfColumn(chunk)
	c.codec, err = compress.GetCodec(chunk.Compression())
	return c, err
}

// placeOfColumn returns where a column lies in the file.
func placeOfColumn(chunk *metadata.ColumnChunkMetaData) (from, to int64) {
	from = chunk.DataPageOffset()
	if chunk.HasDictionaryPage() && chunk.DictionaryPageOffset() > 0 {
		from = min(from, chunk.DictionaryPageOffset())
	}
	return from, from + chunk.TotalCompressedSize()
}

// numbers reads the next values into dst, up to its length, null as NaN. n is how many there were.
func (p *pages) numbers(dst []float32, s *scratch) (n int, err error) {
	for n < len(dst) && p.rows > 0 {
		if p.left == 0 {
			if err := p.next(s); err != nil {
				return n, err
			}
			continue
		}
		m := min(len(dst)-n, p.left)
		if err := p.read(dst[n:n+m], s); err != nil {
			return n, err
		}
		n, p.left, p.rows = n+m, p.left-m, p.rows-int64(m)
	}
	if p.rows <= 0 {
		p.close()
	}
	return n, nil
}

// close lets other columns have the memory.
func (p *pages) close() {
	p.memory.Free(p.page)
	p.memory.Free(p.dictPage)
	p.page, p.dictPage, p.dict, p.left, p.rows = nil, nil, nil, 0, 0
}

// read reads values of the current page, null as NaN.
func (p *pages) read(dst []float32, s *scratch) error {
	if !p.optional {
		return p.present(dst)
	}
	if ones, err := p.levels.skipOnes(len(dst)); err != nil {
		return err
	} else if ones {
		return p.present(dst)
	}
	def := scratchOf(&s.def, len(dst))
	present, err := p.levels.bits(def)
	if err == nil {
		err = p.present(dst[:present])
	}
	for i := len(dst) - 1; present < i+1 && err == nil; i-- {
		if def[i] == 0 {
			dst[i] = nan
			continue
		}
		present--
		dst[i] = dst[present]
	}
	return err
}

// present reads values that are not null.
func (p *pages) present(dst []float32) error {
	n := len(dst)
	switch p.how {
	case parquet.Encodings.RLEDict:
		return p.codes.look(dst, p.dict)
	case parquet.Encodings.ByteStreamSplit:
		if n > len(p.values)-(p.size-1)*p.apart {
			return errFewValues
		}
		joinFloats(dst, p.values, p.apart, p.size)
		p.values = p.values[n:]
	default:
		if n > len(p.values)/p.size {
			return errFewValues
		}
		convertFloats(dst, p.values, p.size)
		p.values = p.values[p.size*n:]
	}
	return nil
}

var (
	errFewValues = errors.New("a page has fewer values than it claims")
	errLevels    = errors.New("the levels of a page reach beyond it, or are in an unknown encoding")
)

// next goes to the next page of values.
func (p *pages) next(s *scratch) error {
	for p.at < p.end {
		b, err := s.window.get(p.in, p.at, int(min(p.end-p.at, windowSize)))
		if err != nil {
			return err
		}
		h, n, err := parsePageHeader(b)
		if err != nil {
			return err
		}
		if int64(h.size) > p.end-p.at-int64(n) || h.unpacked > p.most {
			return fmt.Errorf("a page claims %d bytes and, unpacked, %d", h.size, h.unpacked)
		}
		if b, err = s.window.get(p.in, p.at+int64(n), h.size); err != nil {
			return err
		}
		p.at += int64(n) + int64(h.size)
		switch h.kind {
		case dictionaryPage:
			if err := p.dictionary(h, b[:h.size]); err != nil {
				return err
			}
		case dataPage, dataPage2:
			return p.start(h, b[:h.size])
		}
	}
	return errors.New("the pages have fewer values than the column")
}

// dictionary reads a page with the values that codes stand for.
func (p *pages) dictionary(h pageHeader, from []byte) error {
	b, err := p.unpack(&p.dictPage, h, from, 0)
	if err != nil {
		return err
	}
	if h.values > len(b)/p.size {
		return errors.New("the dictionary has fewer values than it claims")
	}
	p.dict = floatsOf(b[:4*h.values])
	if p.size != 4 {
		convertFloats(p.dict, b, p.size) // from the front: every value is read before its place is written
	}
	return nil
}

// unpack unpacks a page to memory that is lent to *page. The first bytes may lie in it as they are.
func (p *pages) unpack(page *[]byte, h pageHeader, from []byte, first int) ([]byte, error) {
	if first > min(h.size, h.unpacked) {
		return nil, errLevels
	}
	p.memory.Free(*page)
	*page = nil
	to := p.memory.lend(h.unpacked)
	*page = to
	copy(to, from[:first])
	if h.unpackedValues {
		if h.size != h.unpacked {
			return nil, errors.New("a page that is not packed claims two sizes")
		}
		copy(to[first:], from[first:])
		return to, nil
	}
	if h.unpacked == first { // some writers pack nothing to nothing
		return to, nil
	}
	got, err := compress.Decode(p.codec, to[first:], from[first:])
	if err != nil {
		return nil, err
	}
	if len(got) != h.unpacked-first {
		return nil, fmt.Errorf("a page unpacks to %d bytes, not to %d", first+len(got), h.unpacked)
	}
	if &got[0] != &to[first] { // the codec has made room of its own
		copy(to[first:], got)
	}
	return to, nil
}

// start begins a page of values.
func (p *pages) start(h pageHeader, from []byte) error {
	plain := 0
	if h.kind == dataPage2 {
		plain = h.levels
		if h.repetition != 0 {
			return errLevels
		}
	}
	b, err := p.unpack(&p.page, h, from, plain)
	if err != nil {
		return err
	}
	switch {
	case h.kind == dataPage2:
		p.levels, b = hybrid{b: b[:plain], width: 1}, b[plain:]
	case p.optional:
		if len(b) < 4 || parquet.Encoding(h.levelsAs) != parquet.Encodings.RLE {
			return errLevels
		}
		n := int(binary.LittleEndian.Uint32(b))
		if b = b[4:]; n > len(b) {
			return errLevels
		}
		p.levels, b = hybrid{b: b[:n], width: 1}, b[n:]
	}
	p.left, p.how, p.values = h.values, parquet.Encoding(h.encoding), b
	switch p.how {
	case parquet.Encodings.Plain:
	case parquet.Encodings.ByteStreamSplit:
		p.apart = len(b) / p.size
	case parquet.Encodings.PlainDict, parquet.Encodings.RLEDict:
		if len(b) == 0 || b[0] > 32 {
			return errors.New("a page of codes does not say how wide they are")
		}
		p.how, p.codes = parquet.Encodings.RLEDict, hybrid{b: b[1:], width: uint(b[0])}
	default:
		return fmt.Errorf("a page has the encoding %s, of which the column does not tell", p.how)
	}
	return nil
}
