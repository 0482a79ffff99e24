package data

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// NoColumn as the id, label or domain of [CSVOptions] says that no column has that
// role, whatever the columns are called.
const NoColumn = "-"

// CSVOptions say how to read a text table. The zero value infers everything from the header
// and refuses missing values; what was inferred is told in Report.
type CSVOptions struct {
	// Comma separates cells. 0 = the most frequent of comma, tab and semicolon in the header.
	Comma byte
	// ID names the column of item ids. "" = the column called "id", else a nameless first
	// column (the index that pandas writes), else the items are numbered "1", "2", …
	// NoColumn = number the items.
	ID string
	// Label names the column of classes. "" = the column called "label" or "class", if any.
	Label string
	// Domain names the column of domains. "" = the column called "domain", if any.
	Domain string
	// Ignore names columns to leave out. All others are features.
	Ignore []string
	// Blocks say which features form which block, as in [Schema]; give these or BlockOf.
	Blocks []BlockRule
	// BlockOf returns the block of a feature column; columns of one block must follow each
	// other. nil = [BlockName], and one block for all where that gives no runs of columns.
	BlockOf func(column string) string
	// AllowMissing reads empty cells, NA, NaN, null and infinities as NaN instead of
	// refusing them. [Frame.Validate] still names them.
	AllowMissing bool
	// RolesOnly reads ids, labels and domains alone: all other columns are left out, whatever
	// they hold, and the frame has no features.
	RolesOnly bool
	// MaxBytes bounds the values of the frame, so that a small compressed file cannot fill the
	// memory. 0 = no bound. It does not bind ScanCSV.
	MaxBytes int64
	// Progress, when set, is called in the caller's goroutine with the bytes read so far and
	// the size of the file (0 = unknown; both before decompression). An error it returns, for
	// instance ctx.Err(), stops the reading and is returned.
	Progress func(done, total int64) error
	// Report, when set, receives what was found and inferred.
	Report *CSVReport
}

// schema returns what the options say about columns.
func (o CSVOptions) schema() Schema {
	return Schema{ID: o.ID, Label: o.Label, Domain: o.Domain, Ignore: o.Ignore, Blocks: o.Blocks, BlockOf: o.BlockOf, owner: "CSVOptions"}
}

// CSVReport tells what a table was taken to be.
type CSVReport struct {
	File       string
	Compressed bool   // it was gzip or zstd
	Comma      byte   // between cells
	ID         string // column of the ids, "" = the items are numbered
	Label      string // column of the labels, "" = none
	Domain     string // column of the domains, "" = none
	Ignored    []string
	Blocks     []Block
	Rows       int
	Missing    int      // cells read as NaN because they were empty or said so
	Infinite   int      // cells read as NaN because they were infinite
	Notes      []string // how each of these was decided, a sentence each
}

// String returns the notes, a line each, under one line with the size.
func (r *CSVReport) String() string {
	width := 0
	for _, b := range r.Blocks {
		width += b.Width()
	}
	return fmt.Sprintf("%s: %d items x %d features\n  %s\n", r.File, r.Rows, width, strings.Join(r.Notes, "\n  "))
}

// OpenCSV returns the frame in the file at path. See [ReadCSV].
func OpenCSV(path string, opt CSVOptions) (*Frame, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("data: open table: %w", err)
	}
	defer file.Close()
	return ReadCSV(file, path, opt)
}

// ReadCSV returns the frame that r spells as comma-separated values (RFC 4180, 2005) with a
// header line, plain, gzip or zstd (told by content). name stands for the file in errors.
//
// Accepted: a UTF-8 byte order mark, LF and CRLF, quoted cells with commas and line ends
// inside, spaces around unquoted cells (dropped), blank lines (skipped). Numbers are decimal,
// with or without exponent, and are rounded to the nearest float32: integers beyond 2^24 and
// decimals beyond some 7 digits lose their last digits. Integers past 2^53, which are ids rather
// than measurements, are refused.
//
// Everything else is an error of type [*CSVError] that names file, line, column and text:
// rows longer or shorter than the header, cells that are no finite number, numbers beyond
// the range of float32, repeated columns and ids, unknown columns in opt, other encodings
// and formats. The first one in the file is returned.
//
// Rows are parsed in parallel. Beyond the frame it needs a few megabytes, or some rows where
// they are longer than that; where the size of the input is unknown (gzip, zstd, a pipe) the frame
// grows by copying, which takes up to its size again for a moment. A single row may not
// exceed 64 MiB.
func ReadCSV(r io.Reader, name string, opt CSVOptions) (*Frame, error) {
	source, err := newCSVSource(r, name)
	if err != nil {
		return nil, err
	}
	plan, err := source.plan(opt)
	if err != nil {
		return nil, err
	}
	a := assembler{source: source, plan: plan, opt: &opt, frame: &Frame{Columns: plan.features, Blocks: plan.blocks}}
	if err := source.readRows(plan, opt, a.add); err != nil {
		return nil, err
	}
	frame, err := a.finish()
	if err != nil {
		return nil, err
	}
	source.report(plan, &opt, frame.N(), a.tally)
	if class, one := frame.OneClass(); one && opt.Report != nil {
		opt.Report.Notes = append(opt.Report.Notes, fmt.Sprintf("labels: all are of one class, %q: there is nothing to tell it from", class))
	}
	return frame, nil
}

// report fills opt.Report, when it is set.
func (s *csvSource) report(plan *csvPlan, opt *CSVOptions, rows int, tally csvTally) {
	if opt.Report == nil {
		return
	}
	*opt.Report = CSVReport{
		File: s.file, Compressed: s.compressed, Comma: plan.comma,
		ID: plan.NameOf(RoleID), Label: plan.NameOf(RoleLabel), Domain: plan.NameOf(RoleDomain),
		Ignored: plan.All(RoleIgnore), Blocks: slices.Clone(plan.blocks),
		Rows: rows, Missing: tally.missing, Infinite: tally.infinite, Notes: plan.Notes,
	}
	if k := tally.missing + tally.infinite; k > 0 {
		opt.Report.Notes = append(opt.Report.Notes, fmt.Sprintf("missing: %d cells without a value and %d infinite ones became NaN", tally.missing, tally.infinite))
	}
}

// CSVError is what is wrong with a table, and where.
type CSVError struct {
	File    string
	Line    int    // 1-based line of the file where the row starts, 0 = the whole file
	Column  string // name of the column, "" = the whole row
	Text    string // the offending text, cut when long; "" = none
	Problem string // what is wrong with the text
	Fix     string // what to do
}

// Error returns one line: file:line: column: text: problem; fix.
func (e *CSVError) Error() string {
	var out strings.Builder
	fmt.Fprintf(&out, "data: %s", cmp.Or(e.File, "table"))
	if e.Line > 0 {
		fmt.Fprintf(&out, ":%d", e.Line)
	}
	out.WriteString(": ")
	if e.Column != "" {
		fmt.Fprintf(&out, "column %q: ", e.Column)
	}
	if e.Text != "" {
		fmt.Fprintf(&out, "%q ", shorten(e.Text))
	}
	out.WriteString(e.Problem)
	if e.Fix != "" {
		out.WriteString("; " + e.Fix)
	}
	return out.String()
}

// shorten cuts a cell to what fits into a message.
func shorten(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
