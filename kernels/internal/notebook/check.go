package notebook

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
)

// Finding is one thing that makes a notebook unfit to be committed.
type Finding struct {
	// Cell counts from 1, as JupyterLab's users do; 0 is the notebook as a whole.
	Cell int
	// Text says what is wrong and, where it is not obvious, what to do.
	Text string
}

// String returns the finding with the cell's number before it.
func (f Finding) String() string {
	if f.Cell == 0 {
		return f.Text
	}
	return fmt.Sprintf("cell %d: %s", f.Cell, f.Text)
}

var (
	// machinePath matches paths that tell about a machine: homes and temporary directories of Linux, macOS and Windows.
	// A path in them says who ran the notebook, and does not exist for anybody else.
	machinePath = regexp.MustCompile(`(?i)(/home/|/root/|/Users/|/tmp/|/var/folders/|/private/var/|` +
		`[A-Z]:\\+Users\\)[\w.@-]+`)
	// failedScript matches what GoNB writes at the end of standard error. It counts for cells of other languages only,
	// which it may have started without the kernel's guard: a program may print such words itself.
	failedScript = regexp.MustCompile(`(?m)^(exit status \d+|signal: .+)\s*\z`)
	// scriptCell matches the source of such a cell.
	scriptCell = regexp.MustCompile(`\A\s*%%(script|bash|sh)\b`)
	// networkUse matches HTML that makes a browser fetch something when it shows the page: then it would not show
	// without a network, and would tell somebody that it is being read. Links that a reader has to click are allowed.
	networkUse = regexp.MustCompile(`(?i)(` + strings.Join([]string{
		`\b(src|srcset|data|poster|action)\s*=\s*["']?\s*(https?:)?//`,
		`<link\b[^>]*\bhref\s*=\s*["']?\s*(https?:)?//`,
		`<(image|use)\b[^>]*\bhref\s*=\s*["']?\s*(https?:)?//`,
		`@import\s+(url\()?\s*["']?(https?:)?//`,
		`url\(\s*["']?(https?:)?//`,
		`\b(import|fetch|importScripts)\s*\(\s*["'](https?:)?//`,
	}, "|") + `)`)
)

// Failure returns the name and value of an error output, or how the script of another language failed; "" if all is
// well.
func (c *Cell) Failure() string {
	script := scriptCell.MatchString(c.Source())
	for _, o := range c.Outputs() {
		if o.Kind() == "error" {
			value, _ := o.raw["evalue"].(string)
			name, _ := o.raw["ename"].(string)
			return strings.TrimSpace(name + ": " + value)
		}
		if name, content := o.Stream(); script && name == "stderr" {
			if m := failedScript.FindStringSubmatch(content); m != nil {
				return m[1]
			}
		}
	}
	return ""
}

// CheckFile reads a notebook file and returns all that makes it unfit to be committed: what [Notebook.Check] finds, and
// that it is not in the form in which `run --inplace` writes it, byte for byte. Without that rule every run by somebody
// else would change lines that say nothing. The error is about reading the file.
func CheckFile(path string) ([]Finding, error) {
	content, err := openfile.ReadPart(path)
	if err != nil {
		return nil, err
	}
	nb, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// Check comes first: Clean changes the notebook.
	findings := nb.Check()
	nb.Clean("", "")
	if clean, err := nb.Bytes(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	} else if !bytes.Equal(clean, content) {
		const text = "not in the form that `run --inplace` writes, so it would change with every run"
		findings = append(findings, Finding{0, text})
	}
	return findings, nil
}

// Check returns all that makes a notebook unfit to be committed, in the order of the cells: no text at its beginning,
// code that was not executed or not in order, failed cells, paths of a machine, outputs that need a network or a kernel
// that has ended, not exactly one parameters cell, injected parameters, another version of the lab, receipts that are
// missing or are not of this code and these outputs, a kernel that is not ours. It returns nil if there is nothing, and does not change the notebook.
func (n *Notebook) Check() []Finding {
	var findings []Finding
	add := func(cell int, format string, args ...any) {
		findings = append(findings, Finding{cell, fmt.Sprintf(format, args...)})
	}
	if len(n.Cells) == 0 || n.Cells[0].Type() != "markdown" {
		add(0, "the first cell is not text: say there what the notebook does, how long it takes and what comes out")
	}
	parameters, count := 0, 0
	for i, c := range n.Cells {
		at := i + 1
		if c.HasTag(TagInjected) {
			add(at, "parameters of one run are kept in the notebook: execute it without -p")
		}
		if c.HasTag(TagParameters) {
			parameters++
		}
		// Text cells too: they may quote a command with the author's home.
		if m := machinePath.FindString(c.Source()); m != "" {
			add(at, "the source names a path of a machine: %s", m)
		}
		if c.Type() != "code" || c.Empty() {
			continue
		}
		// Empty cells are not executed and have no count; the others count on from 1 without a gap.
		count++
		// Counts have to be 1, 2, 3...: a notebook that was executed out of order may not run from its start.
		switch got := c.Count(); {
		case got == 0:
			add(at, "not executed: use `run --inplace`")
		case got != count:
			add(at, "execution count %d where %d is due: execute the notebook from its start", got, count)
		}
		if failure := c.Failure(); failure != "" {
			add(at, "failed: %s", failure)
		}
		for _, o := range c.Outputs() {
			o.check(func(format string, args ...any) { add(at, format, args...) })
		}
	}
	if parameters != 1 {
		add(0, "%d cells are tagged %q, exactly one should be", parameters, TagParameters)
	}
	n.checkReceipts(add)
	// Another kernel would have to be installed by whoever opens the notebook.
	if kernel := n.Kernel(); !strings.HasPrefix(kernel, "siamese-") {
		add(0, "it names the kernel %q, not one of ours", kernel)
	}
	return findings
}

// check calls add for everything that is wrong with one output. Streams are text, which fetches nothing; of displayed
// data every MIME type is looked at but pictures other than SVG, which are base64.
func (o Output) check(add func(format string, args ...any)) {
	texts := map[string]string{}
	if _, content := o.Stream(); content != "" {
		texts["text"] = content
	}
	data, _ := o.raw["data"].(map[string]any)
	if _, ok := data["application/vnd.jupyter.widget-view+json"]; ok {
		add("an output is a widget of a kernel that has ended, for which JupyterLab shows an error: use `run --inplace`")
	}
	for mime := range data {
		if !strings.HasPrefix(mime, "image/") || mime == "image/svg+xml" { // other pictures are base64
			texts[mime] = embedded.ReplaceAllString(o.Data(mime), "data:")
		}
	}
	for mime, content := range texts {
		if m := machinePath.FindString(content); m != "" {
			add("an output (%s) names a path of a machine: %s", mime, m)
		}
		// Plain text may name an address; nothing fetches it.
		if mime != "text" && mime != "text/plain" {
			if m := networkUse.FindString(content); m != "" {
				add("an output (%s) needs the network: %s…", mime, m)
			}
		}
	}
}

// embedded matches data that is written out in place, such as a picture in an HTML output. It is taken out before
// looking for paths: base64 contains a "/tmp/x" now and then by chance.
var embedded = regexp.MustCompile(`data:[a-z]+/[\w.+-]+(;[\w=-]+)*,[A-Za-z0-9+/=%]*`)
