package notebook

import (
	"fmt"
	"go/token"
	"strings"
)

// Parameter is a parameter that a notebook has.
type Parameter struct {
	Name    string `json:"name"`
	Type    string `json:"type"`    // as Go writes it; "" = its default comes from elsewhere and does not tell
	Default string `json:"default"` // as the cell has it; "" = none, which is the type's zero
	Help    string `json:"help"`    // what the comment beside or above it says, as one line
}

// String returns the parameter as a declaration.
func (p Parameter) String() string {
	return strings.TrimSpace("var "+p.Name+" "+p.Type) + " = " + p.Default
}

// Parameters returns what the source of a parameters cell declares, in order. The error is that it is not Go.
func Parameters(cell string) ([]Parameter, error) {
	d, err := declarations(cell)
	if err != nil {
		return nil, fmt.Errorf("the parameters cell: %w", err)
	}
	out := make([]Parameter, len(d.parameters))
	for i, p := range d.parameters {
		out[i] = Parameter{Name: p.name, Type: d.written(p), Help: p.help()}
		for k, name := range p.spec.Names {
			if name.Name == p.name && k < len(p.spec.Values) {
				out[i].Default = d.src[p.spec.Values[k].Pos()-1 : p.spec.Values[k].End()-1]
			}
		}
	}
	return out, nil
}

// help returns what the comment of a parameter says, as one line.
func (p parameter) help() string {
	comment := p.spec.Comment
	if comment == nil {
		comment = p.spec.Doc
	}
	if comment == nil && p.decl.Lparen == token.NoPos {
		comment = p.decl.Doc
	}
	return strings.Join(strings.Fields(comment.Text()), " ")
}
