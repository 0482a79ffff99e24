package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// TestParameters asks as the Python package does.
func TestParameters(t *testing.T) {
	const cell = `"cell": "var (\n\tEpochs = 3 // how many\n\tShare  = 0.5\n)"`
	tests := []struct {
		question string
		want     answered
	}{
		{"{" + cell + "}", answered{Parameters: []notebook.Parameter{{Name: "Epochs", Type: "int", Default: "3",
			Help: "how many"}, {Name: "Share", Type: "float64", Default: "0.5"}}}},
		{"{" + cell + `, "set": []}`, answered{Parameters: []notebook.Parameter{{Name: "Epochs", Type: "int", Default: "3",
			Help: "how many"}, {Name: "Share", Type: "float64", Default: "0.5"}}}},
		{"{" + cell + `, "set": [{"name": "Share", "value": 1}, {"name": "Epochs", "value": 4}]}`,
			answered{Source: "var Share float64 = 1\nvar Epochs int = 4\n"}},
		{"{" + cell + `, "set": [{"name": "Epochs", "value": 4.0}, {"name": "Nope", "value": null}]}`,
			answered{Error: "any", Names: []string{"Epochs", "Nope"}}},
		{`{"cell": "var x = (", "set": [{"name": "x", "value": 1}]}`, answered{Error: "any"}},
		{`{"cell": "var x = ("}`, answered{Error: "any"}},
		{`{"cell": ""}`, answered{Parameters: []notebook.Parameter{}}},
	}
	for _, test := range tests {
		var out strings.Builder
		if err := parameters(strings.NewReader(test.question), &out); err != nil {
			t.Errorf("%s: %v", test.question, err)
			continue
		}
		var got answered
		if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
			t.Errorf("%s: %v in %s", test.question, err, out.String())
		}
		if got.Error != "" { // its words are tested where they are made
			got.Error = "any"
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.question, diff)
		}
	}
	if err := parameters(strings.NewReader("cell"), &strings.Builder{}); err == nil {
		t.Error("a question that is not JSON is answered")
	}
}
