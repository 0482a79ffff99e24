package notebook

import (
	"errors"
	"fmt"
	"go/token"
	"hash/crc32"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Tags of the cells that have a meaning to us. The first two are papermill's, so that notebooks with parameters work
// with it, and its with us.
const (
	TagParameters = "parameters"          // the cell that declares the parameters with their defaults
	TagInjected   = "injected-parameters" // the cell put after it, with the values that were asked for
	TagResults    = "results"             // a cell whose text output is the notebook's result
)

// ParameterRuns is the parameter that names the folder of a notebook's files. A run with other parameters than the
// notebook's own gets a folder of its own below it: see [Notebook.Inject].
const ParameterRuns = "Runs"

// Set is one parameter to set: name and value as the user wrote them. The value is not Go yet: see [Notebook.Inject].
type Set struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// setting is a parameter to set: a [Set], or a [Typed].
type setting interface {
	set() Set // its name and its value as text, for names of files
	// expression returns its value as a Go expression of the parameter's type, of which typ is the text.
	expression(d *declared, p parameter, typ string) (string, error)
}

func (s Set) set() Set { return s }

func (s Set) expression(d *declared, p parameter, typ string) (string, error) {
	return d.value(p, typ, s.Value)
}

// UnmarshalText reads "name=value", of which the name must be a Go identifier; white space around both is dropped. It
// implements [encoding.TextUnmarshaler], for command lines.
func (s *Set) UnmarshalText(text []byte) error {
	name, value, ok := strings.Cut(string(text), "=")
	name = strings.TrimSpace(name)
	if !ok || !token.IsIdentifier(name) {
		return fmt.Errorf("parameter %q: want name=value, with a Go name", text)
	}
	*s = Set{name, strings.TrimSpace(value)}
	return nil
}

// ParameterError is the error of parameters that a notebook does not have, or of values that do not fit.
type ParameterError struct {
	Names []string // those at fault, in the order in which they were given
	Known []string // those that the notebook has, each with its type
	Err   error    // what is wrong with each
}

// Error returns what is wrong with each parameter, and which ones the notebook has.
func (e *ParameterError) Error() string {
	known := "none"
	if len(e.Known) > 0 {
		known = strings.Join(e.Known, ", ")
	}
	return fmt.Sprintf("%v\nthe notebook's parameters are %s", e.Err, known)
}

// Unwrap returns what is wrong.
func (e *ParameterError) Unwrap() error { return e.Err }

// FileName returns parameters as a part of a file's name, such as "PerClass=150,Epochs=2": characters that are no
// letters, digits or one of "._=-" become "_"; a long one is cut, and ends with a digest.
func FileName(sets []Set) string {
	words := make([]string, len(sets))
	for i, s := range sets {
		words[i] = s.Name + "=" + s.Value
	}
	full := strings.Join(words, ",")
	name := unfit.ReplaceAllString(full, "_")
	// Values that differ in such characters alone get files of their own too.
	if name != full || len(name) > longestName {
		name = fmt.Sprintf("%s-%08x", name[:min(len(name), longestName)], crc32.ChecksumIEEE([]byte(full)))
	}
	return name
}

// unfit matches what [FileName] replaces.
var unfit = regexp.MustCompile(`[^\w.,=-]`)

// longestName is the most bytes that [FileName] takes of parameters; file systems allow 255 for a whole name.
const longestName = 80

// Inject puts a cell that sets parameters right after the notebook's parameters cell; GoNB lets a later declaration
// replace an earlier one of the same name. An injected cell of an earlier run is replaced. Without sets only such a
// cell is removed.
//
// Every set must name a parameter that is declared there, and its value must suit the type that the default gives it,
// which the parameter keeps: strings need no quotes, lists are separated by commas, durations are written 5m. All
// faults are reported at once, as a [*ParameterError]; then the notebook has no injected cell.
//
// Where the notebook has a string [ParameterRuns] that is not set, it gets a folder for these parameters below its own,
// which is returned: a run at other settings would replace the files of the full one. [Notebook.InjectFor] names it.
func (n *Notebook) Inject(sets []Set) (runs string, err error) { return n.InjectFor("", sets) }

// InjectFor is Inject for a run with a name, which its folder below [ParameterRuns] has; "" = that of its parameters,
// and none without. A run with a name has a folder of its own without sets too: then the parameters cell itself names
// it, so that cells have the places and numbers that they have in the notebook.
func (n *Notebook) InjectFor(run string, sets []Set) (runs string, err error) {
	n.Cells = slices.DeleteFunc(n.Cells, func(c *Cell) bool { return c.HasTag(TagInjected) })
	at := n.parameters()
	if len(sets) == 0 {
		if at >= 0 && run != "" {
			var source string
			if source, runs = moved(n.Cells[at].Source(), run); runs != "" {
				n.Cells[at].raw["source"] = lines(source)
			}
		}
		return runs, nil
	}
	if at < 0 {
		return "", fmt.Errorf("the notebook has no cell tagged %q, so it takes no parameters", TagParameters)
	}
	source, runs, err := injectionFor(run, n.Cells[at].Source(), sets)
	if err != nil {
		return "", err
	}
	source = "// Parameters of this run.\n" + source
	cell := &Cell{map[string]any{
		"cell_type": "code", "execution_count": nil, "id": TagInjected, "outputs": []any{},
		"metadata": map[string]any{"tags": []any{TagInjected}}, "source": lines(source),
	}}
	n.Cells = slices.Insert(n.Cells, at+1, cell)
	return runs, nil
}

// parameters returns the index of the parameters cell, or -1. It is the first one, as papermill has it; Check refuses a
// second.
func (n *Notebook) parameters() int {
	return slices.IndexFunc(n.Cells, func(c *Cell) bool { return c.Type() == "code" && c.HasTag(TagParameters) })
}

// injection is injectionFor for a run without a name.
func injection[S setting](cell string, sets []S) (source, runs string, err error) {
	return injectionFor("", cell, sets)
}

// injectionFor returns the source of the injected cell for the source of a parameters cell: a declaration for each set, in
// their order, with the type that the original has, and that of [ParameterRuns] with its value. It joins all faults
// into one error.
func injectionFor[S setting](run, cell string, sets []S) (source, runs string, err error) {
	declared, err := declarations(cell)
	if err != nil {
		return "", "", fmt.Errorf("the parameters cell: %w", err)
	}
	find := func(name string) int {
		return slices.IndexFunc(declared.parameters, func(p parameter) bool { return p.name == name })
	}
	// All faults rather than the first: a run takes minutes to start again.
	faults := &ParameterError{Known: declared.names()}
	fault := func(name, format string, args ...any) {
		faults.Names = append(faults.Names, name)
		faults.Err = errors.Join(faults.Err, fmt.Errorf("parameter %s: "+format, append([]any{name}, args...)...))
	}
	// Twice the same name is a fault: which of the two was meant is not known.
	done := map[string]bool{}
	texts := make([]Set, len(sets))
	for k, s := range sets {
		set := s.set()
		texts[k] = set
		i := find(set.Name)
		if i < 0 {
			fault(set.Name, "the notebook has none of this name")
			continue
		}
		if done[set.Name] {
			fault(set.Name, "given twice")
			continue
		}
		done[set.Name] = true
		line, err := declared.set(declared.parameters[i], s)
		if err != nil {
			fault(set.Name, "%w", err)
			continue
		}
		source += line
	}
	if faults.Err != nil {
		return "", "", faults
	}
	if i := find(ParameterRuns); i >= 0 && !done[ParameterRuns] {
		if folder, ok := declared.parameters[i].text(); ok {
			if run == "" {
				run = FileName(texts)
			}
			runs = path.Join(folder, run)
			line, err := declared.set(declared.parameters[i], Set{ParameterRuns, strconv.Quote(runs)})
			if err != nil {
				return "", "", err
			}
			source += line
		}
	}
	return source, runs, nil
}
