package table

// transpose8x8 writes blocks of 8 values of groups of 8 columns to as many rows at dst, which lie stride bytes apart.
// largest is that of the values' bits without their signs. There must be a block and a group at least.
//
// Values go past the processor's caches where they are aligned: a matrix does not fit there, and a line that is
// only written need not be read first.
//
//go:noescape
func transpose8x8(dst *float32, stride int, cols *[]float32, groups, blocks int) (largest uint32)

// unpack8 unpacks groups of 8 codes, one at least, of width bits each, and returns the largest. It reads 16 bytes from where
// the first and the fifth code of a group begin.
//
//go:noescape
func unpack8(codes *uint32, packed *byte, groups, width int, how *unpacking) (largest uint32)
