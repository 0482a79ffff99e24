package reading

import "io"

// Input is an open file.
type Input struct {
	Name string
	Size int64
	io.ReaderAt
}

// Reader reads the file from its beginning; every call starts anew.
func (in *Input) Reader() io.Reader { return io.NewSectionReader(in, 0, in.Size) }
