// Package labtest holds helpers that the tests of several packages share. It imports none of the packages of data, so
// that all of their tests can use it; frames for tests are in datatest, images in imagestest.
package labtest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// Doubles returns the values as float64.
func Doubles(v []float32) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(v[i])
	}
	return out
}

// Singles returns the values rounded to float32, as float64.
func Singles(v []float64) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(float32(v[i]))
	}
	return out
}

// FolderOf writes files, by their paths with slashes, and returns the folder.
func FolderOf(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Second returns the error of a call with two results.
func Second[T any](_ T, err error) error { return err }

// Encoded returns what write writes; an error fails the test.
func Encoded(t testing.TB, write func(*bytes.Buffer) error) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := write(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// PngOf returns a picture as a PNG file.
func PngOf(t testing.TB, m image.Image) []byte {
	return Encoded(t, func(buf *bytes.Buffer) error { return png.Encode(buf, m) })
}

// Idx encodes an IDX file.
func Idx(kind byte, dims []uint32, data ...byte) []byte {
	out := []byte{0, 0, kind, byte(len(dims))}
	for _, d := range dims {
		out = append(out, byte(d>>24), byte(d>>16), byte(d>>8), byte(d))
	}
	return append(out, data...)
}

// Gzipped returns b compressed with gzip.
func Gzipped(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b) // a buffer never fails
	_ = w.Close()
	return buf.Bytes()
}

// Must returns v, or panics where err is not nil.
func Must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Near reports whether got agrees with want to 1e-5 relative. Values below 1e-12 count as zero.
func Near(got, want float64) bool {
	return math.Abs(got-want) <= 1e-5*math.Abs(want)+1e-12
}

// SameValues reports the first value that does not agree.
func SameValues(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if !Near(got[i], want[i]) {
			t.Errorf("%s: value %d is %.12g, want %.12g", what, i, got[i], want[i])
			return
		}
	}
}
