//go:build !amd64

package scan

// kernels returns the plain one: this processor has no others here.
func kernels() []kernel { return []kernel{plain} }

const hasCodes, hasHalves = false, false

func panelCodes([]float32, []uint32, []int8, int, []uint8, []float32, []int32, []float32) uint32 {
	panic("scan: no kernel of bytes")
}

func lineCodes([]int32, []int8, int, []uint8, int) { panic("scan: no kernel of bytes") }

func halvesToFloats([]float32, []uint16) int { return 0 }

func lanes(*[16]float64, []float32, []float32) int { return 0 }
