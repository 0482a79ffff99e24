package data

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

type csvRole uint8

const (
	roleFeature csvRole = iota
	roleID
	roleLabel
	roleDomain
	roleIgnore
)

// csvPlan is what becomes of each column of the file.
type csvPlan struct {
	comma    byte
	names    []string // all columns of the file
	roles    []csvRole
	features []string
	blocks   []Block
	notes    []string
}

func (p *csvPlan) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

// nameOf returns the first column with that role, or "".
func (p *csvPlan) nameOf(role csvRole) string {
	for j, r := range p.roles {
		if r == role {
			return p.names[j]
		}
	}
	return ""
}

func (p *csvPlan) has(role csvRole) bool {
	for _, r := range p.roles {
		if r == role {
			return true
		}
	}
	return false
}

func (p *csvPlan) ignored() []string {
	var names []string
	for j, r := range p.roles {
		if r == roleIgnore {
			names = append(names, p.names[j])
		}
	}
	return names
}

// plan reads the header and gives every column its role.
func (s *csvSource) plan(opt CSVOptions) (*csvPlan, error) {
	header, err := s.readHeader()
	if err != nil {
		return nil, err
	}
	at := func(problem, fix string) error {
		return &CSVError{File: s.file, Line: s.header, Problem: problem, Fix: fix}
	}
	if opt.Comma != 0 && strings.IndexByte("\"\r\n+-.0123456789eE \x00", opt.Comma) >= 0 {
		return nil, fmt.Errorf("data: CSVOptions.Comma: %q cannot separate cells; use a comma, a tab or a semicolon", opt.Comma)
	}
	if bytes.IndexByte(header, '\r') >= 0 && bytes.IndexByte(header, '"') < 0 {
		return nil, at("lines end in CR only (old Macintosh text)", "write them with LF, for instance: tr '\\r' '\\n'")
	}
	p := &csvPlan{comma: opt.Comma}
	if p.comma == 0 {
		p.comma = inferComma(header)
	}
	p.note("cells are separated by %q", p.comma)
	cells := cellReader{data: append(header, '\n'), comma: p.comma}
	for more := true; more; {
		cell, problem := cells.next()
		if problem != "" {
			return nil, &CSVError{File: s.file, Line: s.header, Text: string(cell), Problem: "in the header: " + problem}
		}
		p.names = append(p.names, string(cell))
		more = cells.skipComma()
	}
	if twice := repeated(p.names); len(twice) > 0 {
		return nil, at("columns occur more than once: "+quoted(twice), "rename or remove all but one of each")
	}
	p.roles = make([]csvRole, len(p.names))
	if err := p.assign(opt); err != nil {
		return nil, &CSVError{File: s.file, Line: s.header, Problem: err.Error()}
	}
	for j, name := range p.names {
		if name == "" && p.roles[j] == roleFeature {
			return nil, at(fmt.Sprintf("column %d of %d has no name", j+1, len(p.names)), "name it, or remove a comma too many")
		}
		if p.roles[j] == roleFeature {
			p.features = append(p.features, name)
		}
	}
	if len(p.features) == 0 {
		return nil, at("there are no feature columns besides id, label and domain", "add columns of numbers")
	}
	if err := p.divide(opt.BlockOf); err != nil {
		return nil, &CSVError{File: s.file, Line: s.header, Problem: err.Error()}
	}
	return p, nil
}

// inferComma returns the most frequent separator outside quotes; a comma where they tie.
func inferComma(header []byte) byte {
	var seen [256]int
	inside := false
	for _, c := range header {
		if c == '"' {
			inside = !inside
		}
		if !inside {
			seen[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte("\t;") {
		if seen[c] > seen[best] {
			best = c
		}
	}
	return best
}

// divide groups the features into blocks.
func (p *csvPlan) divide(blockOf func(string) string) error {
	name := func(k int) string {
		if blockOf == nil {
			return BlockName(p.features[k])
		}
		if given := blockOf(p.features[k]); given != "" {
			return given
		}
		return allFeatures
	}
	blocks, again := runs(len(p.features), name)
	switch {
	case again != "" && blockOf != nil:
		return fmt.Errorf("CSVOptions.BlockOf: the columns of block %q do not follow each other; reorder the columns, or give the runs different names", again)
	case blockOf != nil:
		p.note("blocks: %d, as CSVOptions.BlockOf says", len(blocks))
	case again != "":
		p.note("blocks: one, %q, because columns of block %q stand apart from each other", allFeatures, again)
		blocks = []Block{{allFeatures, 0, len(p.features)}}
	case len(blocks) == len(p.features) && len(blocks) > 1:
		p.note("blocks: one, %q, because no two column names share a beginning", allFeatures)
		blocks = []Block{{allFeatures, 0, len(p.features)}}
	default:
		p.note("blocks: %d, by the beginning of the column names", len(blocks))
	}
	p.blocks = blocks
	return nil
}

// allFeatures names the block of features that show no families.
const allFeatures = "features"

// BlockName returns the block that a column name suggests: what stands before the first "/",
// or else the name without the digits and separators (one of "_-.: ") at its end.
// "hog/12", "hog_12" and "hog12" are all of block "hog"; "12" is of block "features".
func BlockName(column string) string {
	name, _, cut := strings.Cut(column, "/")
	if !cut {
		name = strings.TrimRight(column, "0123456789_-.: ")
	}
	if name == "" {
		return allFeatures
	}
	return name
}

// numbered returns the ids of items in a table without ids: "1", "2", …
func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i + 1)
	}
	return ids
}
