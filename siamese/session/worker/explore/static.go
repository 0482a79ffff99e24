package explore

import (
	"encoding/base64"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/widget"
	"github.com/go-siamese/lab/siamese/internal/tables"
	"github.com/go-siamese/lab/siamese/show"
)

// quiet is how long nothing must have changed before what stays in a saved notebook is drawn.
const quiet = 600 * time.Millisecond

// redraw has what stays in a saved notebook drawn when nothing changes any more. e.mu is held.
func (e *Explorer) redraw() {
	e.moved = time.Now()
	if e.draws || e.view == nil {
		return
	}
	e.draws = e.begin(func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		for e.ctx.Err() == nil {
			wait := time.Until(e.moved.Add(quiet))
			if wait <= 0 {
				break
			}
			e.mu.Unlock()
			select {
			case <-time.After(wait):
			case <-e.ctx.Done():
			}
			e.mu.Lock()
		}
		e.draws = false
		if e.ctx.Err() != nil {
			return
		}
		v, f := e.view, e.found
		if v == nil { // showing it again has failed
			return
		}
		marks := e.judged.marks(f.Query.ID)
		e.mu.Unlock()
		if data, err := e.staticBundle(v.id, f, marks); err == nil { // a picture that cannot be drawn: it stays as it was
			_ = widget.Redisplay(e.ctx, v.id, data) // where nobody hears it, the cell shows it when it runs again
		}
		e.mu.Lock()
	})
}

// staticBundle returns what stays in a saved notebook, by MIME type: the query with its neighbours as pictures, where
// they are, and as a table. id is that of the view; marks are the verdicts by the neighbours' ids.
func (e *Explorer) staticBundle(id string, f *found, marks map[string]string) (map[string]any, error) {
	out, err := e.outputs(f, marks)
	if err != nil {
		return nil, err
	}
	data := map[string]any{"text/plain": strings.TrimRight(out.String(), "\n")}
	var b strings.Builder
	for _, o := range out {
		if o.PNG == nil {
			b.WriteString(o.HTML)
			continue
		}
		png := base64.StdEncoding.EncodeToString(o.PNG)
		data["image/png"] = png
		fmt.Fprintf(&b, `<div><img alt="%s" width="%d" style="max-width:100%%;background:#fff" `+
			`src="data:image/png;base64,%s"></div>`,
			html.EscapeString(o.Text), o.Width, png)
	}
	data["text/html"] = `<div class="siamese-explore-static siamese-explore-` + id + `">` + b.String() + "</div>"
	return data, nil
}

// outputs draws what was found.
func (e *Explorer) outputs(f *found, marks map[string]string) (show.Outputs, error) {
	header := []string{"item", "label", "domain", "cosine", "place", "judged"}
	rows := [][]string{}
	for k, n := range f.List {
		rows = append(rows, []string{n.ID, n.Label, n.Domain, fmt.Sprintf("%.4f", n.Cosine), place(k+1, n.Was),
			marks[n.ID]})
	}
	header, rows = tables.Filled(header, rows, "label", "domain", "judged")
	title := fmt.Sprintf("nearest to %s%s by %s", f.Query.ID, inBrackets(f.Query.Label), e.words(f.Settings))
	if f.Before != "" {
		title += "; before it was " + f.Before
	}
	out := show.TableOutputs(title, header, rows)
	if e.g.Picture == nil {
		return out, nil
	}
	row := []show.Tile{{Image: e.g.Picture(f.Query.ID), Text: f.Query.ID, Caption: f.Query.ID + inBrackets(f.Query.Label),
		Mark: show.Query}}
	for _, n := range f.List[:min(len(f.List), mostDrawn)] {
		tile := show.Tile{Image: e.g.Picture(n.ID), Text: n.ID,
			Caption: fmt.Sprintf("%.3f\n%s%s", n.Cosine, n.ID, inBrackets(n.Label))}
		switch n.Agrees {
		case same:
			tile.Mark = show.Right
		case different:
			tile.Mark = show.Wrong
		}
		row = append(row, tile)
	}
	grid, err := show.GridOutputs(title, rowsOf(row))
	return append(grid, out...), err
}

// mostDrawn bounds the neighbours that are drawn as pictures in a saved notebook.
const mostDrawn = 20

// perRow is how many pictures stand in a row of a saved notebook.
const perRow = 7

// rowsOf breaks a row of tiles.
func rowsOf(row []show.Tile) (rows [][]show.Tile) {
	for len(row) > perRow {
		rows, row = append(rows, row[:perRow]), row[perRow:]
	}
	return append(rows, row)
}

// place says where an item stands, and where it stood.
func place(now, was int) string {
	switch {
	case was < 0:
		return fmt.Sprintf("%d (new)", now)
	case was == 0 || was == now:
		return fmt.Sprint(now)
	case was > now:
		return fmt.Sprintf("%d (up from %d)", now, was)
	}
	return fmt.Sprintf("%d (down from %d)", now, was)
}

// inBrackets returns a label in brackets after a blank, or "".
func inBrackets(label string) string {
	if label == "" {
		return ""
	}
	return " [" + quote.Cut(label, 60) + "]"
}
