package siamese

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/stats"
	"github.com/go-siamese/lab/siamese/version"
)

// bytesOf returns a model as its file holds it.
func bytesOf(t testing.TB, m *Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// decodeBytes decodes a file's content.
func decodeBytes(content []byte) (*Model, error) {
	return decode(bytes.NewReader(content), int64(len(content)))
}

// sameModel fails unless both models are equal to the last bit.
func sameModel(t testing.TB, want, got *Model) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Model{})); diff != "" {
		t.Errorf("the model changed: %s", diff)
	}
	if !slices.EqualFunc(want.tensors(), got.tensors(), sameBits) {
		t.Error("weights have other bits")
	}
}

// parts splits a file into its header and its numbers.
func parts(content []byte) (header map[string]any, numbers []byte) {
	length := binary.LittleEndian.Uint64(content)
	if err := json.Unmarshal(content[8:8+length], &header); err != nil {
		panic(err)
	}
	return header, content[8+length:]
}

// join is the opposite of parts.
func join(header map[string]any, numbers []byte) []byte {
	text, err := json.Marshal(header)
	if err != nil {
		panic(err)
	}
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text, numbers)
}

func TestSaveAndLoad(t *testing.T) {
	real, val := trained(t)
	if real.Lab != version.Version {
		t.Errorf("the model is of lab %q, want %q", real.Lab, version.Version)
	}
	scaled, unscaled := handmade(3, 2, 1), identity([]string{"a", "é\"<&>\u2028\t", "c"})
	scaled.Threshold = math.Nextafter(1, 2)
	scaled.Layers[0].Weights[1] = float32(math.Copysign(0, -1))
	scaled.Layers[0].Weights[2] = math.SmallestNonzeroFloat32
	scaled.Layers[0].Weights[3] = math.MaxFloat32
	scaled.Config.Seed = math.MaxUint64
	for name, want := range map[string]*Model{"trained": real, "scaled": scaled, "unscaled": unscaled} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model.safetensors")
			for range 2 { // anew, and over itself
				if err := want.Save(path); err != nil {
					t.Fatal(err)
				}
			}
			got, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			sameModel(t, want, got)
			if stat, err := os.Stat(path); err != nil || stat.Mode().Perm() != 0o644 {
				t.Errorf("%v, %v", stat.Mode(), err)
			}
			if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
				t.Errorf("files are left over: %v", files)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(content, bytesOf(t, got)) {
				t.Error("saved again the file is another")
			}
			if start := 8 + binary.LittleEndian.Uint64(content); start%8 != 0 {
				t.Errorf("the numbers start at byte %d", start)
			}
		})
	}
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		loaded, err := decodeBytes(bytesOf(t, real))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(embed(t, real, backend, val), embed(t, loaded, backend, val)); diff != "" {
			t.Errorf("the loaded model embeds otherwise: %s", diff)
		}
	})
}

func TestLoadTruncated(t *testing.T) {
	content := bytesOf(t, handmade(3, 2, 1))
	for n := range content {
		if _, err := decodeBytes(content[:n]); err == nil {
			t.Fatalf("%d of %d bytes are a model", n, len(content))
		} else if !errors.Is(err, safetensors.ErrTruncated) {
			t.Fatalf("%d of %d bytes: %v", n, len(content), err)
		}
	}
	if _, err := decodeBytes(append(content, 0)); err == nil || errors.Is(err, safetensors.ErrTruncated) {
		t.Errorf("a byte too many: %v", err)
	}
}

// A file whose length is big-endian, as no safetensors file is, is refused with that reason.
func TestLoadBigEndian(t *testing.T) {
	content := bytesOf(t, handmade(3, 2, 1))
	slices.Reverse(content[:8])
	if _, err := decodeBytes(content); !errors.Is(err, safetensors.ErrTruncated) ||
		!strings.Contains(err.Error(), "big-endian") {
		t.Errorf("%v", err)
	}
}

