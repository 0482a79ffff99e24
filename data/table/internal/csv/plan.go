package csv

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// notUTF8 is what to do about text in another encoding. Most such tables come from spreadsheets of the West, where
// letters with accents stand alone among plain ones; a run of bytes above 127 is a word of another script.
func notUTF8(text []byte) option.Fix {
	from := "WINDOWS-1252"
	run := 0
	for _, c := range text {
		if run++; c < 0x80 {
			run = 0
		}
		if run == 4 {
			from = "ENCODING (such as WINDOWS-1251, GB18030 or SHIFT_JIS)"
		}
	}
	return option.Do("save the table as UTF-8, for instance: iconv -f " + from + " -t UTF-8")
}

// plan is what happens to each column of a file, and what separates its cells.
type plan struct {
	*reading.Plan
	comma          byte
	words          *reading.Words // for missing
	numbersMissing bool           // some of the words are numbers: all cells are compared with them
	utf16          bool           // what could not be decoded is U+FFFD
	hollow         []bool         // ignored columns that must have no value, nil = none
}

// plan reads the header and gives every column its role.
func (s *source) plan(opt *reading.Options) (*plan, error) {
	h, err := s.heading(opt)
	if err != nil {
		return nil, err
	}
	for j, name := range h.names {
		if !utf8.ValidString(name) {
			return nil, &tableerr.Error{File: s.file, Line: s.header, Text: name,
				Problem: fmt.Sprintf("in cell %d of the header is not UTF-8", j+1), Fix: notUTF8([]byte(name))}
		}
	}
	if err := s.doubtNames(h); err != nil {
		return nil, err
	}
	p, hollow, err := s.planHollow(h, opt)
	if bad := new(tableerr.Error); errors.As(err, &bad) {
		bad.Line = s.header
	}
	if err != nil {
		return nil, err
	}
	h.hintCodes(func(j int) bool { return p.Roles[j] == data.RoleFeature })
	p.Notes = append(h.notes, p.Notes...)
	words := reading.WordsOf(opt)
	return &plan{Plan: p, comma: h.comma, words: words, numbersMissing: words.SpellNumber(), utf16: s.utf16,
		hollow: hollow}, nil
}
