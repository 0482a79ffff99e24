package duplicates

import (
	"fmt"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/images"
)

// What Find finds with Near among the built-in images: copies that are a tenth darker or
// brighter, and hardly any two different pictures.
func TestNearOfImages(t *testing.T) {
	pictures, err := builtin.Sample(40, 3)
	if err != nil {
		t.Fatal(err)
	}
	n := pictures.N()
	for _, test := range []struct {
		percent, least int // brightness, and the least share of copies found
	}{{90, 98}, {110, 80}} {
		both := &images.Images{Items: slices.Clone(pictures.Items)}
		for i := range 2 * n {
			both.IDs = append(both.IDs, fmt.Sprint(i))
		}
		for _, m := range pictures.Items {
			m.Pix = slices.Clone(m.Pix)
			for k, v := range m.Pix {
				m.Pix[k] = uint8(min(255, (int(v)*test.percent+50)/100))
			}
			both.Items = append(both.Items, m)
		}
		f, err := features.Extract(t.Context(), both, features.Default(), nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := Find(t.Context(), f, Default())
		if err != nil {
			t.Fatal(err)
		}
		right, wrong := 0, 0
		for _, p := range d.Pairs {
			if p.J == p.I+n {
				right++
			} else {
				wrong++
			}
		}
		t.Logf("%d %% as bright: %d of %d copies found, %d pairs of others", test.percent, right, n, wrong)
		if right*100 < test.least*n || wrong*50 > n {
			t.Errorf("%d %% as bright: %d of %d copies found, %d pairs of others", test.percent, right, n, wrong)
		}
	}
}
