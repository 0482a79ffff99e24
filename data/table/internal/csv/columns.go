package csv

import (
	"io"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// columnsWriter returns a writer of columns with this separator. All text is quoted, so that an id such as 1e3 or one
// with spaces around it is read as it is. Numbers have the fewest digits that give the same float32 back.
func columnsWriter(comma byte) reading.ColumnsWriter {
	quote := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
	between := string(comma)
	return func(w io.Writer, names []string, columns [][]string, f *data.Frame) error {
		line := strings.Join(append(names[:len(names):len(names)], f.Columns...), between) + "\n"
		for i := 0; ; i++ {
			if _, err := io.WriteString(w, line); err != nil || i == f.N() {
				return err
			}
			cells := make([]string, 0, len(columns)+f.F())
			for _, column := range columns {
				cells = append(cells, quote(column[i]))
			}
			for _, v := range f.Row(i) {
				cells = append(cells, strconv.FormatFloat(float64(v), 'g', -1, 32))
			}
			line = strings.Join(cells, between) + "\n"
		}
	}
}
