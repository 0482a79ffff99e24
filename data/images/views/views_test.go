package views

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/images"
)

// golden are views that scikit-image and scipy made, see testdata/golden.py.
type golden struct {
	W, H, C int
	Picture []float64
	Affine  []struct {
		Map    Affine
		Values []float64
	}
	Bend struct {
		Grid   Grid
		Values []float64
	}
}

func readGolden(t *testing.T) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// pictures returns the golden picture with 8 bits and as a deep one.
func (g golden) pictures() (eight, deep *images.Image) {
	eight = &images.Image{W: g.W, H: g.H, C: g.C}
	deep = &images.Image{W: g.W, H: g.H, C: g.C, Range: [2]float64{0, 256}}
	for _, v := range g.Picture {
		eight.Pix, deep.Deep = append(eight.Pix, uint8(v)), append(deep.Deep, float32(v))
	}
	return eight, deep
}

// compare checks a view of the deep picture to float32, and one of 8 bits to the nearest level.
func (g golden) compare(t *testing.T, name string, v View, want []float64) {
	t.Helper()
	eight, deep := g.pictures()
	var a, b images.Image
	v.Apply(&a, eight)
	v.Apply(&b, deep)
	for i, w := range want {
		if got := float64(b.Deep[i]); math.Abs(got-w) > 1e-4 {
			t.Fatalf("%s: value %d is %v, want %v", name, i, got, w)
		}
		if got := float64(a.Pix[i]); math.Abs(got-w) > 0.5+1e-9 {
			t.Fatalf("%s: level %d is %v, want %v rounded", name, i, got, w)
		}
	}
	if b.Range != deep.Range {
		t.Errorf("%s: the range is %v", name, b.Range)
	}
}

func TestGolden(t *testing.T) {
	g := readGolden(t)
	for _, test := range g.Affine {
		g.compare(t, "affine", View{Map: test.Map}, test.Values)
	}
	g.compare(t, "bend", View{Map: Affine{1, 0, 0, 0, 1, 0}, Bend: g.Bend.Grid}, g.Bend.Values)
}

func TestIdentity(t *testing.T) {
	eight, deep := readGolden(t).pictures()
	v := Draw(augment.Options{Share: 1}, eight.W, eight.H, rand.New(rand.NewPCG(1, 2)))
	var a, b images.Image
	v.Apply(&a, eight)
	v.Apply(&b, deep)
	if !slices.Equal(a.Pix, eight.Pix) || !slices.Equal(b.Deep, deep.Deep) {
		t.Error("a view without alterations is not the picture")
	}
}

// One alteration is drawn alike whatever the others are.
func TestDrawsDoNotDepend(t *testing.T) {
	draw := func(o augment.Options) View { return Draw(o, 20, 30, rand.New(rand.NewPCG(3, 4))) }
	all := draw(augment.Usual(1))
	if got := draw(augment.Options{Elastic: augment.Usual(1).Elastic}); !reflect.DeepEqual(got.Bend, all.Bend) {
		t.Error("shifts of the grid depend on other alterations")
	}
	shift := draw(augment.Options{Shift: 0.1})
	if twice := draw(augment.Options{Shift: 0.2, Elastic: 0.1}); math.Abs(2*shift.Map[2]-twice.Map[2]) > 1e-12 ||
		shift.Map[2] == 0 {
		t.Errorf("the shift is %v and twice of it %v", shift.Map, twice.Map)
	}
}

// Draws stay within what the options say, and reach most of it.
func TestBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const w, h, degree = 40, 60, math.Pi / 180
	var shift, angle, scale, slant, bend, side float64
	for range 2000 {
		v := Draw(augment.Options{Shift: 0.1}, w, h, rng)
		shift = max(shift, math.Abs(v.Map[2])/w, math.Abs(v.Map[5])/h)
		v = Draw(augment.Options{Rotation: 20}, w, h, rng)
		angle = max(angle, math.Abs(math.Atan2(v.Map[3], v.Map[0]))/degree)
		if c := (Affine{v.Map[0], v.Map[1], 0, v.Map[3], v.Map[4], 0}); math.Abs(c[0]*c[4]-c[1]*c[3]-1) > 1e-9 {
			t.Fatalf("a rotation changes areas: %v", v.Map)
		}
		v = Draw(augment.Options{Scale: 0.25}, w, h, rng)
		scale = max(scale, v.Map[0], 1/v.Map[0])
		v = Draw(augment.Options{Shear: 30}, w, h, rng)
		slant = max(slant, math.Abs(math.Atan(v.Map[1]))/degree)
		v = Draw(augment.Options{Elastic: 0.05}, w, h, rng)
		for k := 0; k < len(v.Bend); k += 2 {
			bend = max(bend, math.Abs(v.Bend[k])/w, math.Abs(v.Bend[k+1])/h)
		}
		r := Draw(augment.Options{Erase: 0.5}, w, h, rng).Erased
		if r.X0 < 0 || r.Y0 < 0 || r.X1 > w || r.Y1 > h || r.X1 < r.X0 || r.Y1 < r.Y0 {
			t.Fatalf("%v is not in the picture", r)
		}
		side = max(side, float64(r.X1-r.X0)/w, float64(r.Y1-r.Y0)/h)
	}
	for name, test := range map[string]struct{ got, most float64 }{"shift": {shift, 0.1}, "rotation": {angle, 20},
		"scale": {scale, 1.25}, "shear": {slant, 30}, "elastic": {bend, 0.05}, "erase": {side, 0.5}} {
		if test.got > test.most+1e-9 || test.got < 0.95*test.most {
			t.Errorf("%s reaches %v, want up to %v", name, test.got, test.most)
		}
	}
}

func TestErase(t *testing.T) {
	m := &images.Image{W: 3, H: 2, C: 1, Pix: []uint8{10, 20, 30, 40, 50, 61}}
	var got images.Image
	View{Map: Affine{1, 0, 0, 0, 1, 0}, Erased: Rect{1, 0, 3, 1}}.Apply(&got, m)
	if want := []uint8{10, 35, 35, 40, 50, 61}; !slices.Equal(got.Pix, want) { // mean 35.17
		t.Errorf("%v, want %v", got.Pix, want)
	}
}