// Whichever bit of a file flips: it is an error, or it was one that means nothing.
func TestLoadFlippedBits(t *testing.T) {
	want := handmade(3, 2, 1)
	content := bytesOf(t, want)
	harmless := 0
	for i := range content {
		for bit := range 8 {
			spoilt := slices.Clone(content)
			spoilt[i] ^= 1 << bit
			got, err := decodeBytes(spoilt)
			if err != nil {
				continue
			}
			harmless++
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Model{})); diff != "" ||
				!slices.EqualFunc(want.tensors(), got.tensors(), sameBits) {
				t.Errorf("bit %d of byte %d (%q) changes the model unseen: %s", bit, i,
					content[max(0, i-10):min(len(content), i+10)], diff)
			}
		}
	}
	if harmless > 8*len(content)/20 {
		t.Errorf("%d of %d flipped bits went unseen", harmless, 8*len(content))
	}
}

func TestLoadDamaged(t *testing.T) {
	content := bytesOf(t, handmade(3, 2, 1))
	const w0, b0, centre = "layers.0.weights", "layers.0.biases", "preprocess.centre"
	tensor := func(h map[string]any, name string) map[string]any { return h[name].(map[string]any) }
	describe := func(change func(info map[string]any)) func(h map[string]any, numbers []byte) []byte {
		return func(h map[string]any, numbers []byte) []byte {
			metadata := h[safetensors.MetadataKey].(map[string]any)
			var info map[string]any
			if err := json.Unmarshal([]byte(metadata[modelKey].(string)), &info); err != nil {
				panic(err)
			}
			change(info)
			text, err := json.Marshal(info)
			if err != nil {
				panic(err)
			}
			metadata[modelKey] = string(text)
			return numbers
		}
	}
	config := func(info map[string]any) map[string]any { return info["config"].(map[string]any) }
	preprocess := func(info map[string]any) map[string]any { return config(info)["preprocess"].(map[string]any) }
	offsets := func(name string, from, to any) func(h map[string]any, numbers []byte) []byte {
		return func(h map[string]any, numbers []byte) []byte {
			tensor(h, name)["data_offsets"] = []any{from, to}
			return numbers
		}
	}
	tests := []struct {
		name  string
		spoil func(h map[string]any, numbers []byte) []byte
		want  string // part of the error, or "tensor NAME" or "option NAME" for what it is about
	}{
		{"other format", describe(func(i map[string]any) { i["format"] = "keras" }),
			`"keras"`},
		{"newer version", describe(func(i map[string]any) { i["version"] = 4 }), "is 4"},
		{"newer version of a newer lab", describe(func(i map[string]any) { i["version"], i["lab"] = 4, "9.8.7" }),
			`it was written by version "9.8.7" of the lab`},
		{"unknown setting", describe(func(i map[string]any) { config(i)["swirl"] = 0.5 }), "config.swirl"},
		{"unknown number of the loss", describe(func(i map[string]any) { config(i)["loss"].(map[string]any)["swirl"] = 1 }),
			"config.loss.swirl"},
		{"unknown number of a part", describe(func(i map[string]any) {
			i["gate"] = map[string]any{"encoder": map[string]any{"swirl": 1}}
		}), "gate.encoder.swirl"},
		{"unknown setting of a list", describe(func(i map[string]any) {
			i["nested"] = []any{map[string]any{"swirl": 0}, map[string]any{"swirl": 1}}
		}), "nested[1].swirl"},
		{"unknown part of a newer lab", describe(func(i map[string]any) { i["heads"], i["lab"] = []int{1}, "9.8.7" }),
			`heads, which this lab does not know and would leave out: use the lab that wrote it (it was written by ` +
				`version "9.8.7"`},
		{"unknown setting without effect", describe(func(i map[string]any) {
			config(i)["swirl"], i["heads"], i["notes2"] = 0, []int{}, nil
		}), safetensors.ErrChecksum.Error()},
		{"unknown loss of a newer lab", describe(func(i map[string]any) {
			config(i)["loss"], i["lab"] = map[string]any{"name": "swirl", "similarity": "cosine"}, "9.8.7"
		}), `"swirl" is not`},
		{"older version", describe(func(i map[string]any) { i["version"] = 2 }), "is 2"},
		{"no metadata", func(h map[string]any, n []byte) []byte { delete(h, safetensors.MetadataKey); return n },
			safetensors.MetadataKey},
		{"metadata of another kind", func(h map[string]any,
			n []byte) []byte {
			h[safetensors.MetadataKey] = 7
			return n
		}, safetensors.MetadataKey},
		{"description no JSON", func(h map[string]any, n []byte) []byte {
			h[safetensors.MetadataKey].(map[string]any)[modelKey] = "{"
			return n
		}, errDescription.Error()},
		{"no columns", describe(func(i map[string]any) { i["columns"] = []string{} }), errDescription.Error()},
		{"column twice", describe(func(i map[string]any) { i["columns"] = []string{"a", "a", "b"} }), `"a"`},
		{"more columns", describe(func(i map[string]any) { i["columns"] = []string{"a", "b", "c", "d"} }),
			"tensor preprocess.centre"},
		{"unknown scaling", describe(func(i map[string]any) { preprocess(i)["scale"] = "minmax" }),
			"option preprocess.scale"},
		{"no scaling", describe(func(i map[string]any) { preprocess(i)["scale"] = "none" }),
			"tensor standard.centre"},
		{"imputing without its numbers", describe(func(i map[string]any) { preprocess(i)["impute"] = "mean" }),
			"tensor preprocess.fill"},
		{"components without their numbers", describe(func(i map[string]any) { preprocess(i)["components"] = 3 }),
			"tensor preprocess.mean"},
		{"wider than its columns", describe(func(i map[string]any) { i["width"] = 4 }),
			errDescription.Error()},
		{"narrower than its columns", describe(func(i map[string]any) { i["width"] = 2 }),
			"tensor layers.0.weights"},
		{"width negative", describe(func(i map[string]any) { i["width"] = -1 }), errDescription.Error()},
		{"no blocks", describe(func(i map[string]any) { i["blocks"] = nil }), "[0, 3)"},
		{"domains out of order", describe(func(i map[string]any) { i["domains"] = []string{"b", "a"} }),
			"domains"},
		{"no layers", describe(func(i map[string]any) { config(i)["layers"] = []int{} }), "option layers"},
		{"layer wider", describe(func(i map[string]any) { config(i)["layers"] = []int{4, 1} }),
			"tensor layers.0.weights"},
		{"layer negative", describe(func(i map[string]any) { config(i)["layers"] = []int{-2, 1} }),
			"option layers"},
		{"layer more", describe(func(i map[string]any) { config(i)["layers"] = []int{2, 1, 1} }),
			"tensor layers.2.weights"},
		{"layer fewer", describe(func(i map[string]any) { config(i)["layers"] = []int{2} }),
			"tensor layers.1.biases"},
		{"trained on items without their hashes", describe(func(i map[string]any) { i["trained_on"] = 3 }),
			"tensor trained_on"},
		{"trained on fewer than none", describe(func(i map[string]any) { i["trained_on"] = -1 }),
			errDescription.Error()},
		{"other threshold", describe(func(i map[string]any) { i["threshold"] = 0.25 }),
			safetensors.ErrChecksum.Error()},
		{"calibration of another kind",
			describe(func(i map[string]any) { i["calibration"] = map[string]any{"method": "beta"} }), `"beta"`},
		{"calibration unknown", describe(func(i map[string]any) { config(i)["calibration"] = "beta" }),
			"option calibration"},
		{"threshold of text", describe(func(i map[string]any) { i["threshold"] = "high" }), errDescription.Error()},
		{"no tensor", func(h map[string]any, n []byte) []byte {
			delete(h, "layers.1.biases") // the last
			return n[:len(n)-4]
		}, "tensor layers.1.biases"},
		{"tensor of another kind", func(h map[string]any, n []byte) []byte { h[w0] = "none"; return n },
			"tensor layers.0.weights"},
		{"float64", func(h map[string]any, n []byte) []byte { tensor(h, w0)["dtype"] = "F64"; return n },
			"tensor layers.0.weights"},
		{"turned shape", func(h map[string]any, n []byte) []byte { tensor(h, w0)["shape"] = []int{2, 3}; return n },
			"tensor " + w0},
		{"beyond the end", offsets("layers.1.biases", 64, 1<<40), "tensor layers.1.biases"},
		{"offset beyond int64", offsets(w0, 0, 1e30), "tensor layers.0.weights"},
		{"offset that wraps", offsets(w0, int64(math.MaxInt64), int64(math.MinInt64)+23), "tensor " + b0},
		{"negative offset", offsets(centre, -12, 0), "tensor preprocess.centre"},
		{"turned offsets", offsets(centre, 12, 0), "tensor preprocess.centre"},
		{"overlap", offsets(b0, 44, 52), "tensor " + b0},
		{"gap", func(h map[string]any, n []byte) []byte {
			tensor(h, "layers.1.biases")["data_offsets"] = []int{68, 72}
			return append(n, 0, 0, 0, 0)
		}, "tensor layers.1.biases"},
		{"same place twice", offsets(b0, 0, 12), "tensor "},
		{"NaN", func(_ map[string]any, n []byte) []byte {
			binary.LittleEndian.PutUint32(n[24:], math.Float32bits(float32(math.NaN())))
			return n
		}, "tensor layers.0.weights"},
		{"infinite", func(_ map[string]any, n []byte) []byte {
			binary.LittleEndian.PutUint32(n, math.Float32bits(float32(math.Inf(1))))
			return n
		}, "centre[0] is +Inf"},
		{"other number", func(_ map[string]any, n []byte) []byte { n[25] ^= 1; return n },
			safetensors.ErrChecksum.Error()},
		{"foreign tensor", func(h map[string]any, n []byte) []byte {
			h["extra"] = safetensors.TensorInfo{DType: "F32", Shape: []int{1},
				Offsets: [2]int64{int64(len(n)), int64(len(n)) + 4}}
			return append(n, 0, 0, 0, 0)
		}, "tensor extra"},
	}
	dir := t.TempDir()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header, numbers := parts(slices.Clone(content))
			path := filepath.Join(dir, "model.safetensors")
			spoilt := test.spoil(header, numbers)
			if err := os.WriteFile(path, join(header, spoilt), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path)
			labtest.WantError(t, err, path)
			wantFault(t, err, test.want)
		})
	}
	t.Run("not at all", func(t *testing.T) {
		_, err := Load(filepath.Join(dir, "none"))
		labtest.WantError(t, err, filepath.Join(dir, "none"))
		_, err = Load(dir)
		labtest.WantError(t, err, dir)
	})
	t.Run("without a checksum", func(t *testing.T) { // a file changed on purpose
		header, numbers := parts(slices.Clone(content))
		delete(header[safetensors.MetadataKey].(map[string]any), safetensors.SumKey)
		if _, err := decodeBytes(join(header, numbers)); err != nil {
			t.Error(err)
		}
	})
}

