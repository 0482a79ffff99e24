//go:build !amd64

package table

// Never called: hasAVX2 is false on other processors.

func transpose8x8(dst *float32, stride int, cols *[]float32, groups, blocks int) (largest uint32) {
	return 0
}

func unpack8(codes *uint32, packed *byte, groups, width int, how *unpacking) (largest uint32) {
	return 0
}
