package features

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
)

// deepGolden is deep.json, which testdata/make_deep_golden.py writes.
type deepGolden struct {
	Pictures map[string]struct {
		W, H, C   int
		Range     [2]float64
		Values    []float32
		HOG       []float64
		LBP       []uint32
		GLCMType  []float64 `json:"glcm type"`
		GLCMImage []float64 `json:"glcm image"`
		GLCMData  []float64 `json:"glcm data"`
	}
}

// readDeep returns the golden values and the pictures that they are of.
func readDeep(t *testing.T) (g deepGolden, pictures map[string]*images.Image) {
	t.Helper()
	text, err := os.ReadFile("testdata/deep.json")
	if err := errors.Join(err, json.Unmarshal(text, &g)); err != nil {
		t.Fatal(err)
	}
	pictures = map[string]*images.Image{}
	for name, p := range g.Pictures {
		pictures[name] = &images.Image{W: p.W, H: p.H, C: p.C, Deep: p.Values, Range: p.Range}
	}
	return g, pictures
}

// Pictures of more than 8 bits have the features that scikit-image makes of the same arrays.
func TestDeepGolden(t *testing.T) {
	golden, pictures := readDeep(t)
	if len(pictures) != 3 {
		t.Fatalf("%d pictures, want 3", len(pictures))
	}
	for name, m := range pictures {
		want := golden.Pictures[name]
		got, err := HOG(m, HOGConfig{Orientations: 9, Cell: [2]int{4, 4}, Block: [2]int{2, 2}, Norm: NormL2Hys})
		if err != nil || len(got) != len(want.HOG) {
			t.Fatalf("%s: %d values of HOG, want %d, %v", name, len(got), len(want.HOG), err)
		}
		for i, v := range got {
			if math.Abs(v-want.HOG[i]) > 1e-7 { // scikit-image sums votes in float32
				t.Errorf("%s: value %d of HOG is %v, want %v", name, i, v, want.HOG[i])
				break
			}
		}
		if m.C > 1 {
			continue
		}
		codes, err := LBP(m, LBPConfig{Points: 8, Radius: 1.5, Method: LBPUniform})
		if err != nil || !slices.Equal(codes, want.LBP) {
			t.Errorf("%s: LBP differs, %v", name, err)
		}
		for scale, counts := range map[Scale][]float64{
			ScaleType: want.GLCMType, ScaleImage: want.GLCMImage, ScaleData: want.GLCMData,
		} {
			c := Config{Scale: scale, Range: [2]float64{-40, 4000}}
			low, high := c.rangeOf(m)
			levels := &images.Image{W: m.W, H: m.H, C: 1, Pix: make([]uint8, m.W*m.H)}
			quantise(m.Deep, low, high, 8, levels.Pix)
			got, err := GrayCoMatrix(levels, GLCMConfig{Levels: 8, Distances: []float64{1}, Angles: []float64{0}},
				false)
			if err != nil || !slices.Equal(got.P, counts) {
				t.Errorf("%s: GLCM by %s differs, %v", name, scale, err)
			}
		}
	}
}

// deepSet is a set of the golden pictures of one channel.
func deepSet(t *testing.T) *images.Images {
	_, pictures := readDeep(t)
	return &images.Images{Items: []images.Image{*pictures["12 of 16 bits"], *pictures["float"]},
		IDs: []string{"a", "b"}}
}

