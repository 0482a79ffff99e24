package table

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/option"
)

// isLFW reports whether a text begins like the pairs of Labeled Faces in the Wild (Huang et al., 2007): a line with the
// number of pairs, or of sets and of pairs in each, and then lines of "name i j" or "name1 i name2 j".
func isLFW(lines []textLine) bool {
	if len(lines) < 2 {
		return false
	}
	count := strings.Fields(lines[0].text)
	for _, cell := range count {
		if n, err := strconv.Atoi(cell); err != nil || n < 1 {
			return false
		}
	}
	_, ok := lfwPair(strings.Fields(lines[1].text))
	return ok && len(count) < 3
}

// lfwLine is a pair of pictures, and whether they are of one person.
type lfwLine struct {
	left, right string
	same        bool
}

// lfwPair reads the cells of a pair, false = they are none.
func lfwPair(cells []string) (lfwLine, bool) {
	number := func(text string) (int, bool) {
		n, err := strconv.Atoi(text)
		return n, err == nil && n >= 0
	}
	switch len(cells) {
	case 3:
		i, okI := number(cells[1])
		j, okJ := number(cells[2])
		return lfwLine{lfwKey(cells[0], i), lfwKey(cells[0], j), true}, okI && okJ
	case 4:
		i, okI := number(cells[1])
		j, okJ := number(cells[3])
		return lfwLine{lfwKey(cells[0], i), lfwKey(cells[2], j), false}, okI && okJ
	}
	return lfwLine{}, false
}

// lfwKey is the name of a picture's file, without folder and ending: Aaron_Peirsol_0001.
func lfwKey(name string, number int) string { return fmt.Sprintf("%s_%04d", name, number) }

// lfwNumber is the number at the end of such a name.
var lfwNumber = regexp.MustCompile(`^(.+)_([0-9]{1,9})$`)

// readLFW reads a list in the layout of LFW's pairs.txt. The count in its first line must be that of the pairs. Items
// are found by the names of their files; folders and endings may be any.
func (r *pairReader) readLFW(ctx context.Context) error {
	for _, given := range []struct{ option, value string }{{"Left", r.opt.Left}, {"Right", r.opt.Right},
		{"Label", r.opt.Label}, {"Weight", r.opt.Weight}} {
		if given.value != "" && given.value != "-" {
			return &Error{File: r.path, Problem: "it is a list in the layout of LFW, whose columns have fixed meanings",
				Fix: option.Do("leave out %s", "PairOptions."+given.option)}
		}
	}
	if r.opt.ByRow {
		return &Error{File: r.path, Problem: "it is a list in the layout of LFW, which names pictures",
			Fix: option.Do("leave out %s", "PairOptions.ByRow")}
	}
	byName := make(map[string]int32, len(r.at))
	for id, i := range r.at {
		key := withoutEnding(baseOf(id))
		if parts := lfwNumber.FindStringSubmatch(key); parts != nil {
			n, _ := strconv.Atoi(parts[2]) // at most 9 digits
			key = lfwKey(parts[1], n)
		}
		if _, twice := byName[key]; twice {
			i = -1
		}
		byName[key] = i
	}
	r.at = byName
	r.e.Left, r.e.Right, r.e.Label, r.worded = "left", "right", "label", true
	r.e.Format = "pairs of LFW"
	r.note("ids: the items whose files are called NAME_0001 and so on; the label: same for NAME 1 2, else different")
	want, head := 0, 0
	err := r.each(ctx, ' ', func(line int, cells []string) error {
		if head == 0 {
			head, want = line, 2
			for _, cell := range cells {
				n, _ := strconv.Atoi(cell) // isLFW has looked
				want *= n
			}
			return nil
		}
		pair, ok := lfwPair(cells)
		if !ok {
			return &Error{File: r.path, Line: line, Text: strings.Join(cells, " "),
				Problem: "is neither NAME I J nor NAME1 I NAME2 J", Fix: option.Do("correct the line")}
		}
		r.lines = append(r.lines, line)
		r.left, r.right = append(r.left, strings.Clone(pair.left)), append(r.right, strings.Clone(pair.right))
		label := float32(0)
		if pair.same {
			label = 1
		}
		r.label = append(r.label, label)
		return nil
	})
	if err == nil && len(r.lines) != want {
		err = &Error{File: r.path, Line: head,
			Problem: fmt.Sprintf("by this line there are %d pairs, and the file has %d", want, len(r.lines)),
			Fix:     option.Do("copy the file again").Or("correct the count")}
	}
	return err
}
