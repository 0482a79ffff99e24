package arrowipc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// part is the place of a message: its metadata, without the length before it, and its body,
// which follows. Both lie within the file, which is checked before a part is made.
type part struct {
	offset, metadata int64  // where the metadata begins, and its bytes
	schema           []byte // the metadata itself, where it is no message of the file
	message
}

// fileParts finds the messages of an Arrow file: the schema, the dictionaries and the
// batches. It reads and checks all metadata, which is small, and no values. Together the
// messages may not be longer than the file, so no two of many claim the same large body.
func (views *views) fileParts(in *reading.Input) ([]part, error) {
	// The file ends in the length of the footer and the magic word, which it also begins
	// with.
	const end = int64(4 + len("ARROW1"))
	const begin = 8 // the magic word, padded
	if in.Size < 2*end {
		return nil, errors.New("the file is too small")
	}
	var tail [end]byte
	if _, err := in.ReadAt(tail[:], in.Size-end); err != nil {
		return nil, err
	}
	size := int64(binary.LittleEndian.Uint32(tail[:]))
	switch {
	case string(tail[4:]) != "ARROW1":
		return nil, errors.New("the end of the file is missing, or something follows it")
	case size > in.Size-2*end:
		return nil, fmt.Errorf("the footer claims %d bytes, more than the file has", size)
	}
	footer := make([]byte, size)
	if _, err := in.ReadAt(footer, in.Size-end-size); err != nil {
		return nil, err
	}
	schema, blocks, err := views.checkFooter(footer)
	if err != nil {
		return nil, err
	}
	first := part{schema: schema}
	if first.message, err = views.checkMessage(schema); err != nil {
		return nil, err
	}
	parts := []part{first}
	replaced := make(map[int64]bool)
	left, values := in.Size, int64(begin)
	for k, b := range blocks {
		if b.offset < begin || b.metadata < 8 || b.body < 0 || int64(b.metadata) > left ||
			b.body > left-int64(b.metadata) || b.offset > in.Size-int64(b.metadata)-b.body {
			return nil, fmt.Errorf("part %d lies outside the file, or the parts overlap", k+1)
		}
		left -= int64(b.metadata) + b.body
		p, ok, err := views.partAt(in, b.offset)
		switch {
		case err != nil:
			return nil, fmt.Errorf("part %d: %w", k+1, err)
		case !ok || p.offset+p.metadata != b.offset+int64(b.metadata) || p.body != b.body:
			return nil, fmt.Errorf("part %d has another length than the footer says", k+1)
		case p.kind == headerDictionary && !p.delta && replaced[p.dictionary]:
			return nil, fmt.Errorf("part %d replaces a dictionary, for which a file has no order", k+1)
		}
		replaced[p.dictionary] = p.kind == headerDictionary || replaced[p.dictionary]
		values = max(values, p.offset+p.metadata+p.body)
		parts = append(parts, p)
	}
	// Between the last part and the footer is the end mark of a stream; where the file has no
	// part, the schema too. A file that was appended to another one has the places of its own.
	if between := in.Size - end - size - values; len(blocks) > 0 && between > mostBetween {
		return nil, &tableerr.Error{File: in.Name,
			Problem: fmt.Sprintf("%d bytes that no part is made of lie before the "+
				"footer: several files in one, of which only one would be read", between),
			Fix: option.Do("write one table to a file").Or("keep the files in a folder, and give that")}
	}
	return parts, nil
}

// mostBetween is more than the end mark of a stream takes, padded.
const mostBetween = 128

// streamParts finds the messages of an Arrow stream, to its end mark, which must be the end
// of the file.
func (views *views) streamParts(in *reading.Input) (parts []part, err error) {
	for at := int64(0); ; {
		p, ok, err := views.partAt(in, at)
		if err != nil {
			return nil, err
		}
		if !ok {
			return parts, endOfStream(in, p.offset)
		}
		parts = append(parts, p)
		if at = p.offset + p.metadata + p.body; at == in.Size {
			return nil, &tableerr.Error{File: in.Name, Problem: "the stream lacks its end mark: it was cut off, or " +
				"its writer was never closed", Fix: option.Do("close the writer").Or("copy the file again")}
		}
	}
}

// endOfStream refuses what follows the end mark, which ends at that place: a second stream, as of two files that were
// joined, or anything else. Readers that stop at the mark lose it in silence.
func endOfStream(in *reading.Input, at int64) error {
	if at == in.Size {
		return nil
	}
	problem := "%d bytes follow the end of the stream"
	var word [4]byte
	if _, err := in.ReadAt(word[:], at); err == nil && binary.LittleEndian.Uint32(word[:]) == marker {
		problem += ": a second one, which would be left out"
	}
	return &tableerr.Error{File: in.Name, Problem: fmt.Sprintf(problem, in.Size-at),
		Fix: option.Do("write one stream to a file")}
}

// partAt reads and checks the metadata of the message at that place; ok is false at the end
// mark, behind which p.offset then is.
func (v *views) partAt(in *reading.Input, at int64) (p part, ok bool, err error) {
	word := func() (uint32, error) {
		var b [4]byte
		if _, err := in.ReadAt(b[:], at); err != nil {
			return 0, fmt.Errorf("the length of a part: %w", tableerr.Unexpected(err))
		}
		at += 4
		return binary.LittleEndian.Uint32(b[:]), nil
	}
	length, err := word()
	if err == nil && length == marker { // it comes before the length since Arrow 0.15
		length, err = word()
	}
	if err != nil {
		return p, false, err
	}
	p.offset, p.metadata = at, int64(length)
	if length == 0 {
		return p, false, nil
	}
	if p.metadata > in.Size-at {
		return p, false, fmt.Errorf("the metadata of a part claims %d bytes, %d are left: %w", length, in.Size-at,
			io.ErrUnexpectedEOF)
	}
	meta := make([]byte, length)
	if _, err := in.ReadAt(meta, at); err != nil {
		return p, false, fmt.Errorf("the metadata of a part: %w", tableerr.Unexpected(err))
	}
	if p.message, err = v.checkMessage(meta); err != nil {
		return p, false, err
	}
	if left := in.Size - at - p.metadata; p.body < 0 || p.body > left {
		return p, false, fmt.Errorf("a part claims %d bytes, %d are left: %w", p.body, left, io.ErrUnexpectedEOF)
	}
	return p, true, nil
}
