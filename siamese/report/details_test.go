package report

import (
	"slices"
	"testing"
)

func TestCutClasses(t *testing.T) {
	list := []ClassDetail{{Class: "a", Items: 3, MAPAtR: .9}, {Class: "b", Items: 1},
		{Class: "c", Items: 2, MAPAtR: .2}, {Class: "d", Items: 2, MAPAtR: .5}}
	other := []ClassDetail{{Class: "a", Items: 3, MAPAtR: .1}, {Class: "b", Items: 1},
		{Class: "c", Items: 2, MAPAtR: .2}, {Class: "d", Items: 2, MAPAtR: .3}}
	for most, want := range map[int]string{4: "abcd", 3: "acd", 2: "cd", 1: "c"} {
		d := &Details{Of: []*Detail{{Classes: slices.Clone(list)}, {Classes: slices.Clone(other)}}}
		d.CutClasses(most)
		for _, one := range d.Of {
			got := ""
			for _, c := range one.Classes {
				got += c.Class
			}
			if got != want || d.ClassesLeftOut != 4-most {
				t.Errorf("%d classes: %q, want %q; %d left out", most, got, want, d.ClassesLeftOut)
			}
		}
	}
}