// The range of the data is that of all pictures, and kept in the settings; with it an Extractor gives the same bits.
func TestDeepExtract(t *testing.T) {
	set := deepSet(t)
	c := Default()
	c.LBP = LBPConfig{Points: 8, Radius: 1, Method: LBPUniform, Grids: []int{1}}
	f, err := Extract(t.Context(), set, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := ParseSettings(f.Settings)
	if err != nil {
		t.Fatal(err)
	}
	low, _ := set.Items[1].MinMax()
	_, high := set.Items[0].MinMax()
	if made.Scale != ScaleData || made.Range != [2]float64{low, high} || made.Width != 20 || made.Height != 24 ||
		made.Background != "white" {
		t.Errorf("settings %s, want the range %v to %v", f.Settings, low, high)
	}
	x, err := NewExtractor(made, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]float32, f.F())
	for i := range set.Items {
		if err := x.Extract(&set.Items[i], row); err != nil || !slices.Equal(row, f.Row(i)) {
			t.Errorf("item %d: the extractor gives other features, %v", i, err)
		}
	}
	x, err = NewExtractor(c, 20, 24)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Extract(&set.Items[0], row); !slices.Equal(option.Names(err), []string{"Range"}) {
		t.Errorf("without a range: %v", err)
	}
	c.HOG.Sqrt = true // of negative values
	if _, err := Extract(t.Context(), set, c, nil); err == nil {
		t.Error("square roots of negative values are taken")
	}
}

// Of pictures of 8 bits a scale changes nothing, and 16 bits by the type are what 8 bits are.
func TestDeepAsEight(t *testing.T) {
	eight := &images.Images{IDs: []string{"a"}, Items: []images.Image{{W: 28, H: 28, C: 1, Pix: make([]uint8, 28*28)}}}
	sixteen := &images.Images{IDs: []string{"a"},
		Items: []images.Image{{W: 28, H: 28, C: 1, Deep: make([]float32, 28*28), Range: [2]float64{0, 65536}}}}
	for i := range eight.Items[0].Pix {
		eight.Items[0].Pix[i] = uint8(i * i)
		sixteen.Items[0].Deep[i] = 256 * float32(eight.Items[0].Pix[i])
	}
	c := Default()
	want, err := Extract(t.Context(), eight, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Scale = ScaleImage
	other, err := Extract(t.Context(), eight, c, nil)
	if err != nil || !slices.Equal(want.X, other.X) {
		t.Errorf("a scale changes 8 bits, %v", err)
	}
	c.Scale = ScaleType
	got, err := Extract(t.Context(), sixteen, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for j, v := range got.X { // HOG has an absolute constant
		if math.Abs(float64(v-want.X[j])) > 1e-6 {
			t.Errorf("%s is %v of 16 bits and %v of 8", got.Columns[j], v, want.X[j])
		}
	}
	if d := want.Settings.Differences(got.Settings); d != nil {
		t.Errorf("the settings differ: %v", d)
	}
}

// Settings name what differs, and nothing else.
func TestSettings(t *testing.T) {
	a, b := Default(), Default()
	a.Width, a.Height, b.Width, b.Height = 64, 64, 64, 64
	if d := a.Settings().Differences(b.Settings()); d != nil {
		t.Errorf("equal ones differ: %v", d)
	}
	b.GLCM.Levels, b.HOG.Norm, b.Grey, b.Background, b.Width = 16, NormL1, true, "black", 32
	var names []string
	for _, d := range a.Settings().Differences(b.Settings()) {
		names = append(names, d.Name)
	}
	if want := []string{"Background", "GLCM.Levels", "Grey", "HOG.Norm", "Width"}; !slices.Equal(names, want) {
		t.Errorf("differences of %q, want %q", names, want)
	}
	b = a
	b.HOG = HOGConfig{} // its columns are missing too, which is another error
	if d := a.Settings().Differences(b.Settings()); d != nil {
		t.Errorf("a family that is off is a difference: %v", d)
	}
	back, err := ParseSettings(b.Settings())
	if err != nil || back.HOG.Orientations != 0 || back.GLCM.Levels != 8 || back.Settings() != b.Settings() {
		t.Errorf("%+v, %v", back, err)
	}
	for _, s := range []string{"", "[1]", `{"Definition":2,"GLCM":{"Levels":8}}`, `{"Definition":1}`} {
		if _, err := ParseSettings(data.Settings(s)); err == nil {
			t.Errorf("%q is accepted", s)
		}
	}
}
