package csv

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// maxRecord bounds a row, and the header, so that a quote left open does not read the whole
// file into memory.
const maxRecord = 64 << 20

// source is the open input: decompressed, past a byte order mark. It belongs to one call of
// [Read] or scan. While rows are read, in belongs to the goroutine that cuts chunks; line
// and header are set before.
type source struct {
	file       string
	total      int64        // bytes of the input as stored, 0 = unknown
	done       atomic.Int64 // bytes of them read
	compressed bool
	in         *bufio.Reader
	header     int // line where the header starts
	line       int // lines read so far
}

// newSource decompresses r, skips a byte order mark, and refuses other formats and encodings by
// their beginning. Only 8 bytes of text are looked at; that the rest is UTF-8 is checked cell
// by cell.
func newSource(r io.Reader, name string) (*source, error) {
	s := &source{file: name, total: sizeOf(r)}
	// Bytes are counted before they are decompressed: progress is in bytes of the file, whose
	// number is known.
	raw := bufio.NewReaderSize(&counting{r: r, n: &s.done}, 1<<16)
	plain, err := s.unpack(raw)
	if err != nil {
		return nil, s.readError(err)
	}
	if s.compressed {
		raw = bufio.NewReaderSize(plain, 1<<16)
	}
	s.in = raw
	head, err := s.in.Peek(8)
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
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = s.in.Discard(3) // these bytes were peeked: it cannot fail
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
		// One decoder is enough ahead of the parsers; the window is bounded so that a header
		// cannot ask for gigabytes. 128 MiB is what zstd --ultra -22 uses.
		return zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20),
			zstd.WithDecoderLowmem(true))
	}
	return raw, nil
}

// foreign recognises other formats and encodings by their first bytes. It returns "", "" for
// what may be text. Without it, a spreadsheet would be reported as text with strange cells.
func foreign(head []byte) (problem, fix string) {
	for _, f := range []struct{ magic, problem, fix string }{
		{"\xff\xfe", "the text is UTF-16", "save it as UTF-8, for instance: iconv -f UTF-16 -t UTF-8"},
		{"\xfe\xff", "the text is UTF-16", "save it as UTF-8, for instance: iconv -f UTF-16 -t UTF-8"},
		{"PAR1", "this is a Parquet file, not text", "write the table as CSV"},
		{"ARROW1", "this is an Arrow file, not text", "write the table as CSV"},
		{"\x93NUMPY", "this is a NumPy file, not text", "write the table as CSV"},
		{"PK\x03\x04", "this is a zip archive (or a spreadsheet), not text", "unpack it, or save the sheet as CSV"},
		{"\x28\xb5\x2f\xfd", "this is compressed with zstd twice", "unpack it once"},
		{"BZh", "this is compressed with bzip2", "unpack it, or compress with gzip"},
		{"\xfd7zXZ", "this is compressed with xz", "unpack it, or compress with gzip"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.problem, f.fix
		}
	}
	return "", ""
}

// readHeader returns the first line that is not blank, without its end. A quoted name may hold
// line ends, so a line ends only where the number of quotes before it is even. The caller may
// append to the result.
//
// It reads by slices of the buffer, not by ReadLine, because a header of 100,000 names is
// longer than any buffer.
func (s *source) readHeader() ([]byte, error) {
	var header []byte
	quotes := 0
	s.header = 1
	for {
		part, err := s.in.ReadSlice('\n')
		header = append(header, part...)
		quotes += bytes.Count(part, []byte{'"'})
		if err == nil {
			s.line++
			if quotes%2 == 1 {
				err = bufio.ErrBufferFull // the line end belongs to a quoted name
			}
		}
		switch {
		case bytes.IndexByte(part, 0) >= 0:
			return nil, &tableerr.Error{File: s.file, Line: s.header,
				Problem: "the header holds zero bytes: this is a binary file, or UTF-16 text",
				Fix:     option.Do("save it as UTF-8 text")}
		case len(header) > maxRecord:
			return nil, &tableerr.Error{File: s.file, Line: s.header, Problem: "the header is longer than 64 MiB",
				Fix: option.Do("check for a quote that is never closed")}
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
			return nil, &tableerr.Error{File: s.file, Problem: "the file holds blank lines only",
				Fix: option.Do("it needs a header line with column names and a line for every item")}
		}
		header, s.header = header[:0], s.line+1
	}
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
	r io.Reader
	n *atomic.Int64
}

// Read counts what it reads.
func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
