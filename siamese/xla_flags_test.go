package siamese

import (
	"os"
	"testing"
)

func TestXLAFlags(t *testing.T) {
	const option = "--xla_backend_extra_options=xla_cpu_use_multi_output_fusion=true"
	for before, want := range map[string]string{
		"":                   option,
		" ":                  option,
		"--xla_dump_to=/tmp": "--xla_dump_to=/tmp " + option,
		"--xla_backend_extra_options=xla_cpu_small_call=true": "--xla_backend_extra_options=xla_cpu_small_call=true",
		"flags.txt": "flags.txt", // a file
	} {
		t.Setenv("XLA_FLAGS", before)
		restore := setXLAFlags()
		if got := os.Getenv("XLA_FLAGS"); got != want {
			t.Errorf("%q became %q, want %q", before, got, want)
		}
		restore()
		if got := os.Getenv("XLA_FLAGS"); got != before {
			t.Errorf("%q was left as %q", before, got)
		}
	}
	os.Unsetenv("XLA_FLAGS")
	setXLAFlags()()
	if got, is := os.LookupEnv("XLA_FLAGS"); is {
		t.Errorf("a variable that was not set was left as %q", got)
	}
}
