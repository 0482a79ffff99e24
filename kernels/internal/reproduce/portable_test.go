package reproduce

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/plugin"
)

// Portable bits on one side are a cause. Advice says how to get the same bits where they would have helped, whoever asked
// for them: the environment of the kernel or the cells.
func TestPortable(t *testing.T) {
	executed := func(text, backend, processor string, facts ...string) *notebook.Notebook {
		nb := executedNotebook(t, text)
		r := nb.Receipt()
		r.Backend, r.Processor.Kind = backend, processor
		nb.SetReceipt(r)
		change(nb.Cells[0], func(c *receipt.Cell) {
			if len(facts) > 0 {
				c.Facts = map[string][]string{"backend": facts}
			}
		})
		return nb
	}
	const portable = "xla" + receipt.Portable
	saved, byName := executed("1", "xla", "A"), executed("1", "xla", "A", "xla:cpu,portable")
	none := executed("1", "xla", "A")
	none.SetReceipt(nil)
	tests := []struct {
		name         string
		saved, fresh *notebook.Notebook
		cause        bool   // the backend is one
		want         string // a part of the advice; "" = none
	}{
		{"the same", saved, executed("1", "xla", "B"), false, ""},
		{"other processors", saved, executed("2", "xla", "B"), false, "--kernel siamese-xla"},
		{"other processors, Go", executed("1", "go", "A"), executed("2", "go", "B"), false, "--kernel siamese-xla"},
		{"one processor", saved, executed("2", "xla", "A"), false, ""},
		{"now portable", saved, executed("2", portable, "B"), true, "without " + plugin.PortableEnv},
		{"it was portable", executed("1", portable, "A"), executed("2", "xla", "A"), true, "with " + plugin.PortableEnv + "=1"},
		{"both", executed("1", portable, "A"), executed("2", portable, "B"), false, ""},
		{"both by name", byName, executed("2", "xla", "B", "xla:cpu,portable"), false, ""},
		{"one cell by name", byName, executed("2", "xla", "B", "xla:cpu", "xla:cpu,portable"), false,
			"with " + plugin.PortableEnv + "=1"},
		{"nothing is known", none, executed("2", portable, "B"), false, ""},
		{"nothing was saved", executed("", portable, "A"), nil, false, ""},
	}
	for _, test := range tests {
		v := judge(test.saved, test.fresh, nil, 0)
		if (v.Advice != "") != (test.want != "") || !strings.Contains(v.Advice, test.want) {
			t.Errorf("%s: the advice is %q, want %q", test.name, v.Advice, test.want)
		}
		if got := slices.ContainsFunc(v.Causes, func(c Cause) bool { return c.What == Backend }); got != test.cause {
			t.Errorf("%s: the causes are %v", test.name, v.Causes)
		}
		if v.Advice != "" && !slices.Contains(v.Lines(), v.Advice) {
			t.Errorf("%s: it says %q", test.name, v.Lines())
		}
	}
}
