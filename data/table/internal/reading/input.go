package reading

import "io"

// Input is an open file.
type Input struct {
	Name string
	Size int64
	io.ReaderAt
}

func (in *Input) Reader() io.Reader { return io.NewSectionReader(in, 0, in.Size) }
