package beam_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apache "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/beam"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
)

// photos writes built-in pictures as dir/domain/label/N.png, and a list of them by path.
func photos(t *testing.T, dir string) (list string) {
	t.Helper()
	set, err := builtin.Sample(4, 1)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i := range set.N() {
		plain := strings.NewReplacer("/", "-", " ", "-")
		domain, label := plain.Replace(set.Domains[i]), plain.Replace(set.Labels[i])
		id := fmt.Sprintf("%s/%s/%03d.png", domain, label, i)
		lines = append(lines, id+"\t"+label+"\t"+domain)
		var file bytes.Buffer
		path := filepath.Join(dir, filepath.FromSlash(id))
		if err := errors.Join(png.Encode(&file, set.Items[i].Std()), os.MkdirAll(filepath.Dir(path), 0o755),
			os.WriteFile(path, file.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(lines)
	list = filepath.Join(dir, "list.tsv")
	if err := os.WriteFile(list, []byte(strings.Join(lines, "\n")), 0o644); err != nil { // the last line ends in none
		t.Fatal(err)
	}
	return list
}

// featuresOf runs the pipeline of pictures.
func featuresOf(t *testing.T, opt beam.Options, pics beam.Pictures, paths ...string) (m beam.Manifest, err error) {
	t.Helper()
	opt.Backend = "go"
	p, scope := apache.NewPipelineWithRoot()
	if err := beam.Features(t.Context(), scope, opt, pics, paths...); err != nil {
		return m, err
	}
	if err := ptest.Run(p); err != nil {
		return m, err
	}
	return m, jsonfile.Read(filepath.Join(opt.Out, beam.ManifestName), &m)
}

// joined returns the items of all shards.
func joined(t *testing.T, out string, m beam.Manifest) *data.Frame {
	t.Helper()
	var all *data.Frame
	for _, s := range m.Shards {
		f, _, err := table.Open(t.Context(), filepath.Join(out, s.Name), table.Options{NoCache: true})
		if err != nil {
			t.Fatal(err)
		}
		if all == nil {
			all = f
			continue
		}
		if f.Settings != all.Settings || !slices.Equal(f.Columns, all.Columns) || !slices.Equal(f.Blocks, all.Blocks) {
			t.Errorf("%s has other columns or settings", s.Name)
		}
		all.X, all.IDs = append(all.X, f.X...), append(all.IDs, f.IDs...)
		all.Labels, all.Domains = append(all.Labels, f.Labels...), append(all.Domains, f.Domains...)
	}
	return all
}

// Features of a list are those of siamese features of the folder, to the bit, with their settings; with a model they
// are what it makes of these.
func TestFeatures(t *testing.T) {
	dir := t.TempDir()
	list, whole, out := photos(t, dir), filepath.Join(t.TempDir(), "x.parquet"), filepath.Join(t.TempDir(), "f")
	opt := extract.DefaultOptions()
	opt.Folder.LabelDepth, opt.Folder.DomainDepth = 2, 1
	if _, err := extract.Folder(t.Context(), dir, whole, opt); err != nil {
		t.Fatal(err)
	}
	want, _, err := table.Open(t.Context(), whole, table.Options{NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	pics := beam.Pictures{Config: features.Default(), Lines: 30}
	m, err := featuresOf(t, beam.Options{Out: out}, pics, list)
	if err != nil || m.Rows != int64(want.N()) || len(m.Shards) != (want.N()+29)/30 || m.Model != "" {
		t.Fatalf("%+v, %v", m, err)
	}
	got := joined(t, out, m)
	if !slices.Equal(got.X, want.X) || !slices.Equal(got.IDs, want.IDs) || !slices.Equal(got.Labels, want.Labels) ||
		!slices.Equal(got.Domains, want.Domains) || got.Settings != want.Settings || want.Settings == "" ||
		!slices.Equal(got.Columns, want.Columns) || !slices.Equal(got.Blocks, want.Blocks) {
		t.Errorf("other features or items:\n%s\n%s", got.Settings, want.Settings)
	}
	pics.Lines = 0
	if one, err := featuresOf(t, beam.Options{Out: out + "1"}, pics, list); err != nil {
		t.Error(err)
	} else if a, err := os.ReadFile(filepath.Join(out+"1", one.Shards[0].Name)); err != nil {
		t.Error(err)
	} else if b, err := os.ReadFile(whole); err != nil || !bytes.Equal(a, b) {
		t.Errorf("one unit is another file than the table: %v", err)
	}
	// With a model of such features.
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	cfg := siamese.DefaultConfig()
	cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs, cfg.ValPairs = []int{6}, 1, 64, 16, 40
	var halves [2][]int
	for i := range want.N() {
		halves[i%2] = append(halves[i%2], i)
	}
	result, err := siamese.Train(t.Context(), backend, cfg, want.Select(halves[0]), want.Select(halves[1]),
		siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	model := filepath.Join(dir, "m.safetensors")
	if err := result.Model.Save(model); err != nil {
		t.Fatal(err)
	}
	z, err := result.Model.Embed(t.Context(), backend, want)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = featuresOf(t, beam.Options{Out: out + "z", Model: model}, beam.Pictures{Lines: 30}, list); err != nil {
		t.Fatal(err)
	}
	if got := joined(t, out+"z", m); !slices.Equal(got.X, z.Values) || !slices.Equal(got.IDs, want.IDs) || m.Model == "" {
		t.Error("other embeddings")
	}
}

// Pictures that cannot be read or used are bad rows. What is kept depends on how pictures look.
func TestBadPictures(t *testing.T) {
	dir := t.TempDir()
	list, out := photos(t, dir), filepath.Join(t.TempDir(), "f")
	deep := image.NewGray16(image.Rect(0, 0, 28, 28))
	deep.SetGray16(3, 4, color.Gray16{Y: 40000})
	small := image.NewGray(image.Rect(0, 0, 20, 20))
	for name, of := range map[string]image.Image{"deep.png": deep, "small.png": small} {
		var file bytes.Buffer
		err := errors.Join(png.Encode(&file, of), os.WriteFile(filepath.Join(dir, name), file.Bytes(), 0o644))
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	broken := filepath.Join(dir, "broken.png")
	whole := string(text) + "\ndeep.png\tx\ty\nsmall.png\tx\ty\n" + broken + "\tx\ty\nnone.png\tx\ty\n" + first + "\n"
	if err := errors.Join(os.WriteFile(broken, []byte("no picture"), 0o644),
		os.WriteFile(list, []byte(whole), 0o644)); err != nil {
		t.Fatal(err)
	}
	pics := beam.Pictures{Config: features.Default()}
	m, err := featuresOf(t, beam.Options{Out: out, MaxBad: 5}, pics, list)
	n := strings.Count(string(text), "\n") + 1
	if err != nil || m.Rows != int64(n) || m.Bad != 5 {
		t.Fatalf("%+v, %v", m, err)
	}
	told := bad(t, out, m.Shards[0].Name)
	for i, want := range []string{"more than 8 bits", "20 x 20 pixels, want 28 x 28", "", "no such file",
		"was there before"} {
		if row := fmt.Sprintf(`"row":%d,`, n+1+i); !strings.Contains(told[i], row) || !strings.Contains(told[i], want) {
			t.Errorf("%s, want row %s %s", told[i], row, want)
		}
	}
	// A picture that was missing may be there the next time: such units are looked at again, others are kept.
	if m, err = featuresOf(t, beam.Options{Out: out, MaxBad: 5}, pics, list); err != nil || m.Shards[0].Kept {
		t.Errorf("%+v, %v", m, err)
	}
	if err := os.Rename(filepath.Join(dir, "small.png"), filepath.Join(dir, "none.png")); err != nil {
		t.Fatal(err)
	}
	pics.Config.Scale = features.ScaleType
	if err := os.WriteFile(list, []byte(strings.ReplaceAll(whole, "small.png\tx\ty\n", "")), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []bool{false, true} {
		if m, err = featuresOf(t, beam.Options{Out: out, MaxBad: 3}, pics, list); err != nil || m.Shards[0].Kept != kept ||
			m.Bad != 3 {
			t.Errorf("%+v, %v", m, err)
		}
	}
	before := files(t, out)
	if err := os.WriteFile(broken, []byte("no picture either"), 0o644); err != nil {
		t.Fatal(err)
	}
	if m, err = featuresOf(t, beam.Options{Out: out, MaxBad: 3}, pics, list); err != nil || m.Shards[0].Kept {
		t.Errorf("%+v, %v", m, err)
	}
	if shard := m.Shards[0].Name; !maps.EqualFunc(map[string][]byte{"": before[shard]},
		map[string][]byte{"": files(t, out)[shard]}, bytes.Equal) {
		t.Error("another shard of the same pictures")
	}
}

// A list that is none is refused by its line.
func TestBadLists(t *testing.T) {
	dir := t.TempDir()
	good := photos(t, dir)
	path := filepath.Join(dir, "bad.tsv")
	for want, text := range map[string]string{
		"bad.tsv:2: it has 1 cells, and the first line 2": "a\tx\nb\n",
		"bad.tsv:3: there is no path":                     "a\nb\n\nc\n",
		"bad.tsv:1: it has 4 cells":                       "a\tb\tc\td\n",
		"bad.tsv:1: it is not UTF-8":                      "\xff.png\n",
		"bad.tsv:1: it has more than":                     strings.Repeat("x", 1<<17),
		"there are no pictures":                           "",
		"none of the first 2 pictures":                    "a\r\nb\r\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := featuresOf(t, beam.Options{Out: filepath.Join(dir, "f")}, beam.Pictures{Config: features.Default()}, path)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := featuresOf(t, beam.Options{Out: filepath.Join(dir, "f")}, beam.Pictures{}, good); err == nil {
		t.Error("a configuration without features was taken")
	}
}
