package csv

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// plainNumber matches numbers as tables have them, with a decimal comma too: such a cell is refused later, but no name.
var plainNumber = regexp.MustCompile(`^[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?$`)

// isNumber reports whether a cell is a number, blanks around it aside.
func isNumber(cell string) bool { return plainNumber.MatchString(strings.TrimSpace(cell)) }

// isMissing reports whether a cell says neither number nor text: it is empty, or one of the default words for missing.
// The words that an option gives are not known here, where it is a question of what a column is like.
func isMissing(cell string) bool { return cell == "" || missingWords.HasNumber(cell) }

var missingWords = reading.WordsOf(&reading.Options{})

// firstIsItem reports whether the first line, whose cells are h.names, is an item rather than a header, and why; for a
// header why is "" where there was no doubt. A line without numbers is a header, unless it has a text that stands below
// in the same column, as classes do. One with numbers is an item, unless
//
//   - an option names one of its cells, or a cell is called id, label, class or domain,
//   - a column has text in it and numbers below, or the other way round,
//   - its numbers are those by which columns are counted: 0, 1, 2 and so on, as pandas calls columns without names, or
//     numbers in equal steps, as of spectra; and the next line does not go on in the same way.
func firstIsItem(h *heading, opt *reading.Options) (item bool, why string) {
	var places []int
	var numbers []float64
	for j, cell := range h.names {
		if isNumber(cell) {
			value, _ := strconv.ParseFloat(strings.Replace(cell, ",", ".", 1), 64) // matched: out of range at most
			places, numbers = append(places, j), append(numbers, value)
		}
	}
	if namesRole(h.names, opt) {
		return false, ""
	}
	again := false // a text stands below itself, as classes do
	for j, cell := range h.names {
		number := isNumber(cell)
		same, other := 0, 0 // cells below of the kind of this one, and of the other kind
		for _, row := range h.rows {
			switch {
			case j >= len(row) || isMissing(cell) || isMissing(row[j]):
			case isNumber(row[j]) == number:
				same++
				again = again || !number && row[j] == cell
			default:
				other++
			}
		}
		if same == 0 && other > 0 {
			if len(numbers) > 0 {
				why = "since it has text where other lines have numbers, or numbers where they have text"
			}
			return false, why
		}
	}
	switch {
	case len(numbers) == 0 && !again:
		return false, ""
	case len(numbers) == 0:
		return true, "since its texts stand in other lines too"
	}
	if again || !countsColumns(numbers, h.names) {
		return true, "since it holds numbers"
	}
	if len(h.rows) > 0 && len(h.rows[0]) == len(h.names) {
		below := make([]float64, len(places))
		for k, j := range places {
			below[k], _ = strconv.ParseFloat(strings.TrimSpace(h.rows[0][j]), 64)
		}
		if step, even := evenSteps(below); even && step > 0 {
			return true, "since it holds numbers in order, as the next line does"
		}
	}
	return false, fmt.Sprintf("since its numbers (%g to %g) count columns", numbers[0], numbers[len(numbers)-1])
}

// namesRole reports whether one of the cells is a name that has a role: by itself, or by the options.
func namesRole(cells []string, opt *reading.Options) bool {
	named := slices.Concat([]string{opt.ID, opt.Label, opt.Domain}, opt.Ignore, opt.Keep)
	for _, rule := range opt.Blocks {
		named = append(named, rule.First, rule.Last)
	}
	return slices.ContainsFunc(cells, func(cell string) bool {
		alone, err := data.Schema{}.Assign([]string{cell})
		return cell != "" && (slices.Contains(named, cell) || err == nil && alone.Roles[0] != data.RoleFeature)
	})
}

