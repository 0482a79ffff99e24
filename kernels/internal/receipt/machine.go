package receipt

import (
	"runtime"
	"slices"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// Machine returns the kind of the processor that this program runs on: never a serial number or the machine's name.
func Machine() Processor {
	kind := strings.Join(strings.Fields(cpuid.CPU.BrandName), " ")
	if kind == "" {
		kind = runtime.GOARCH // ARM's processors do not say
	}
	sets := []string{}
	for _, set := range cpuid.CPU.FeatureSet() {
		if calculates(set) {
			sets = append(sets, strings.ToLower(set))
		}
	}
	slices.Sort(sets)
	return Processor{System: runtime.GOOS + "/" + runtime.GOARCH, Kind: kind, Sets: sets, Cores: runtime.NumCPU()}
}

// arithmetic are the beginnings of the names of instruction sets by which libraries choose how to calculate.
var arithmetic = []string{"SSE3", "SSSE3", "SSE4", "AVX", "AMX", "FMA", "F16C", "BMI", "ASIMD", "SVE", "SME"}

// calculates reports whether an instruction set may change a result.
func calculates(set string) bool {
	return slices.ContainsFunc(arithmetic, func(name string) bool { return strings.HasPrefix(set, name) })
}