// wantFault fails unless err is about what want says: "option NAME" for an option, "tensor NAME" for a tensor of a
// file, otherwise a part of the error.
func wantFault(t *testing.T, err error, want string) {
	t.Helper()
	var fault *safetensors.TensorError
	if name, ok := strings.CutPrefix(want, "option "); ok {
		labtest.WantOptions(t, err, name)
	} else if name, ok := strings.CutPrefix(want, "tensor "); !ok {
		labtest.WantError(t, err, want)
	} else if !errors.As(err, &fault) || name != "" && fault.Tensor != name {
		t.Errorf("error %v is not about tensor %q", err, name)
	}
}

// What a small file claims takes no memory.
func TestLoadTakesNoMemoryForClaims(t *testing.T) {
	small := bytesOf(t, handmade(3, 2, 1))
	header, numbers := parts(small)
	wide := map[string]any{}
	for k, v := range header {
		wide[k] = v
	}
	text, _ := json.Marshal(modelInfo{Format: formatName, Version: formatVersion, Columns: []string{"a", "b", "c"},
		Width: 3, Blocks: []data.Block{{Name: "x", Start: 0, End: 3}},
		Config: func() Config { c := toyConfig(); c.Layers = slices.Repeat([]int{1 << 16}, 40); return c }()})
	wide[safetensors.MetadataKey] = map[string]string{modelKey: string(text)}
	files := map[string][]byte{
		"header of 2^63 bytes": append(binary.LittleEndian.AppendUint64(nil, 1<<63), make([]byte, 100)...),
		"header of 2^64-1":     append(binary.LittleEndian.AppendUint64(nil, math.MaxUint64), make([]byte, 100)...),
		"header of 60 MB":      append(binary.LittleEndian.AppendUint64(nil, 60<<20), make([]byte, 100)...),
		"header beyond a GB":   append(binary.LittleEndian.AppendUint64(nil, 1<<30), make([]byte, 100)...),
		"layers of 16 GB":      join(wide, numbers),
	}
	for name, content := range files {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := decodeBytes(content)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: it is a model", name)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
			t.Errorf("%s: %d bytes were taken for a file of %d", name, took, len(content))
		}
	}
}

