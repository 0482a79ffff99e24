package numpy

import (
	"encoding/binary"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// checkEnds refuses an archive with something before or behind it, such as another one, of which
// archive/zip would read one and pass over the other: the directory has to end where the record of
// its end begins, counted from the beginning of the file (APPNOTE.TXT 4.3.16). comment is how many
// bytes of a comment end the file.
func (a *archive) checkEnds(comment int) error {
	const endSize, locatorSize, end64Size = 22, 20, 56
	little := binary.LittleEndian
	read := func(size int, at int64) ([]byte, error) {
		b := make([]byte, size)
		_, err := a.in.ReadAt(b, at)
		return b, err
	}
	at := a.in.Size - int64(endSize+comment)
	end, err := read(endSize, at)
	if err != nil {
		return tableerr.Damaged(a.in.Name, err)
	}
	whole := string(end[:4]) == "PK\x05\x06"
	size, offset := uint64(little.Uint32(end[12:])), uint64(little.Uint32(end[16:]))
	// Beyond 4 GiB or 65,535 files both are in a record of their own, whose place is in a third one.
	locator, err := read(locatorSize, max(0, at-locatorSize))
	if err != nil {
		return tableerr.Damaged(a.in.Name, err)
	}
	if string(locator[:4]) == "PK\x06\x07" {
		at = int64(little.Uint64(locator[8:]))
		end64, err := read(end64Size, at)
		if err != nil {
			return tableerr.Damaged(a.in.Name, err)
		}
		size, offset = little.Uint64(end64[40:]), little.Uint64(end64[48:])
	}
	if !whole || size > uint64(a.in.Size) || offset != uint64(at)-size {
		return a.fail("", "something lies before or behind the archive, or the file is several archives in one",
			option.Do("write one archive to a file"))
	}
	return nil
}
