package images

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLabGolden: pictures in L*a*b*, of 8 and 16 bits, are those that LittleCMS makes of them (testdata/make_lab.py).
func TestLabGolden(t *testing.T) {
	var golden map[string]struct {
		Deep      bool
		Tolerance float64
		Values    []float64
	}
	text, err := os.ReadFile("testdata/kinds/lab.json")
	if err := errors.Join(err, json.Unmarshal(text, &golden)); err != nil || len(golden) < 5 {
		t.Fatal(len(golden), err)
	}
	for name, want := range golden {
		file, err := os.ReadFile(filepath.Join("testdata/kinds", name))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Decode(bytes.NewReader(file), DecodeOptions{})
		if err != nil || m.C != 3 || (m.Deep != nil) != want.Deep || m.W*m.H*3 != len(want.Values) {
			t.Errorf("%s: %v, %v", name, m, err)
			continue
		}
		worst := 0.0
		for i, v := range want.Values {
			if m.Deep != nil {
				worst = max(worst, math.Abs(float64(m.Deep[i])-v))
			} else {
				worst = max(worst, math.Abs(float64(m.Pix[i])-v))
			}
		}
		if worst > want.Tolerance {
			t.Errorf("%s: off by up to %v, want %v", name, worst, want.Tolerance)
		}
	}
}

// TestLabRefused: L*a*b* that is not read says so: of 32 bits, or under an unknown light.
func TestLabRefused(t *testing.T) {
	file, err := os.ReadFile("testdata/kinds/lab.tif")
	if err != nil {
		t.Fatal(err)
	}
	// The tag of the number of rows in a strip (278) becomes that of the white (318), of two fractions somewhere.
	at := bytes.Index(file, []byte{0x16, 0x01})
	other := bytes.Clone(file)
	copy(other[at:], []byte{0x3e, 0x01, 5, 0, 2, 0, 0, 0, 8, 0, 0, 0})
	// The bits of a sample (258) lie behind the directory.
	at = bytes.Index(file, []byte{8, 0, 8, 0, 8, 0})
	wide := bytes.Clone(file)
	copy(wide[at:], []byte{32, 0, 32, 0, 32, 0})
	for name, file := range map[string][]byte{"light": other, "bits": wide} {
		_, err := Decode(bytes.NewReader(file), DecodeOptions{})
		var kind *KindError
		if !errors.As(err, &kind) || !strings.Contains(kind.Kind, name) || kind.Command == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
