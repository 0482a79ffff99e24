package reproduce

import (
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/plugin"
)

// isPortable reports whether a notebook's bits follow from no processor: it was executed so as a whole, or the backends
// that its cells tell of are all so, by their names.
func isPortable(nb *notebook.Notebook) bool {
	if r := nb.Receipt(); r != nil && strings.HasSuffix(r.Backend, receipt.Portable) {
		return true
	}
	told, all := false, true
	for _, c := range nb.Cells {
		r := c.Receipt()
		if r == nil {
			continue
		}
		for _, backend := range r.Facts["backend"] {
			told, all = true, all && strings.HasSuffix(backend, receipt.Portable)
		}
	}
	return told && all
}

// advice returns in one line how the same bits are to be had, where the backends of one side alone are portable, or the
// processors differ and no side's are; "" where portable bits change nothing.
func advice(causes []Cause, saved, now bool) string {
	processor := slices.ContainsFunc(causes, func(c Cause) bool { return c.What == Processor })
	switch {
	case saved && !now:
		return "it was saved with portable bits: for the same bits reproduce it with " + plugin.PortableEnv + "=1"
	case now && !saved:
		return "it was saved without portable bits, which differ from all others: reproduce it without " + plugin.PortableEnv
	case processor && !saved:
		return "for the same bits on another processor execute it with " + plugin.PortableEnv + "=1 and --kernel " +
			"siamese-xla, save it, and reproduce it with " + plugin.PortableEnv + "=1"
	}
	return ""
}
