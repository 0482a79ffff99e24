package siamese

import (
	"os"
	"strings"
)

// XLA reads its flags from this variable, once, when its first client is made.
const (
	xlaFlags      = "XLA_FLAGS"
	xlaExtra      = "--xla_backend_extra_options="
	xlaMultiFuse  = "xla_cpu_use_multi_output_fusion=true"
	xlaFlagPrefix = "-" // without it the variable names a file of flags
)

// setXLAFlags has XLA for processors make one loop of operations that read the same numbers, which is not its default: a
// step of Adam reads and writes the weights and both of its moments once instead of three times. Flags of the user's own
// stay, and what they say on this comes first. restore puts the variable back, so that programs started from this one
// do not inherit it.
func setXLAFlags() (restore func()) {
	before, was := os.LookupEnv(xlaFlags)
	os.Setenv(xlaFlags, withMultiFuse(before))
	return func() {
		if was {
			os.Setenv(xlaFlags, before)
			return
		}
		os.Unsetenv(xlaFlags)
	}
}

// withMultiFuse adds the option to flags, unless they name options of this kind or are the name of a file.
func withMultiFuse(flags string) string {
	trimmed := strings.TrimSpace(flags)
	switch {
	case trimmed == "":
		return xlaExtra + xlaMultiFuse
	case !strings.HasPrefix(trimmed, xlaFlagPrefix) || strings.Contains(trimmed, "xla_backend_extra_options"):
		return flags
	}
	return trimmed + " " + xlaExtra + xlaMultiFuse
}
