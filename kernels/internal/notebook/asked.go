package notebook

import (
	"errors"
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// Asked is what a user asks of one parameter: a value, or several, each of which is a run.
type Asked struct {
	Set
	From string  // where it was asked for, such as "FILE:3"; "" = on the command line
	Each []Asked // the elements where it is a list of a file
	Data any     // the value where it is a list or an object of a file, as [Typed] has it; else nil
}

// Expand returns the parameters of each run that is asked for: one for each value of a parameter that has several, and
// with several such parameters one for each combination, of which the last changes fastest. Nothing asked is one run
// without parameters.
//
// A parameter that is a number, a bool or a duration has the values between commas, -p Seed=1,2,3, or those of a file's
// list. One that is a list keeps its commas: [64,32],[128] are two values of it, and so is a file's list of lists. A
// string is one value whatever is in it; a file's list has several. So is a value of any other type.
//
// All faults are reported at once, as a [*ParameterError]; then there are no runs.
func (n *Notebook) Expand(asked []Asked) ([][]Set, error) {
	if len(asked) == 0 {
		return [][]Set{nil}, nil
	}
	at := n.parameters()
	if at < 0 {
		return nil, fmt.Errorf("the notebook has no cell tagged %q, so it takes no parameters", TagParameters)
	}
	declared, err := declarations(n.Cells[at].Source())
	if err != nil {
		return nil, fmt.Errorf("the parameters cell: %w", err)
	}
	faults := &ParameterError{Known: declared.names()}
	runs := [][]Set{nil}
	done := map[string]bool{}
	for _, a := range asked {
		sets, err := declared.alternatives(a)
		if err == nil && done[a.Name] {
			err = errors.New("given twice")
		}
		if err != nil {
			from := ""
			if a.From != "" {
				from = " (" + a.From + ")"
			}
			faults.Names = append(faults.Names, a.Name)
			faults.Err = errors.Join(faults.Err, fmt.Errorf("parameter %s%s: %w", a.Name, from, err))
			continue
		}
		done[a.Name] = true
		var more [][]Set
		for _, run := range runs {
			for _, set := range sets {
				more = append(more, append(slices.Clip(run), set))
			}
		}
		if runs = more; len(runs) > mostRuns {
			return nil, fmt.Errorf("%d runs at least are asked for, %d are the most at once", len(runs), mostRuns)
		}
	}
	if faults.Err != nil {
		return nil, faults
	}
	return runs, nil
}

// mostRuns is the most runs of a notebook that may be asked for at once: what is more is a slip.
const mostRuns = 1000

// alternatives returns the values that are asked of a parameter, one or several.
func (d *declared) alternatives(a Asked) ([]Set, error) {
	i := slices.IndexFunc(d.parameters, func(p parameter) bool { return p.name == a.Name })
	if i < 0 {
		return nil, errors.New("the notebook has none of this name")
	}
	p := d.parameters[i]
	depth, splits := 0, false // lists within lists of its type; commas are between values
	if p.typ != nil {
		t := types.Default(p.typ)
		depth = lists(t)
		basic, ok := t.Underlying().(*types.Basic)
		splits = ok && basic.Info()&types.IsString == 0
	} else {
		splits = d.written(p) == "time.Duration"
	}
	values := []Asked{a}
	switch {
	case a.nested() > depth:
		values = a.Each
	case a.Each == nil && a.Data == nil && splits && strings.Contains(a.Value, ","):
		values = nil
		for part := range strings.SplitSeq(a.Value, ",") {
			values = append(values, Asked{Set: Set{Name: a.Name, Value: strings.TrimSpace(part)}})
		}
	case a.Each == nil && a.Data == nil && depth > 0:
		values = nil
		for _, part := range groups(a.Value) {
			values = append(values, Asked{Set: Set{Name: a.Name, Value: part}})
		}
	}
	if len(values) == 0 {
		return nil, errors.New("a list of no values")
	}
	var sets []Set
	for _, v := range values {
		set := v.Set
		var err error
		if v.Data != nil {
			set.Value, err = d.text(p, v.Data)
		}
		if err == nil {
			_, err = d.set(p, set)
		}
		switch {
		case err != nil && len(values) > 1:
			return nil, fmt.Errorf("value %d: %w", len(sets)+1, err)
		case err != nil:
			return nil, err
		case slices.Contains(sets, set):
			return nil, fmt.Errorf("value %d: %s is there twice", len(sets)+1, set.Value)
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// lists returns how many lists a type has within each other.
func lists(t types.Type) (n int) {
	for n < 100 { // a type may hold itself
		switch u := t.Underlying().(type) {
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		default:
			return n
		}
		n++
	}
	return n
}

// nested returns how many lists a file's value has within each other, everywhere.
func (a Asked) nested() int {
	if a.Each == nil {
		return 0
	}
	least := 0
	for i, e := range a.Each {
		if n := e.nested(); i == 0 || n < least {
			least = n
		}
	}
	return 1 + least
}

// text returns the text of a value that says the same on a command line: the plain one, else Go.
func (d *declared) text(p parameter, data any) (string, error) {
	typ := d.written(p)
	want, err := Typed{Name: p.name, Value: data}.expression(d, p, typ)
	if err != nil {
		return "", err
	}
	plain := words(data)
	if got, err := d.value(p, typ, plain); err == nil && got == want {
		return plain, nil
	}
	return want, nil
}

// groups cuts "[64,32],[128]" into its lists; a text of another form is one. Brackets within double quotes are text.
func groups(s string) []string {
	var parts []string
	rest := strings.TrimSpace(s)
	for strings.HasPrefix(rest, "[") {
		depth, end := 0, -1
		quoted, escaped := false, false
		for i, c := range rest {
			switch {
			case escaped:
				escaped = false
			case quoted && c == '\\':
				escaped = true
			case c == '"':
				quoted = !quoted
			case !quoted && c == '[':
				depth++
			case !quoted && c == ']':
				depth--
			}
			if depth == 0 {
				end = i + 1
				break
			}
		}
		if end < 0 {
			return []string{s}
		}
		parts = append(parts, strings.TrimSpace(rest[:end]))
		rest = strings.TrimSpace(rest[end:])
		after, ok := strings.CutPrefix(rest, ",")
		if rest == "" {
			return parts
		}
		if !ok {
			return []string{s}
		}
		if rest = strings.TrimSpace(after); !strings.HasPrefix(rest, "[") {
			return []string{s}
		}
	}
	return []string{s}
}

// Text returns what is asked as a command line has it.
func (a Asked) Text() string {
	if a.Data != nil {
		return words(a.Data)
	}
	return a.Value
}
