package origin

import (
	"fmt"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// libraries choose their code by these sets of instructions, which virtual machines may hide a part of.
var libraries = []cpuid.FeatureID{cpuid.AVX2, cpuid.FMA3, cpuid.AVX512F, cpuid.AVX512BF16, cpuid.AMXTILE, cpuid.ASIMD,
	cpuid.SVE}

// Processor returns the model of the processor, such as "AMD EPYC", and those of the sets of instructions that libraries
// choose code by which it has, such as "AVX2", always in the same order; the slice is the caller's.
func Processor() (model string, sets []string) {
	model = strings.Join(strings.Fields(cpuid.CPU.BrandName), " ")
	if model == "" {
		model = strings.TrimSpace(fmt.Sprintf("%s family %d model %d", cpuid.CPU.VendorString, cpuid.CPU.Family,
			cpuid.CPU.Model))
	}
	for _, set := range libraries {
		if cpuid.CPU.Supports(set) {
			sets = append(sets, set.String())
		}
	}
	return model, sets
}
