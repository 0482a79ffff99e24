package table

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// extremes are the float32 on which writers and readers of numbers go wrong.
var extremes = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32,
	-math.SmallestNonzeroFloat32,
	0x1p-126, 0x1p-127, 0x1.fffffcp-127, 0x1.fffffep-1, 0x1.000002p0, 1 << 24, 1<<24 + 2, 1 << 53, 1e-45, 0.1, 1.0 / 3,
	9.999999e9, 1e21, 1e-7, 123456.7,
}

// texts that formats may take for something else.
var extremeTexts = []string{
	"", " ", "  both  ", "\t", "\n", "\r\n", "\"", "\"\"", "'", ",", ";", "a,b", "NaN", "null", "None", "NA", "true",
	"0", "-1", "1e5", "007", "#", "\\N", "\\",
	"é", "e\u0301", "日本語", "🙂", "\ufeff", "\u200b", "\u2028", "\u00a0", "مرحبا", "ß", "a\x00b", "\u0001", "\ufffd",
	"\U0010ffff", strings.Repeat("long ", 100),
}

// anyFrame returns a frame of any shape and content that can be written.
func anyFrame(rng *rand.Rand) *data.Frame {
	n, width := 1+rng.IntN(40), 1+rng.IntN(40)
	f := &data.Frame{}
	pick := func() string { return extremeTexts[rng.IntN(len(extremeTexts))] }
	at := 0
	for at < width {
		end := at + 1 + rng.IntN(width-at)
		f.Blocks = append(f.Blocks, data.Block{Name: fmt.Sprintf("%s|%d", pick(), at), Start: at, End: end})
		at = end
	}
	for j := range width {
		// Names with a zero byte are refused by writers of text.
		f.Columns = append(f.Columns, fmt.Sprintf("%s|%d", strings.ReplaceAll(pick(), "\x00", ""), j))
	}
	labels, domains := rng.IntN(3) > 0, rng.IntN(2) > 0
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprintf("%s|%d%s", pick(), i, pick()+"."))
		if labels {
			f.Labels = append(f.Labels, pick())
		}
		if domains {
			f.Domains = append(f.Domains, pick())
		}
	}
	if reading.AllEmpty(f.Labels) {
		f.Labels = nil // as every reader says it
	}
	for range n * width {
		v := extremes[rng.IntN(len(extremes))]
		if rng.IntN(2) == 0 {
			v = math.Float32frombits(rng.Uint32())
		}
		if v-v != 0 {
			v = 0
		}
		f.X = append(f.X, v)
	}
	return f
}

// TestRoundTripAny writes frames of any content in every format and reads the same back.
func TestRoundTripAny(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 4))
	dir := t.TempDir()
	for k := range 40 {
		want := anyFrame(rng)
		for _, ending := range endings {
			path := filepath.Join(dir, "f"+ending)
			if err := Save(path, want); err != nil {
				t.Fatalf("frame %d, %s: %v", k, ending, err)
			}
			opt := Options{NoCache: true, Missing: []string{}} // some labels are called NA
			if strings.Contains(ending, "sv") {                // text keeps no blocks
				opt.BlockOf = blockOf(want)
			}
			got, _, err := Open(context.Background(), path, opt)
			if err != nil {
				t.Fatalf("frame %d, %s: %v", k, ending, err)
			}
			if got.Hash() != want.Hash() {
				t.Fatalf("frame %d, %s: another frame came back:\n%q\n%q", k, ending, want, got)
			}
		}
	}
}

// TestRoundTripNaN: which NaN it is, is kept where the format keeps bits; text has only one.
func TestRoundTripNaN(t *testing.T) {
	quiet, other, negative := math.Float32frombits(0x7fc00000), math.Float32frombits(0x7fc12345),
		math.Float32frombits(0xffc00001)
	want := datatest.Wild(4, 3, 1)
	want.X[0], want.X[4], want.X[11] = quiet, other, negative
	for _, ending := range endings {
		path := filepath.Join(t.TempDir(), "f"+ending)
		if err := Save(path, want); err != nil {
			t.Fatal(err)
		}
		got, e, err := Open(context.Background(), path, Options{NoCache: true, AllowMissing: true})
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range want.X {
			same := math.Float32bits(v) == math.Float32bits(got.X[k])
			if strings.Contains(ending, "sv") {
				same = same || v != v && got.X[k] != got.X[k]
			}
			if !same {
				t.Errorf("%s: value %d is %#x, want %#x", ending, k, math.Float32bits(got.X[k]), math.Float32bits(v))
			}
		}
		if e.Missing != 3 {
			t.Errorf("%s: %d missing values are counted, want 3", ending, e.Missing)
		}
	}
}

// blockOf names the blocks of f, for readers of text.
func blockOf(f *data.Frame) func(string) string {
	blocks := make(map[string]string)
	for _, b := range f.Blocks {
		for _, c := range f.Columns[b.Start:b.End] {
			blocks[c] = b.Name
		}
	}
	return func(c string) string { return blocks[c] }
}
