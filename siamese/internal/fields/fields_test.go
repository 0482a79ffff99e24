package fields

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

type word string

type inner struct {
	Margin float64            `json:"margin,omitempty" help:"of negatives"`
	Weight map[string]float64 `json:"weight"`
}

type outer struct {
	Name   word   `json:"name" help:"what it is called"`
	Layers []int  `json:"layers"`
	Loss   inner  `json:"loss"`
	Seed   uint64 `json:"seed"`
	Epochs int    `json:"epochs"`
	On     bool   `json:"on"`
	Path   string `json:"-"`
	Other  string
}

func TestSetAndText(t *testing.T) {
	texts := map[string]string{"name": "a b", "layers": "512,-3", "loss.margin": "0.25", "loss.weight": "a=0.5,b=2",
		"seed":   "18446744073709551615",
		"epochs": "-7", "on": "true"}
	var got outer
	all := Of(&got)
	if len(all) != len(texts) || all[0].Help != "what it is called" || all[2].Help != "of negatives" {
		t.Fatalf("%+v", all)
	}
	for _, f := range all {
		if err := f.Set(texts[f.Name]); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if f.Text() != texts[f.Name] {
			t.Errorf("%s: %q, want %q", f.Name, f.Text(), texts[f.Name])
		}
	}
	want := outer{"a b", []int{512, -3}, inner{0.25, map[string]float64{"a": 0.5, "b": 2}}, 1<<64 - 1, -7, true, "", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, f := range all[1:] { // any text is a name
		for _, text := range []string{"x", "", "1;2", "=1"} {
			if text == "" && f.Name == "layers" { // an empty list
				continue
			}
			if f.Set(text) == nil {
				t.Errorf("%s can be %q", f.Name, text)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a text that is refused changes the field: %s", diff)
	}
}

func TestDifferences(t *testing.T) {
	a := outer{Layers: []int{1, 2}, Loss: inner{Margin: 1}}
	b := outer{Layers: []int{1, 3}, Loss: inner{Margin: 2}}
	want := []Difference{{"layers", []int{1, 2}, []int{1, 3}}, {"loss.margin", 1.0, 2.0}}
	if diff := cmp.Diff(want, Differences(a, b)); diff != "" {
		t.Error(diff)
	}
	if d := Differences(a, a); d != nil {
		t.Errorf("a struct differs from itself: %v", d)
	}
}
