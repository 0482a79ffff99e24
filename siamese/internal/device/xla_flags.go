package device

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

	// xlaTuned are flags that a plugin must know: it ends the process over one that it does not. With the first, a loop
	// of steps keeps no copies of weights that a step reads before it changes them; the second schedules independent
	// operations side by side, so that fewer workers are idle. Neither changes a result.
	xlaTuned = "--xla_cpu_copy_insertion_use_region_analysis=true --xla_cpu_enable_concurrency_optimized_scheduler=true"

	// xlaPortable are flags for the same bits on every processor with AVX2 and FMA: code for that set of instructions
	// alone, no instruction whose result differs between makers (approximate square roots), products whose sums are
	// taken in one order, and no other operation given to a library.
	xlaPortable = "--xla_cpu_max_isa=AVX2 --xla_cpu_prefer_vector_width=256 " +
		"--xla_cpu_enable_platform_dependent_math=false --xla_cpu_experimental_ynn_fusion_type=individual_dot"
)

// setXLAFlags has XLA for processors make one loop of operations that read the same numbers, which is not its default:
// a step of Adam reads and writes the weights and both of its moments once instead of three times. The plugin that this
// lab installs gets xlaTuned as well, and xlaPortable where it is to be portable. The user's own flags stay and take
// precedence. restore puts the variable back, so that programs started from this one do not inherit it.
func setXLAFlags(installed, portable bool) (restore func()) {
	flags := withXLAFlags(os.Getenv(xlaFlags), installed)
	if portable {
		flags = xlaPortable + " " + flags
	}
	return setVariable(xlaFlags, flags)
}

// withXLAFlags adds the lab's flags to the user's, unless these name the same or are the name of a file, to which
// nothing can be added. installed says that the plugin knows xlaTuned.
func withXLAFlags(flags string, installed bool) string {
	// XLA reads a value without a leading dash as the path of a file.
	own := strings.TrimSpace(flags)
	if own != "" && !strings.HasPrefix(own, xlaFlagPrefix) {
		return flags
	}
	var all []string
	if installed {
		all = append(all, xlaTuned) // of a flag that is there twice the last counts
	}
	if own != "" {
		all = append(all, own)
	}
	if !strings.Contains(own, "xla_backend_extra_options") {
		all = append(all, xlaExtra+xlaMultiFuse)
	}
	return strings.Join(all, " ")
}

// setVariable sets a variable of the environment until restore is called, which also unsets one that was not set.
func setVariable(name, value string) (restore func()) {
	before, was := os.LookupEnv(name)
	os.Setenv(name, value)
	return func() {
		if was {
			os.Setenv(name, before)
			return
		}
		os.Unsetenv(name)
	}
}
