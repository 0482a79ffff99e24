// Package params reads the parameters of notebooks from files and from the environment. What they mean to a notebook is
// the affair of the package notebook.
package params

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// FileError is the error of a file of parameters.
type FileError struct {
	Path string
	Line int // from 1; 0 = that of the whole file
	Err  error
}

// Error returns the file, the line and what is wrong.
func (e *FileError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %v", e.Path, e.Line, e.Err)
	}
	return fmt.Sprintf("%s: %v", e.Path, e.Err)
}

// Unwrap returns what is wrong.
func (e *FileError) Unwrap() error { return e.Err }

// mostBytes is the most that a file of parameters has: a larger one is another file.
const mostBytes = 1 << 20

// Read reads a YAML (or JSON) file of parameters, one "name: value" each. Values keep the text that the file
// has, so that 1.10 for a string stays so. Nothing of YAML that refers to something else is read: anchors, merges and
// types of its own are errors, all of which are [*FileError]. An empty file has no parameters.
func Read(path string) ([]notebook.Asked, error) {
	f, err := openfile.Part(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(text) > mostBytes {
		err = fmt.Errorf("it is no file of parameters: more than %d bytes", mostBytes)
	}
	if err != nil {
		return nil, &FileError{Path: path, Err: err}
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, &FileError{Path: path, Err: err}
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, &FileError{Path: path, Line: second.Line,
			Err: errors.Join(errors.New("a second document; parameters are one"), err)}
	}
	r := reader{path: path}
	return r.parameters(document.Content[0])
}

// reader turns the nodes of a file into parameters.
type reader struct{ path string }

// fault returns an error about a node.
func (r reader) fault(n *yaml.Node, format string, args ...any) error {
	return &FileError{Path: r.path, Line: n.Line, Err: fmt.Errorf(format, args...)}
}

// parameters reads the file's top. All faults are reported at once.
func (r reader) parameters(top *yaml.Node) ([]notebook.Asked, error) {
	if top.Kind == yaml.ScalarNode && top.Tag == "!!null" {
		return nil, nil
	}
	if top.Kind != yaml.MappingNode {
		return nil, r.fault(top, "want one name: value each line")
	}
	var asked []notebook.Asked
	var faults []error
	for i := 0; i < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		a, err := r.asked(key.Value, value)
		switch {
		case key.Kind != yaml.ScalarNode || !token.IsIdentifier(key.Value):
			err = r.fault(key, "%q is no name of a parameter, which is a Go name", key.Value)
		case err == nil && slices.ContainsFunc(asked, func(o notebook.Asked) bool { return o.Name == a.Name }):
			err = r.fault(key, "%s is given twice", a.Name)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		a.From = fmt.Sprintf("%s:%d", r.path, key.Line)
		asked = append(asked, a)
	}
	return asked, errors.Join(faults...)
}

// asked reads a value.
func (r reader) asked(name string, n *yaml.Node) (notebook.Asked, error) {
	a := notebook.Asked{Set: notebook.Set{Name: name, Value: n.Value}}
	data, err := r.data(n)
	if err != nil {
		return a, err
	}
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return a, r.fault(n, "%s has no value: leave it out, and it has its default", name)
		}
		// What looks quoted would lose its quotes.
		if strings.HasPrefix(n.Value, `"`) || strings.HasPrefix(n.Value, "`") {
			a.Value = strconv.Quote(n.Value)
		}
		return a, nil
	case yaml.SequenceNode:
		a.Each = []notebook.Asked{}
		for _, element := range n.Content {
			e, err := r.asked(name, element)
			if err != nil {
				return a, err
			}
			a.Each = append(a.Each, e)
		}
	}
	a.Data = data
	return a, nil
}

// data returns a value as [notebook.Typed] has it.
func (r reader) data(n *yaml.Node) (any, error) {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return nil, r.fault(n, "anchors (& and *) are not read: write the value")
	case !slices.Contains(plainTags, n.ShortTag()):
		return nil, r.fault(n, "values of the type %s are not read", n.Tag)
	}
	switch n.Kind {
	case yaml.SequenceNode:
		list := []any{}
		for _, e := range n.Content {
			v, err := r.data(e)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			key := n.Content[i]
			_, twice := object[key.Value]
			switch {
			case key.Kind != yaml.ScalarNode || key.Tag == "!!merge":
				return nil, r.fault(key, "keys are texts or numbers here")
			case twice:
				return nil, r.fault(key, "the key %q is there twice", key.Value)
			}
			v, err := r.data(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			object[key.Value] = v
		}
		return object, nil
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		return n.Value == "true", nil
	case "!!int", "!!float":
		return json.Number(n.Value), nil
	}
	return n.Value, nil
}

// plainTags are YAML's own types.
var plainTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map", "!!timestamp"}

// Prefix begins the names of environment variables that set parameters: SIAMESE_PARAM_Epochs=3.
const Prefix = "SIAMESE_PARAM_"

// Env returns the parameters that an environment, such as [os.Environ], sets, by their names.
func Env(environ []string) ([]notebook.Asked, error) {
	var asked []notebook.Asked
	for _, variable := range environ {
		rest, ok := strings.CutPrefix(variable, Prefix)
		if !ok {
			continue
		}
		name, value, _ := strings.Cut(rest, "=")
		if !token.IsIdentifier(name) {
			return nil, fmt.Errorf("the environment's %s%s: %q is no name of a parameter", Prefix, name, name)
		}
		a := notebook.Asked{Set: notebook.Set{Name: name, Value: strings.TrimSpace(value)}, From: Prefix + name}
		asked = append(asked, a)
	}
	slices.SortFunc(asked, func(a, b notebook.Asked) int { return strings.Compare(a.Name, b.Name) })
	return asked, nil
}

// Over returns parameters of several sources, of which a later one wins over earlier ones.
func Over(sources ...[]notebook.Asked) []notebook.Asked {
	var all []notebook.Asked
	for i, source := range sources {
		for _, a := range source {
			won := slices.ContainsFunc(sources[i+1:], func(later []notebook.Asked) bool {
				return slices.ContainsFunc(later, func(o notebook.Asked) bool { return o.Name == a.Name })
			})
			if !won {
				all = append(all, a)
			}
		}
	}
	return all
}
