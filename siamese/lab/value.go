package lab

import (
	"fmt"
	"html"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/fields"
)

func init() {
	cell.Draws(func(v any) (bool, error) {
		switch v := v.(type) {
		case config.Config:
			return true, cell.Display(configOutput(v))
		case *config.Config:
			return true, cell.Display(configOutput(*v))
		case shown: // a handle of the session itself
			return true, v.Display(stopped())
		}
		return false, nil
	})
}

// Value shows values as the kernel does with what stands in last place in a cell: see [cell.Value].
func Value(values ...any) { cell.Value(values...) }

// configOutput is a table of what differs from the default configuration.
func configOutput(c config.Config) cell.Output {
	differences := fields.Differences(config.Default(), c)
	if len(differences) == 0 {
		return cell.Output{Data: map[string]any{"text/plain": "the default configuration"}}
	}
	var text, table strings.Builder
	text.WriteString("settings that are not the default")
	table.WriteString("<table><tr><th>setting</th><th>value</th><th>default</th></tr>")
	for _, d := range differences {
		now, was := quote.Line(fmt.Sprint(d.Now)), quote.Line(fmt.Sprint(d.Was))
		fmt.Fprintf(&text, "\n%-24s %s (default %s)", d.Name, now, was)
		fmt.Fprintf(&table, "<tr><td>%s</td><td>%s</td><td>%s</td></tr>", d.Name, html.EscapeString(now),
			html.EscapeString(was))
	}
	table.WriteString("</table>")
	return cell.Output{Data: map[string]any{"text/plain": text.String(), "text/html": table.String()}}
}