// countsColumns reports whether numbers in a line are likely to be names: 0, 1, 2, … or 1, 2, 3, …, one alone only
// behind a nameless first cell; three or more whole numbers, or four or more of any kind, in equal steps upwards; or
// eight or more that rise. Of eight measurements of equal distribution one in 40,320 rows rises.
func countsColumns(numbers []float64, cells []string) bool {
	k := len(numbers)
	first := numbers[0]
	if k == 1 {
		return cells[0] == "" && (first == 0 || first == 1)
	}
	step, even := evenSteps(numbers)
	if even && step > 0 {
		return step == 1 && (first == 0 || first == 1) || k >= 4 || k == 3 && step == float64(int(step))
	}
	return k >= 8 && slices.IsSorted(numbers) && len(slices.Compact(slices.Clone(numbers))) == k
}

// evenSteps returns the step between neighbours, and whether it is the same for all, up to rounding.
func evenSteps(numbers []float64) (step float64, even bool) {
	if len(numbers) < 2 {
		return 0, false
	}
	step = numbers[1] - numbers[0]
	for k := 1; k < len(numbers); k++ {
		if d := numbers[k] - numbers[k-1] - step; d > 1e-6*step || d < -1e-6*step {
			return step, false
		}
	}
	return step, true
}

// guess returns the columns of the heading. Texts below a made-up name get a role: the first column of texts that all
// differ is the id, the first other one the label. A column that is called as one of row names holds texts where its
// first rows do.
func (h *heading) guess(opt *reading.Options) []reading.Column {
	columns := make([]reading.Column, len(h.names))
	free := []data.Role{data.RoleID, data.RoleLabel}
	var texts []int
	for j, name := range h.names {
		// Any column may hold anything: that it holds no numbers shows when it is read.
		columns[j] = reading.Column{Name: name, Kind: reading.Numbers, Width: 1, Text: true}
		if h.holdsText(j) {
			texts = append(texts, j)
			if reading.IsRowName(name) {
				columns[j].Kind, columns[j].Type = reading.Text, "text"
			}
		}
	}
	if !h.made {
		return columns
	}
	for _, j := range texts {
		role := data.RoleLabel
		if h.allDiffer(j) {
			role = data.RoleID
		}
		if !slices.Contains(free, role) && len(free) > 0 {
			role = free[0]
		}
		columns[j].Guess = role
		free = slices.DeleteFunc(free, func(r data.Role) bool { return r == role })
	}
	if slices.Contains(free, data.RoleLabel) && opt.Label == "" {
		h.hintLabel()
	}
	return columns
}

// holdsText reports whether a quarter or more of the first rows that say anything have text in column j. Fewer are
// mistakes among numbers, to be found when they are read.
func (h *heading) holdsText(j int) bool {
	texts, all := 0, 0
	for _, row := range h.rows {
		if j >= len(row) || isMissing(row[j]) {
			continue
		}
		if all++; !isNumber(row[j]) {
			texts++
		}
	}
	return texts > 0 && 4*texts >= all
}

// allDiffer reports whether no two of the first rows have the same in column j.
func (h *heading) allDiffer(j int) bool {
	seen := map[string]bool{}
	for _, row := range h.rows {
		if j < len(row) {
			if seen[row[j]] {
				return false
			}
			seen[row[j]] = true
		}
	}
	return true
}

// hintLabel notes which column may hold classes in a table without names: the first or last one, if it has a few whole
// numbers. It would be a feature that tells the answer.
func (h *heading) hintLabel() {
	last := len(h.names) - 1
	for _, j := range []int{0, last} {
		values := map[string]bool{}
		whole := len(h.rows) >= 3 && last > 0
		for _, row := range h.rows {
			whole = whole && j < len(row) && isWhole(row[j])
			if j < len(row) {
				values[row[j]] = true
			}
		}
		if whole && len(values) <= 1+len(h.rows)/2 {
			h.note("column %q holds %d different whole numbers in the first rows: if they are classes, name it in Label "+
				"(--label)", h.names[j], len(values))
			return
		}
	}
}

// isWhole reports whether a cell is a whole number, such as 3 or 3.0, and within 64 bits.
func isWhole(cell string) bool {
	value, err := strconv.ParseFloat(strings.TrimSpace(cell), 64)
	return err == nil && value == float64(int64(value))
}
