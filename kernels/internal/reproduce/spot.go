package reproduce

import "strings"

// spot is the cell of a table, by the names of its row and column; a name that is not known is "".
type spot struct{ row, column string }

// nameTextCells gives the numerals of tables that are printed as text their spots. Columns are two spaces or more apart,
// and a table is a run of lines with the same number of cells, of which the first has the names of columns.
func nameTextCells(tokens []token) {
	var header []string
	for from := 0; from < len(tokens); {
		to := from
		for to < len(tokens) && tokens[to].kind != newline {
			to++
		}
		cells := lineCells(tokens[from:to])
		if len(cells) < 2 || len(cells) != len(header) {
			header = nil
			for _, c := range cells {
				header = append(header, join(c))
			}
		} else {
			row := join(cells[0])
			for i, c := range cells {
				at := &spot{row: row, column: header[i]}
				for k := range c {
					c[k].spot = at
				}
			}
		}
		from = to + 1
	}
}

// lineCells splits a line where there are two spaces or more, or a tab. The cells are parts of the line.
func lineCells(line []token) [][]token {
	var cells [][]token
	from := 0
	for i, t := range line {
		if t.kind == blank && (len(t.text) > 1 || t.text == "\t") {
			if i > from {
				cells = append(cells, line[from:i])
			}
			from = i + 1
		}
	}
	if from < len(line) {
		cells = append(cells, line[from:])
	}
	return cells
}

// join returns what tokens stand for, in one line.
func join(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		if !t.drawn && t.kind != element && t.kind != picture {
			b.WriteString(t.text)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// tables names the cells of tables in HTML while it is read. Tables may stand in each other.
type tables struct{ open []*table }

// table is a table of which rows are being read.
type table struct {
	header []string // texts of the first row's cells
	rows   int
	column int    // of the cell that is being read, in its row
	row    string // text of the row's first cell
	at     *spot  // of that cell, nil between cells
	text   int    // index of its first token
}

// enter returns the spot of what follows a start tag. tokens = what was read so far.
func (t *tables) enter(tag string, tokens []token) *spot {
	if tag == "table" {
		t.open = append(t.open, &table{})
		return nil
	}
	if len(t.open) == 0 {
		return nil
	}
	in := t.open[len(t.open)-1]
	switch tag {
	case "tr":
		in.endCell(tokens)
		in.rows, in.column, in.row = in.rows+1, -1, ""
	case "td", "th":
		in.endCell(tokens)
		in.column++
		in.at, in.text = &spot{row: in.row}, len(tokens)
		if in.rows > 1 && in.column < len(in.header) {
			in.at.column = in.header[in.column]
		}
	}
	return in.at
}

// leave returns the spot of what follows an end tag.
func (t *tables) leave(tag string, tokens []token) *spot {
	if len(t.open) == 0 {
		return nil
	}
	in := t.open[len(t.open)-1]
	switch tag {
	case "table":
		in.endCell(tokens)
		t.open = t.open[:len(t.open)-1]
		if len(t.open) == 0 {
			return nil
		}
		in = t.open[len(t.open)-1]
	case "tr", "td", "th":
		in.endCell(tokens)
	}
	return in.at
}

// endCell ends the cell that is being read: it may be the name of its column or its row.
func (in *table) endCell(tokens []token) {
	if in.at == nil {
		return
	}
	text := join(tokens[in.text:])
	if in.rows <= 1 {
		in.header = append(in.header, text)
	} else if in.column == 0 {
		in.row, in.at.row = text, text
	}
	in.at = nil
}
