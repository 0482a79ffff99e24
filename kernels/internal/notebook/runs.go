package notebook

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Runs returns the notebook's own folder of files, the default of its parameter [ParameterRuns]; "" = it has none.
// computed = the default is no constant in one line, so that nobody but the notebook's program knows the folder.
func (n *Notebook) Runs() (folder string, computed bool) {
	at := n.parameters()
	if at < 0 {
		return "", false
	}
	cell := n.Cells[at].Source()
	declared, err := declarations(cell)
	if err != nil { // the compiler will say so
		return "", false
	}
	i := slices.IndexFunc(declared.parameters, func(p parameter) bool { return p.name == ParameterRuns })
	if i < 0 {
		return "", false
	}
	folder, ok := declared.parameters[i].text()
	if _, _, inLine := declared.place(cell, declared.parameters[i]); !ok || !inLine {
		return "", true
	}
	return folder, false
}

// moved returns the source of a parameters cell with a run's folder below that of [ParameterRuns] in its place, and the
// folder; "" where there is none, or it is computed.
func moved(cell, run string) (source, runs string) {
	declared, err := declarations(cell)
	if err != nil {
		return "", ""
	}
	for _, p := range declared.parameters {
		folder, ok := p.text()
		if p.name != ParameterRuns || !ok {
			continue
		}
		if start, end, ok := declared.place(cell, p); ok {
			runs = path.Join(folder, run)
			source = cell[:start] + strconv.Quote(runs) + cell[end:]
		}
	}
	return source, runs
}

// place returns where in the cell's source the default of a parameter stands, if that is in one line.
func (d *declared) place(cell string, p parameter) (start, end int, ok bool) {
	k := slices.IndexFunc(p.spec.Names, func(name *ast.Ident) bool { return name.Name == p.name })
	if k < 0 || k >= len(p.spec.Values) {
		return 0, 0, false
	}
	from, to := int(p.spec.Values[k].Pos())-1, int(p.spec.Values[k].End())-1
	text := d.src[from:to]
	// The text that was parsed has the cell's lines, and before the first a clause.
	line, column := strings.Count(d.src[:from], "\n"), from-(strings.LastIndex(d.src[:from], "\n")+1)
	if line == 0 {
		column -= len(clause)
	}
	for range line {
		_, rest, _ := strings.Cut(cell[start:], "\n")
		start = len(cell) - len(rest)
	}
	start += column
	end = start + len(text)
	ok = column >= 0 && end <= len(cell) && cell[start:end] == text && !strings.Contains(text, "\n")
	return start, end, ok
}

// keyRun is the key of a run's digest in what the lab says.
const keyRun = "run"

// Run returns the digest of all that the run executed which made this notebook; "" = it does not say.
func (n *Notebook) Run() string { digest, _ := labOf(n.raw)[keyRun].(string); return digest }

// SetRun records it.
func (n *Notebook) SetRun(digest string) { setLab(n.raw, keyRun, digest) }
