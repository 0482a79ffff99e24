package loss

import "testing"

// TestBuilders: every loss that a configuration may name has a graph, and no graph lacks a name.
func TestBuilders(t *testing.T) {
	for _, name := range Names() {
		if builders[name] == nil {
			t.Errorf("loss %s has no graph", name)
		}
	}
	if len(builders) != len(Names()) {
		t.Errorf("%d graphs of %d losses", len(builders), len(Names()))
	}
}
