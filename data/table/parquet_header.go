package table

import "errors"

// pageHeader is what stands before a page of a column (Parquet format, parquet.thrift, PageHeader), as far as
// reading numbers needs it.
type pageHeader struct {
	kind               int // dataPage, …
	size, unpacked     int // bytes of the page behind the header, and after unpacking
	values             int // of a dictionary or, nulls included, of a column
	encoding, levelsAs int // of the values and, version 1, of the definition levels
	levels, repetition int // version 2: bytes of both kinds of levels, which lie before the values
	unpackedValues     bool
}

// Kinds of pages.
const dataPage, dictionaryPage, dataPage2 = 0, 2, 3

// Fields of PageHeader and, times 256, those that hold a structure with fields of its own.
const (
	pageKind, pageUnpacked, pageSize            = 1, 2, 3
	inData, inDictionary, inData2               = 5 << 8, 7 << 8, 8 << 8
	pageValues, pageEncoding, pageLevelEncoding = 1, 2, 3 // the first two of a dictionary as well
	page2Values, page2Encoding                  = 1, 4
	page2Levels, page2Repetition, page2Packed   = 5, 6, 7
)

// parsePageHeader reads the header at the beginning of b and says how long it is.
func parsePageHeader(b []byte) (h pageHeader, n int, err error) {
	defer guardMetadata(&err)
	c := &thriftWalk{b: b}
	err = c.structure(0, func(id int, kind byte) (bool, error) {
		if part := id << 8; kind == thriftStruct && (part == inData || part == inDictionary || part == inData2) {
			return true, c.structure(1, func(id int, kind byte) (bool, error) { return h.field(c, part+id, kind), nil })
		}
		return h.field(c, id, kind), nil
	})
	if err == nil && min(h.size, h.unpacked, h.values, h.levels, h.repetition) < 0 {
		err = errors.New("the header of a page has a negative size")
	}
	return h, c.at, err
}

// field reads a field that counts; false = it is none.
func (h *pageHeader) field(c *thriftWalk, place int, kind byte) bool {
	if place == inData2+page2Packed && kind == thriftFalse {
		h.unpackedValues = true
	}
	var to *int
	switch place {
	case pageKind:
		to = &h.kind
	case pageUnpacked:
		to = &h.unpacked
	case pageSize:
		to = &h.size
	case inData + pageValues, inDictionary + pageValues, inData2 + page2Values:
		to = &h.values
	case inData + pageEncoding, inDictionary + pageEncoding, inData2 + page2Encoding:
		to = &h.encoding
	case inData + pageLevelEncoding:
		to = &h.levelsAs
	case inData2 + page2Levels:
		to = &h.levels
	case inData2 + page2Repetition:
		to = &h.repetition
	}
	if to == nil || kind != thriftI32 {
		return false
	}
	*to = int(int32(c.signed()))
	return true
}
