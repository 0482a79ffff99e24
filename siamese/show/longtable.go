package show

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/internal/tables"
)

// textRows bounds the rows of a long table as plain text.
const textRows = 10

// longTable appends a table that scrolls. In a notebook that is trusted a script sorts it by the column that is clicked
// and shows the rows that contain a text; elsewhere it is a table as any other. Without a network all is there.
func (o *Outputs) longTable(caption string, header []string, rows [][]string) {
	text := tables.Text(caption, header, rows[:min(len(rows), textRows)])
	if more := len(rows) - textRows; more > 0 {
		text += fmt.Sprintf("\nand %d rows more", more)
	}
	var b strings.Builder
	b.WriteString(`<div class="siamese-table"><div style="max-height:24em;overflow:auto">`)
	b.WriteString(tables.HTML(caption, header, rows))
	b.WriteString("</div></div>")
	b.WriteString(sorting)
	o.html(text, b.String())
}

// sorting makes tables sort and filter. It finds its table by the class, since outputs have no names, and touches each
// once. Cells are moved as they are, and nothing of them is read as HTML.
const sorting = `<script>
document.querySelectorAll(".siamese-table:not([data-ready])").forEach(function (box) {
  box.dataset.ready = "1";
  var table = box.querySelector("table"), rows = Array.from(table.rows), head = rows.shift(), by = -1, down = false;
  var filter = document.createElement("input");
  filter.placeholder = "show rows with…";
  filter.setAttribute("aria-label", "show rows with this text");
  filter.addEventListener("keydown", function (e) { e.stopPropagation(); });
  var said = document.createElement("span"), mark = document.createElement("span");
  said.setAttribute("role", "status");
  said.style.marginLeft = "1em";
  mark.setAttribute("aria-hidden", "true");
  filter.addEventListener("input", function () {
    var want = filter.value.toLowerCase(), n = 0;
    rows.forEach(function (r) {
      r.hidden = !r.textContent.toLowerCase().includes(want);
      n += r.hidden ? 0 : 1;
    });
    said.textContent = want && n + " of the " + rows.length + " rows below";
  });
  box.insertBefore(said, box.firstChild);
  box.insertBefore(filter, said);
  Array.from(head.cells).forEach(function (th, k) {
    var sort = function () {
      down = by === k && !down;
      by = k;
      var key = function (r) { return r.cells[k] ? r.cells[k].textContent : ""; };
      rows.sort(function (a, b) {
        var x = key(a), y = key(b), n = x !== "" && y !== "" && !isNaN(x) && !isNaN(y);
        var order = n ? x - y : x.localeCompare(y, undefined, {numeric: true});
        return down ? -order : order;
      });
      rows.forEach(function (r) { r.parentNode.appendChild(r); });
      Array.from(head.cells).forEach(function (c) { c.removeAttribute("aria-sort"); });
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      mark.textContent = down ? " \u25bc" : " \u25b2";
      th.appendChild(mark);
    };
    th.style.cursor = "pointer";
    th.tabIndex = 0;
    th.title = "sort by this column";
    th.addEventListener("click", sort);
    th.addEventListener("keydown", function (e) {
      if (e.key === "Enter" || e.key === " ") { e.preventDefault(); e.stopPropagation(); sort(); }
    });
  });
});
</script>`
