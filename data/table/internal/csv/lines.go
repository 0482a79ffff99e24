package csv

import (
	"bufio"

	"github.com/go-siamese/lab/data/table/internal/reading"
)

// Text returns the text of a file: unpacked, and past a byte order mark. Other formats and encodings are errors, as in
// the reader of tables. opt.MaxBytes bounds what it unpacks to.
func Text(in *reading.Input, opt *reading.Options) (*bufio.Reader, error) {
	s, err := newSource(sized{in.Reader(), in.Size}, in.Name, reading.Budget(opt, in.Size))
	if err != nil {
		return nil, err
	}
	return s.in, nil
}
