package duplicates

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest"
)

// Files keep these hashes: they may never change. Columns are taken by name, NaN is NaN and 0 is -0.
func TestRowHashes(t *testing.T) {
	f := labtest.Must((&data.Frame{IDs: []string{"a", "b", "c"}, Columns: []string{"u", "v"},
		Blocks: []data.Block{{Name: "x", Start: 0, End: 2}},
		X: []float32{1, 0, float32(math.NaN()), -2.5, -2.5,
			math.Float32frombits(0xffc00001)}}).SelectColumns([]string{"u", "v"}))
	turned := labtest.Must(f.SelectColumns([]string{"v", "u"}))
	f.X[1] = float32(math.Copysign(0, -1))
	got, err := RowHashes(f, []string{"u", "v"})
	again, err2 := RowHashes(turned, []string{"u", "v"})
	if want := []uint64{0xcaf264bfa97aaf26, 0xdb08f7c0dccfef7b, 0x80131b9973d0b914}; err != nil || err2 != nil ||
		!slices.Equal(got, want) || !slices.Equal(again, want) {
		t.Errorf("%#x and %#x, want %#x: %v, %v", got, again, want, err, err2)
	}
	if _, err := RowHashes(f, []string{"u", "w"}); err == nil ||
		!strings.Contains(err.Error(), `column "w" is missing`) {
		t.Error(err)
	}
	if _, err := RowHashes(nil, nil); err == nil {
		t.Error("no frame has hashes")
	}
}
