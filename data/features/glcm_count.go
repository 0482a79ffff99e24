package features

// region is the part of an image with columns [x0, x1) and rows [y0, y1).
type region struct{ x0, y0, x1, y1 int }

// gridRegions returns the regions of the grids in an image of w x h pixels: for each grid k its k x k tiles, row by
// row. Tile borders are rounded down, so that the tiles of a grid cover all pixels without overlap. Tiles are empty
// where k is larger than the image.
func gridRegions(grids []int, w, h int) []region {
	var out []region
	for _, k := range grids {
		for r := range k {
			for c := range k {
				out = append(out, region{c * w / k, r * h / k, (c + 1) * w / k, (r + 1) * h / k})
			}
		}
	}
	return out
}

// countPairs sets counts[i*levels+j], for the first levels² entries, to the number of pixels of level i in the
// region whose pixel at the offset lies in the region too and has level j. pix has rows of w levels, each below
// levels: a larger one would count in a wrong entry. counts has 2*levels² entries; the second half is scratch space.
// Nothing is counted where the offset leads out of the region everywhere. An image has at most 2^28 pixels, so
// 32 bits hold every count.
//
// Flat parts of an image count the same entry again and again, and each addition waits for the one before it.
// Two tables, for even and odd columns, halve that wait.
func countPairs(counts []uint32, pix []uint8, w int, in region, o offset, levels int) {
	clear(counts)
	size := levels * levels
	even, odd := counts[:size], counts[size:2*size]
	// First pixels whose second one is within the region.
	y0, y1 := max(in.y0, in.y0-o.rows), min(in.y1, in.y1-o.rows)
	x0, x1 := max(in.x0, in.x0-o.cols), min(in.x1, in.x1-o.cols)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	for y := y0; y < y1; y++ {
		first := pix[y*w+x0 : y*w+x1]
		second := pix[(y+o.rows)*w+x0+o.cols:][:len(first)]
		x := 0
		for ; x+1 < len(first) && x+1 < len(second); x += 2 {
			even[int(first[x])*levels+int(second[x])]++
			odd[int(first[x+1])*levels+int(second[x+1])]++
		}
		if x < len(first) {
			even[int(first[x])*levels+int(second[x])]++
		}
	}
	for i, n := range odd {
		even[i] += n
	}
}
