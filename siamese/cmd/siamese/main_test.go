package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/extract"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/siamese/internal/bar"
	"github.com/go-siamese/lab/siamese/version"
)

// call runs the command line in this process.
func call(args ...string) (status int, out, errOut string) {
	var stdout, stderr bytes.Buffer
	status = run(context.Background(), args, &stdout, &stderr)
	return status, stdout.String(), stderr.String()
}

func TestCommandLine(t *testing.T) {
	empty := t.TempDir()
	broken := filepath.Join(empty, "broken.json")
	if err := os.WriteFile(broken, []byte(`{"HOG": {"Orientation": 3}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args        string
		status      int
		out, errOut string
	}{
		{"", 2, "", "Usage: siamese <command>"},
		{"help", 0, "Compute the features", ""},
		{"--help", 0, "Compute the features", ""},
		{"help features", 0, "--label-depth=1", ""},
		{"features -h", 0, "Usage: siamese features", ""},
		{"version", 0, "siamese " + version.Version, ""},
		{"fly", 2, "", "fly"},
		{"help fly", 2, "", "fly"},
		{"features " + empty, 2, "", "--out: "},
		{"features --out x.parquet", 2, "", "<folder>"},
		{"features a --out x.parquet b", 2, "", " b\nsee: siamese features --help"},
		{"features --fly", 2, "", "--fly\nsee: siamese features --help"},
		{"features --out x.parquet --resize 64 a", 2, "", `--resize: "64"`},
		{"features --out x.parquet --resize 0x0 a", 2, "", `--resize: "0x0"`},
		{"features --out x.parquet --hog cells=3 a", 2, "",
			`--hog: unknown setting "cells": use off, or some of block, cell, norm, orientations, sqrt`},
		{"features --out x.parquet --lbp points=x a", 2, "", `--lbp: points=x: strconv.Atoi`},
		{"features --out x.parquet --hog norm=L3 " + empty, 1, "", `HOG.Norm is "L3"`},
		{"features --out x.csv " + empty, 1, "", `ends in .parquet`},
		{"features --out x.parquet " + empty, 1, "", "there is none, and 1 other files or folders were ignored"},
		{"train --out m.safetensors --pairs p.csv --within-domain 0.2 items.csv", 2, "", "--within-domain: "},
		{"features --config " + broken + " --print-config", 1, "", "--config: "},
		{"features --config " + broken + "x --print-config", 1, "", "no such file"},
	} {
		status, out, errOut := call(strings.Fields(c.args)...)
		if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errOut, c.errOut) ||
			(c.errOut == "") != (errOut == "") {
			t.Errorf("siamese %s: status %d, output %q, errOut %q", c.args, status, out, errOut)
		}
	}
}

// Settings change what they name, degrees are those of the default to the bit, and a printed configuration reads as
// itself.
func TestSettings(t *testing.T) {
	var c features.Config
	err := settings(&c, "64x48", "cell=8x6 sqrt=true norm=L1",
		"angles=0,45,90,135 properties=contrast,energy grids=1,3", "radius=2.5 method=ror")
	if err != nil {
		t.Fatal(err)
	}
	want := features.Default()
	want.Width, want.Height, want.Background = 64, 48, "" // no flag changes a background here
	want.HOG.Cell, want.HOG.Sqrt, want.HOG.Norm = [2]int{8, 6}, true, features.NormL1
	want.GLCM.Properties, want.GLCM.Grids = []features.Property{features.Contrast, features.Energy}, []int{1, 3}
	want.LBP = features.LBPConfig{Points: 8, Radius: 2.5, Method: features.LBPRotation, Grids: []int{1}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error("(-want +got)", diff)
	}
	if err := settings(&c, "", "off", "properties=all distances=1,2.5 levels=16 symmetric=false angles=30",
		"off"); err != nil {
		t.Fatal(err)
	}
	want30 := 30.0 // as a constant it would be exact until the end
	want.HOG, want.LBP = features.HOGConfig{}, features.LBPConfig{}
	want.GLCM = features.GLCMConfig{Levels: 16, Distances: []float64{1, 2.5}, Angles: []float64{want30 / 180 * math.Pi},
		Properties: features.Properties, Grids: []int{1, 3}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error("(-want +got)", diff)
	}
	status, first, errOut := call("features", "--print-config", "--resize", "64x48", "--hog", "norm=L2", "--lbp",
		"points=6")
	if status != 0 {
		t.Fatal(errOut)
	}
	file := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(file, []byte(first), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, again, errOut := call("features", "--print-config", "--config", file); again != first {
		t.Errorf("%s\nis read as\n%s%s", first, again, errOut)
	}
	var parsed features.Config
	if err := json.Unmarshal([]byte(first), &parsed); err != nil || parsed.HOG.Norm != features.NormL2 ||
		parsed.LBP.Points != 6 || parsed.Width != 64 {
		t.Errorf("%+v, %v", parsed, err)
	}
}

func TestBar(t *testing.T) {
	clock := time.Unix(100, 0)
	wait := func(d time.Duration) { clock = clock.Add(d) }
	steps := func(b *imageBar) {
		b.show(extract.Progress{Total: 200, Done: 100, Resumed: 100})
		wait(time.Second)
		b.show(extract.Progress{Total: 200, Done: 110, Resumed: 100})
		wait(9 * time.Second)
		b.show(extract.Progress{Total: 200, Done: 150, Resumed: 100})
		b.show(extract.Progress{Total: 200, Done: 151, Resumed: 100})
		wait(time.Millisecond)
		b.show(extract.Progress{Total: 200, Done: 200, Resumed: 100})
		b.show(extract.Progress{Total: 200, Done: 200, Resumed: 100, Writing: true})
		b.end()
	}
	var plain, live bytes.Buffer
	steps(imageBarOn(&plain, nil, func() time.Time { return clock }))
	want := `100 of 200 images, 50.0 %, 100 resumed
150 of 200 images, 75.0 %, 100 resumed, 5 images/s, 10s left
200 of 200 images, 100.0 %, 100 resumed, 10 images/s, 0s left
200 images done in 10s, writing the table
`
	if diff := cmp.Diff(want, plain.String()); diff != "" {
		t.Error("plain (-want +got)", diff)
	}
	steps(imageBarOn(&live, bar.NewLineOfWidth(&live, func() int { return 80 }), func() time.Time { return clock }))
	lines := strings.Split(live.String(), "\r")
	if len(lines) != 6 || lines[2] != "[========>       ] 110/200, 55.0 %, 100 resumed, 10 images/s, 9s left" ||
		strings.TrimRight(lines[5], " \n") != "200 images done in 10s, writing the table" {
		t.Errorf("live %q", lines)
	}
	for _, line := range lines {
		if len(line) > 80 {
			t.Errorf("%q does not fit on a line", line)
		}
	}
	if bar.NewLine(&plain) != nil {
		t.Error("a buffer is a terminal")
	}
}
