package reading

import "io"

// Input is an open file. Readers may read several parts at the same time and do not close
// it. Name stands for it in errors; Size is its length in bytes, which it keeps.
type Input struct {
	Name string
	Size int64
	io.ReaderAt
}

// Reader reads the file from its beginning; every call starts anew.
func (in *Input) Reader() io.Reader { return io.NewSectionReader(in, 0, in.Size) }
