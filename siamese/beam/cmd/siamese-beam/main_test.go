package main

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain is the command itself where a test calls it: flags are those of the whole process.
func TestMain(m *testing.M) {
	if os.Getenv("SIAMESE_BEAM_TEST") != "" {
		os.Exit(command())
	}
	os.Exit(m.Run())
}

// call runs the command in a folder.
func call(t *testing.T, dir string, args ...string) (status int, out, errOut string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	c.Dir, c.Env = dir, append(os.Environ(), "SIAMESE_BEAM_TEST=1")
	var said, told bytes.Buffer
	c.Stdout, c.Stderr = &said, &told
	var ended *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), said.String(), told.String()
}

// Wrong lines are told before anything is done, with the flag that is wrong.
func TestWrong(t *testing.T) {
	dir := t.TempDir()
	for line, want := range map[string]string{
		"":                      "give --model",
		"embed --model m x.csv": "give --out, and the tables or lists",
		"features --out f":      "give --out, and the tables or lists",
		"embed --model m --out z --lines 3 x.csv":    "--lines has no effect on embed",
		"features --ignore a --out f l.tsv":          "--ignore has no effect on features",
		"features --backend go --out f l.tsv":        "--backend has no effect without --model",
		"features --config c --like m --out f l.tsv": "give one",
		"embed --model m --out z --milvus a:1 x.csv": "--milvus and --collection belong together",
		"embed --model m --out z --milvus-tls x.csv": "without --milvus",
	} {
		if status, _, told := call(t, dir, strings.Fields(line)...); status != 2 || !strings.Contains(told, want) {
			t.Errorf("%s: status %d, %s, want %s", line, status, told, want)
		}
	}
	for line, want := range map[string]string{
		"--model none --out z x.csv":           "error: --model: ",
		"features --like none --out f l.tsv":   "error: --like: ",
		"features --config none --out f l.tsv": "error: --config: ",
		"features --lines -1 --out f l.tsv":    "error: --lines: ",
		"features --out f l.tsv":               "l.tsv: no such file",
	} {
		if status, _, told := call(t, dir, strings.Fields(line)...); status != 1 || !strings.Contains(told, want) {
			t.Errorf("%s: status %d, %s, want %s", line, status, told, want)
		}
	}
}

// A list becomes a table, and the manifest is told.
func TestFeaturesOfList(t *testing.T) {
	dir := t.TempDir()
	m := image.NewGray(image.Rect(0, 0, 28, 28))
	m.Pix[300] = 200
	var file bytes.Buffer
	if err := errors.Join(png.Encode(&file, m), os.WriteFile(filepath.Join(dir, "a.png"), file.Bytes(), 0o644),
		os.WriteFile(filepath.Join(dir, "l.tsv"), []byte("a.png\tx\nb.png\ty\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	status, _, told := call(t, dir, "features", "--out", "f", "l.tsv")
	if status != 1 || !strings.Contains(told, "1 row cannot be embedded") {
		t.Errorf("status %d, %s", status, told)
	}
	status, said, told := call(t, dir, "features", "--out", "f", "--max-bad", "1", "l.tsv")
	if status != 0 || !strings.Contains(said, "f/manifest.json: 1 row in 1 shard, 0 of them kept; 1 row left out") {
		t.Errorf("status %d, %s %s", status, said, told)
	}
}
