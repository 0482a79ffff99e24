package parquet

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// Fields of PageHeader and of the headers within it, and types of pages (parquet.thrift).
const (
	pageType, pageUnpacked, pagePacked, pageCRC   = 1, 2, 3, 4
	pageData, pageDictionary, pageDataV2          = 5, 7, 8
	dataValues, dataEncoding, dataV2Encoding      = 1, 2, 4
	typeDataPage, typeDictionaryPage, typeDataPV2 = 0, 2, 3
)

// page is what the header of a page says.
type page struct {
	kind             int64
	unpacked, packed int64
	crc              int64
	hasCRC           bool
	values           int64
	encoding         int64
}

// checkPages walks the pages of a column in a row group before arrow-go reads them. It compares
// the checksums that a writer left, which arrow-go does not, and refuses pages that claim more
// values than the column or unpack to more than the file may take. It returns the most bytes of a page
// whose texts share their beginnings, 0 = there is none: such a page unfolds to more than its size.
func (p *source) checkPages(chunk *metadata.ColumnChunkMetaData, name string) (shared int64, err error) {
	at, _ := placeOfColumn(chunk)
	most := min(reading.Budget(p.opt, p.in.Size), math.MaxInt32)
	for left := chunk.NumValues(); left > 0; {
		head, size, err := p.pageAt(at)
		if err != nil {
			return 0, err
		}
		at += size
		switch {
		case head.packed < 0 || head.packed > p.in.Size-at || head.unpacked < 0:
			return 0, fmt.Errorf("a page claims %d bytes, %d are left: %w", head.packed, p.in.Size-at,
				io.ErrUnexpectedEOF)
		case head.unpacked > most:
			return 0, pageTooLarge(p.in, name, head.unpacked)
		case head.values < 0:
			return 0, fmt.Errorf("a page claims %d values", head.values)
		}
		if head.hasCRC {
			sum := crc32.NewIEEE()
			if _, err := io.Copy(sum, io.NewSectionReader(p.in, at, head.packed)); err != nil {
				return 0, err
			}
			if got := sum.Sum32(); got != uint32(head.crc) {
				return 0, fmt.Errorf("the page at byte %d has the checksum %08x and should have %08x", at, got,
					uint32(head.crc))
			}
		}
		at += head.packed
		if head.kind != typeDataPage && head.kind != typeDataPV2 {
			continue
		}
		if left -= head.values; left < 0 {
			return 0, fmt.Errorf("the pages have more values than the %d of the column", chunk.NumValues())
		}
		if head.encoding == int64(parquet.Encodings.DeltaByteArray) {
			shared = max(shared, head.unpacked)
		}
	}
	return shared, nil
}

// pageAt reads the header of a page and returns how long it is.
func (p *source) pageAt(at int64) (head page, size int64, err error) {
	// Statistics make a header of any length; most have 20 to 100 bytes.
	for room := int64(512); ; room *= 8 {
		b := make([]byte, min(room, p.in.Size-at))
		if len(b) == 0 {
			return head, 0, fmt.Errorf("a page is missing: %w", io.ErrUnexpectedEOF)
		}
		if n, err := p.in.ReadAt(b, at); n < len(b) {
			return head, 0, err
		}
		c := &thriftWalk{b: b}
		head, err = c.page()
		if err == nil {
			return head, int64(c.at), nil
		}
		if int64(len(b)) < room || room > 1<<24 {
			return head, 0, fmt.Errorf("the header of the page at byte %d: %w", at, err)
		}
	}
}

// page reads the header of a page.
func (c *thriftWalk) page() (head page, err error) {
	defer columnar.GuardMetadata(&err)
	numbers := func(depth int, fields map[int]*int64) error {
		return c.structure(depth, func(id int, kind byte) (bool, error) {
			to := fields[id]
			if to == nil || kind != thriftI32 {
				return false, nil
			}
			*to = c.signed()
			return true, nil
		})
	}
	outer := map[int]*int64{pageType: &head.kind, pageUnpacked: &head.unpacked, pagePacked: &head.packed,
		pageCRC: &head.crc}
	seen := 0
	err = c.structure(0, func(id int, kind byte) (bool, error) {
		switch {
		case kind == thriftI32 && outer[id] != nil:
			*outer[id] = c.signed()
			head.hasCRC = head.hasCRC || id == pageCRC
			seen++
			return true, nil
		case kind == thriftStruct && (id == pageData || id == pageDictionary):
			return true, numbers(1, map[int]*int64{dataValues: &head.values, dataEncoding: &head.encoding})
		case kind == thriftStruct && id == pageDataV2:
			return true, numbers(1, map[int]*int64{dataValues: &head.values, dataV2Encoding: &head.encoding})
		}
		return false, nil
	})
	if err == nil && seen < 3 {
		err = errors.New("it is no header of a page")
	}
	return head, err
}
