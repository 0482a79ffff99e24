package device

import (
	"os"
	"testing"
)

func TestXLAFlags(t *testing.T) {
	const extra = "--xla_backend_extra_options=xla_cpu_use_multi_output_fusion=true"
	for _, c := range []struct {
		before    string
		installed bool
		want      string
	}{
		{"", false, extra},
		{" ", false, extra},
		{"", true, xlaTuned + " " + extra},
		{"--xla_dump_to=/tmp", false, "--xla_dump_to=/tmp " + extra},
		{"--xla_dump_to=/tmp", true, xlaTuned + " --xla_dump_to=/tmp " + extra},
		{"--xla_backend_extra_options=xla_cpu_small_call=true", false,
			"--xla_backend_extra_options=xla_cpu_small_call=true"},
		{"flags.txt", true, "flags.txt"}, // a file
	} {
		t.Setenv("XLA_FLAGS", c.before)
		restore := setXLAFlags(c.installed, false)
		if got := os.Getenv("XLA_FLAGS"); got != c.want {
			t.Errorf("%q became %q, want %q", c.before, got, c.want)
		}
		restore()
		if got := os.Getenv("XLA_FLAGS"); got != c.before {
			t.Errorf("%q was left as %q", c.before, got)
		}
	}
	os.Unsetenv("XLA_FLAGS")
	setXLAFlags(true, true)()
	if got, is := os.LookupEnv("XLA_FLAGS"); is {
		t.Errorf("a variable that was not set was left as %q", got)
	}
}
