package beam

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
)

// A list of pictures has a line for each: its path, and after tabs its class and its domain, where all lines have one.
// Paths go from the folder of the list. They are the ids as they are written.

// picture is a line of a list.
type picture struct {
	id            string
	path          string
	label, domain string
}

// longest is the most bytes of a line.
const longest = 1 << 16

// lists returns the units of lists, of so many lines each, and how many cells their lines have. It looks at all lines.
func lists(paths []string, lines int) (all []Unit, cells int, err error) {
	files, err := tables(paths)
	if err != nil {
		return nil, 0, err
	}
	for _, one := range files {
		err := eachLine(one.Path, 0, func(n, offset int64, line string) error {
			have := strings.Count(line, "\t") + 1
			switch {
			case line == "" || line[0] == '\t':
				return errors.New("there is no path: remove the line")
			case !utf8.ValidString(line):
				return errors.New("it is not UTF-8: write the list so, and rename the picture")
			case have > 3:
				return fmt.Errorf("it has %d cells: want a path, a class and a domain, with tabs between", have)
			case cells != 0 && have != cells:
				return fmt.Errorf("it has %d cells, and the first line %d: all lines have the same", have, cells)
			}
			cells = have
			if n%int64(lines) == 0 {
				one.Group, one.First, one.Offset, one.Lines = int(n/int64(lines)), n, offset, 0
				all = append(all, one)
			}
			all[len(all)-1].Lines++
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	if len(all) == 0 {
		return nil, 0, errors.New("there are no pictures in the lists")
	}
	return all, cells, nil
}

// errEnough ends the reading of lines.
var errEnough = errors.New("enough")

// eachLine calls do with the lines of a list from a byte on: their number from 0, where they begin, and what they hold.
func eachLine(path string, from int64, do func(n, offset int64, line string) error) (err error) {
	f, err := openfile.Regular(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return err
	}
	r := bufio.NewReaderSize(f, longest)
	for n := int64(0); ; n++ {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			if errors.Is(err, bufio.ErrBufferFull) {
				err = fmt.Errorf("it has more than %d bytes: is this a list of paths?", longest)
			}
			return fmt.Errorf("%s:%d: %w", quote.Text(path), n+1, err)
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
		if err := do(n, from, text); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s:%d: %w", quote.Text(path), n+1, err)
		}
		from += int64(len(line))
	}
}

// pictures returns the lines of a unit.
func (u Unit) pictures() ([]picture, error) {
	if err := u.same(); err != nil {
		return nil, err
	}
	all := make([]picture, 0, u.Lines)
	err := eachLine(u.Path, u.Offset, func(_, _ int64, line string) error {
		cells := append(strings.Split(line, "\t"), "", "")
		path := filepath.FromSlash(cells[0])
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(u.Path), path)
		}
		all = append(all, picture{cells[0], path, cells[1], cells[2]})
		if len(all) == u.Lines {
			return errEnough
		}
		return nil
	})
	if err == nil && len(all) < u.Lines {
		err = fmt.Errorf("%s has lost lines", quote.Text(u.Path))
	}
	return all, err
}

// same returns an error if the file of a unit was changed.
func (u Unit) same() error {
	stat, err := os.Stat(u.Path)
	if err == nil && (stat.Size() != u.Size || stat.ModTime().UnixNano() != u.Time) {
		err = fmt.Errorf("%s was changed while it was read: start again", quote.Text(u.Path))
	}
	return err
}
