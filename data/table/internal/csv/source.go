package csv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// longestRecord bounds a row, and the header, so that a quote left open does not read the whole
// file into memory; see [source.maxRecord].
const longestRecord = 64 << 20

// source is the open input: decompressed, past a byte order mark. It belongs to one call of
// [Read] or scan. While rows are read, in belongs to the goroutine that cuts chunks; line
// and header are set before.
type source struct {
	file       string
	total      int64        // bytes of the input as stored, 0 = unknown
	done       atomic.Int64 // bytes of them read
	compressed bool
	utf16      bool
	most       int64 // bytes that the table may take, 0 = no bound
	in         *bufio.Reader
	header     int // line where the header starts
	line       int // lines read so far
}

// newSource decompresses r, skips a byte order mark, decodes UTF-16 that has one, and refuses other formats by
// their beginning, of which it looks at 4 KiB. That text is UTF-8 is checked cell by cell.
//
// most bounds the bytes that the table may take, 0 = no bound.
func newSource(r io.Reader, name string, most int64) (*source, error) {
	s := &source{file: name, total: sizeOf(r), most: most}
	// Bytes are counted before they are decompressed: progress is in bytes of the file, whose
	// number is known.
	raw := newBufio(&counting{r: r, n: &s.done})
	plain, err := s.unpack(raw)
	if err != nil {
		return nil, s.readError(err)
	}
	if s.compressed {
		raw = newBufio(plain)
	}
	s.in = raw
	head, err := s.in.Peek(4 << 10)
	if len(head) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, s.readError(err)
		}
		return nil, &tableerr.Error{File: name, Problem: "the file is empty",
			Fix: option.Do("it needs a header line with column names and a line for every item")}
	}
	if problem, fix := foreign(head); problem != "" {
		return nil, &tableerr.Error{File: name, Problem: problem, Fix: option.Do(fix)}
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = s.in.Discard(3) // these bytes were peeked: it cannot fail
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		// What spreadsheets save as "Unicode text". The mark says which byte comes first.
		s.utf16 = true
		decoder := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
		s.in = newBufio(decoder.Reader(s.in))
	}
	return s, nil
}

// unpack decompresses gzip and zstd, recognised by their magic numbers rather than by a name,
// which a pipe lacks. Other input is returned unchanged. The checksums of both formats are
// compared at their end.
func (s *source) unpack(raw *bufio.Reader) (io.Reader, error) {
	head, _ := raw.Peek(4) // an error shows again when reading
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		s.compressed = true
		return gzip.NewReader(raw)
	case bytes.Equal(head, []byte("\x28\xb5\x2f\xfd")):
		s.compressed = true
		// One decoder is enough ahead of the parsers; the window is a part of what the table may take, so that a header
		// cannot ask for gigabytes. 128 MiB is what zstd --ultra -22 uses, --long=31 takes 2 GiB.
		window := int64(128 << 20)
		if s.most > 0 {
			window = min(2<<30, max(1<<20, s.most/2))
		}
		return zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(uint64(window)),
			zstd.WithDecoderLowmem(true))
	}
	return raw, nil
}

// readLine returns the next line that is not blank, without its end. A quoted name may hold line ends, so a line ends
// only where the number of quotes before it is even, save in comments, where a quote means nothing. s.header is set
// to the line of the file where it starts. The caller may append to the result.
//
// It reads by slices of the buffer, not by ReadLine, because a header of 100,000 names is longer than any buffer. The
// end of the input before any text is io.EOF.
func (s *source) readLine() ([]byte, error) {
	var header []byte
	quotes := 0
	s.header = s.line + 1
	for {
		part, err := s.in.ReadSlice('\n')
		header = append(header, part...)
		quotes += bytes.Count(part, []byte{'"'})
		if err == nil {
			s.line++
			if quotes%2 == 1 && !isComment(header) {
				err = bufio.ErrBufferFull // the line end belongs to a quoted name
			}
		}
		switch {
		case bytes.IndexByte(part, 0) >= 0:
			return nil, &tableerr.Error{File: s.file, Line: s.header,
				Problem: "the header holds zero bytes: this is a binary file, or UTF-16 text without a mark",
				Fix:     option.Do("save it as UTF-8 text")}
		case len(header) > s.maxRecord():
			return nil, &tableerr.Error{File: s.file, Line: s.header,
				Problem: fmt.Sprintf("the header is longer than %d MiB", s.maxRecord()>>20),
				Fix: option.Do("check for a quote that is never closed").
					Or("raise %s if this is right", "MaxBytes")}
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && err != io.EOF:
			return nil, s.readError(err)
		}
		header = bytes.TrimSuffix(bytes.TrimSuffix(header, []byte{'\n'}), []byte{'\r'})
		if len(bytes.TrimSpace(header)) > 0 {
			return header, nil
		}
		if err == io.EOF {
			return nil, err
		}
		header, s.header, quotes = header[:0], s.line+1, 0
	}
}

// unread puts a line back, which was read last, so that it is the next row.
func (s *source) unread(line []byte) {
	text := append(bytes.Clone(line), '\n')
	s.in = newBufio(io.MultiReader(bytes.NewReader(text), s.in))
	s.line = s.header - 1
}

// readError wraps an error of the input with the lines read so far. The end of a compressed
// file in the middle of its stream gets an error of its own: such files are usually copied in
// part.
func (s *source) readError(err error) error {
	if s.compressed && errors.Is(err, io.ErrUnexpectedEOF) {
		return &tableerr.Error{File: s.file, Problem: fmt.Sprintf("the compressed file ends too early after line %d",
			s.line),
			Fix: option.Do("copy it again"), Err: err}
	}
	switch {
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zstd.ErrCRCMismatch):
		return &tableerr.Error{File: s.file, Problem: "the compressed file is damaged: what is in it does not have its " +
			"checksum", Fix: option.Do("copy it again"), Err: err}
	case s.compressed && errors.Is(err, gzip.ErrHeader):
		return &tableerr.Error{File: s.file, Problem: "something that is not compressed follows the compressed text",
			Fix: option.Do("unpack the file with gunzip, and look at its end"), Err: err}
	}
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return &tableerr.Error{File: s.file,
			Problem: "it was compressed with a window that takes more than half of the " +
				"memory that the table may take", Fix: option.Do("raise %s", "MaxBytes").
				Or("compress it without --long"), Err: err}
	}
	return &tableerr.Error{File: s.file, Problem: fmt.Sprintf("reading after line %d", s.line), Err: err}
}

// sizeOf returns the bytes that r will give, 0 = unknown, as for pipes and devices.
func sizeOf(r io.Reader) int64 {
	switch r := r.(type) {
	case *os.File:
		if info, err := r.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	case interface{ Len() int }:
		return int64(r.Len())
	}
	return 0
}

// counting adds the bytes read from r to n. It is atomic because the cutter reads and the
// caller's goroutine reports.
type counting struct {
	r   io.Reader
	n   *atomic.Int64
	err error // repeated: whoever peeks gets it first and may pass over it
}

// Read counts what it reads.
func (c *counting) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	c.err = err
	return n, err
}

// maxRecord is the longest row in bytes: some are held for every core at a time, which must not exceed the bound.
func (s *source) maxRecord() int {
	if s.most == 0 {
		return longestRecord
	}
	return int(min(longestRecord, max(1<<20, s.most/int64(2*chunksAtOnce()))))
}

// chunkSize is how much text a chunk of short rows holds.
func (s *source) chunkSize() int {
	if s.most == 0 {
		return chunkSize
	}
	return int(min(chunkSize, max(64<<10, s.most/int64(32*chunksAtOnce()))))
}