// A save that fails leaves the file that is there as it is, and nothing beside it.
func TestFailedSave(t *testing.T) {
	good := handmade(3, 2, 1)
	dir := t.TempDir()
	path := filepath.Join(dir, "model.safetensors")
	if err := good.Save(path); err != nil {
		t.Fatal(err)
	}
	spoil := func(change func(m *Model)) *Model {
		m, err := decodeBytes(bytesOf(t, good))
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		return m
	}
	under := filepath.Join(path, "model.safetensors") // a file is no directory
	tests := []struct {
		name, path string
		model      *Model
		want       string
	}{
		{"no directory", filepath.Join(dir, "none", "m"), good, syscall.ENOENT.Error()},
		{"file as directory", under, good, syscall.ENOTDIR.Error()},
		{"onto a directory", dir, good, dir},
		{"empty", path, &Model{}, errEmpty.Error()},
		{"NaN", path, spoil(func(m *Model) { m.Layers[1].Weights[0] = float32(math.NaN()) }),
			"tensor layers.1.weights"},
		{"threshold", path, spoil(func(m *Model) { m.Threshold = math.Inf(1) }), "+Inf"},
		{"calibration", path,
			spoil(func(m *Model) { m.Calibration = &stats.Calibration{Method: stats.Platt, Slope: -1} }), "-1"},
		{"hashes", path, spoil(func(m *Model) { m.TrainedOn = []uint64{1, 1 << 40, 1 << 40} }),
			"hash 2"},
		{"configuration", path, spoil(func(m *Model) { m.Config.Epochs = 0 }), "option epochs"},
		{"other layers", path, spoil(func(m *Model) { m.Config.Layers = []int{2, 2} }),
			"[2 1]"},
		{"lengths", path, spoil(func(m *Model) { m.Layers[0].Biases = nil }), "layer 0"},
		{"column", path, spoil(func(m *Model) { m.Transform.Columns[1] = "a\xff" }), `"a\xff"`},
		{"column too long", path,
			spoil(func(m *Model) { m.Transform.Columns[1] = strings.Repeat("a", safetensors.MaxHeader) }),
			"header"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.model.Save(test.path)
			labtest.WantError(t, err, test.path)
			wantFault(t, err, test.want)
			got, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			sameModel(t, good, got)
			if files, _ := os.ReadDir(dir); len(files) != 1 {
				t.Errorf("files are left over: %v", files)
			}
		})
	}
	t.Run("writing fails halfway", func(t *testing.T) {
		err := atomicfile.Write(path, func(w io.Writer) error {
			if _, err := w.Write(make([]byte, 1<<17)); err != nil {
				return err
			}
			return errors.New("the disk is full")
		})
		labtest.WantError(t, err, "the disk is full")
		got, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		sameModel(t, good, got)
		if files, _ := os.ReadDir(dir); len(files) != 1 {
			t.Errorf("files are left over: %v", files)
		}
	})
}

// FuzzLoad looks for files that crash the reader, or that it reads as a model that it would not write. lie is
// how far the length in the file is off that of the header.
func FuzzLoad(f *testing.F) {
	byPLDA, err := Untrained(f.Context(), withPLDA(), labtest.InBlocks("t", 12, 1))
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range []*Model{handmade(3, 2, 1), identity([]string{"a"}), byPLDA} {
		header, numbers := parts(bytesOf(f, m))
		for range 2 {
			text, err := json.Marshal(header)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text, numbers, int64(0))
			f.Add(text, numbers[:len(numbers)/2], int64(0))
			// lets changes through to what stands behind it
			delete(header[safetensors.MetadataKey].(map[string]any), safetensors.SumKey)
		}
	}
	f.Add([]byte("{}"), []byte{}, int64(1))
	f.Add([]byte{}, []byte{}, int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, header, numbers []byte, lie int64) {
		length := uint64(len(header)) + uint64(lie)
		m, err := decodeBytes(slices.Concat(binary.LittleEndian.AppendUint64(nil, length), header, numbers))
		if err != nil {
			return
		}
		again, err := decodeBytes(bytesOf(t, m))
		if err != nil {
			t.Fatal(err)
		}
		sameModel(t, m, again)
	})
}
