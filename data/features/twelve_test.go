package features

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest"
)

// TestTwelveBits: pictures of 12 bits in a file of 16 and of small contrast keep what tells their classes apart: the
// features and their ROC-AUC are those of scikit-image (testdata/make_twelve_golden.py), where the upper 8 bits alone
// would hold next to nothing.
func TestTwelveBits(t *testing.T) {
	var golden struct {
		N, Side   int
		HOG       [][]float64
		AUC, AUC8 float64
	}
	text, err := os.ReadFile("testdata/twelve.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open("testdata/twelve.png")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := images.Decode(file, images.DecodeOptions{})
	if err != nil || all.Deep == nil || all.H != golden.N*golden.Side {
		t.Fatal(all, err)
	}
	set := &images.Images{}
	area := golden.Side * golden.Side
	for i := range golden.N {
		set.Items = append(set.Items, images.Image{W: golden.Side, H: golden.Side, C: 1,
			Deep: all.Deep[i*area : (i+1)*area], Range: all.Range})
		set.IDs = append(set.IDs, fmt.Sprint(i))
	}
	c := Config{HOG: HOGConfig{Orientations: 9, Cell: [2]int{8, 8}, Block: [2]int{2, 2}, Norm: NormL2Hys}}
	f, err := Extract(t.Context(), set, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range golden.HOG {
		labtest.SameValues(t, fmt.Sprintf("HOG of picture %d", i), labtest.Doubles(f.Row(i)), labtest.Singles(want))
	}
	if got := pairAUC(f.X, golden.N); math.Abs(got-golden.AUC) > 1e-3 || golden.AUC < 0.9 || golden.AUC8 > 0.7 {
		t.Errorf("ROC-AUC %.4f, scikit-image has %.4f, and %.4f with 8 bits", got, golden.AUC, golden.AUC8)
	}
}

// pairAUC returns the ROC-AUC of the cosines of all pairs of n rows, whose classes alternate: the share of pairs of
// pairs in which two of one class are closer.
func pairAUC(x []float32, n int) float64 {
	width := len(x) / n
	cosine := func(i, j int) float64 {
		var ab, aa, bb float64
		for k := range width {
			a, b := float64(x[i*width+k]), float64(x[j*width+k])
			ab, aa, bb = ab+a*b, aa+a*a, bb+b*b
		}
		return ab / math.Sqrt(aa*bb)
	}
	var same, different []float64
	for i := range n {
		for j := range i {
			if (i-j)%2 == 0 {
				same = append(same, cosine(i, j))
			} else {
				different = append(different, cosine(i, j))
			}
		}
	}
	above := 0.0
	for _, s := range same {
		for _, d := range different {
			switch {
			case s > d:
				above++
			case s == d:
				above += 0.5
			}
		}
	}
	return above / float64(len(same)*len(different))
}
