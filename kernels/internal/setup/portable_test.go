package setup

import (
	"context"
	"errors"
	"testing"

	"github.com/go-siamese/lab/kernels/plugin"
)

// Portable bits are an item where XLA's kernel is in order: tried, and with the line that mends what the environment keeps
// from them. What is lacking is not needed.
func TestDoctorPortable(t *testing.T) {
	refused := errors.New("this processor computes other bits")
	for _, c := range []struct {
		name, variable, flags string
		err                   error // of the trial
		none                  bool  // XLA's kernel is not in order
		want                  Item
	}{
		{name: "tried", want: Item{OK: true, State: plugin.PortableEnv + "=1: multiplied"}},
		{name: "tried, and on", variable: "1", want: Item{OK: true, State: plugin.PortableEnv + "=1: multiplied"}},
		{name: "refused", err: refused, want: Item{State: refused.Error(), Mend: "go without: unset " + plugin.PortableEnv}},
		{name: "flags", flags: "--xla_x=1", err: refused, want: Item{State: refused.Error(), Mend: "unset " + xlaFlags}},
		{name: "garbled", variable: "yes please", want: Item{State: plugin.PortableEnv + ` is "yes please": want 1 or 0`,
			Mend: "unset " + plugin.PortableEnv}},
		{name: "no XLA", none: true},
	} {
		t.Setenv(plugin.PortableEnv, c.variable)
		t.Setenv(xlaFlags, c.flags)
		e := &examiner{xlaOK: !c.none, pythonOK: true, toolsOK: true, avx2: true, how: Examination{
			Portable: func(context.Context, string) (string, error) { return "multiplied", c.err }}}
		e.portable(t.Context())
		if c.none {
			if len(e.report.Items) > 0 {
				t.Errorf("%s: %+v", c.name, e.report.Items)
			}
			continue
		}
		c.want.Name = "portable bits"
		if len(e.report.Items) != 1 || e.report.Items[0] != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, e.report.Items, c.want)
		}
		if !e.report.Healthy() {
			t.Errorf("%s: the lab is not healthy for it", c.name)
		}
	}
	// Where nothing is run the processor alone is looked at.
	e := &examiner{xlaOK: true, how: Examination{Quick: true,
		Portable: func(context.Context, string) (string, error) { return "", refused }}}
	for range 2 {
		e.portable(t.Context())
		e.avx2 = true
	}
	if items := e.report.Items; len(items) != 2 || items[0].OK || !items[1].OK {
		t.Errorf("quickly: %+v", items)
	}
}
