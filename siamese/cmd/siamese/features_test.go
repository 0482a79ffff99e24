package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// pictures writes n pictures of random greys into label folders.
func pictures(t *testing.T, n, side int) string {
	t.Helper()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		m := &images.Image{W: side, H: side, C: 1, Pix: make([]uint8, side*side)}
		for k := range m.Pix {
			m.Pix[k] = uint8(rng.Uint32())
		}
		var file bytes.Buffer
		name := filepath.Join(dir, fmt.Sprintf("class%d", i%3), fmt.Sprintf("%04d.png", i))
		if err := errors.Join(png.Encode(&file, m.Std()), os.MkdirAll(filepath.Dir(name), 0o755),
			os.WriteFile(name, file.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// An IDX file of images takes the place of a folder.
func TestFeaturesOfIDX(t *testing.T) {
	files, out := filepath.Join("..", "..", "..", "data", "builtin", "files"), filepath.Join(t.TempDir(), "x.parquet")
	images, labels := filepath.Join(files, "digits-images-idx3-ubyte.gz"),
		filepath.Join(files, "digits-labels-idx1-ubyte.gz")
	status, said, errOut := call("features", "--out", out, "--hog", "off", "--idx-labels", labels, images)
	if status != 0 || !strings.Contains(said, "10000 items x 480 features") {
		t.Fatalf("status %d, %s, %s", status, said, errOut)
	}
	f, _, err := table.Open(context.Background(), out, table.Options{NoCache: true})
	if err != nil || f.N() != 10_000 || f.IDs[7] != "00007" || f.Labels[0] != "7" || f.Domains != nil ||
		f.Blocks[0].Name != "glcm" {
		t.Errorf("%v, %v", f, err)
	}
	for want, args := range map[string][]string{
		"want 3":                {"--out", out, labels},
		"features_test.go: idx": {"--out", out, "features_test.go"},
		"--idx-labels: ":        {"--out", out, "--idx-labels", labels, files},
	} {
		if status, _, errOut := call(append([]string{"features"}, args...)...); status == 0 ||
			!strings.Contains(errOut, want) {
			t.Errorf("%v: status %d, %s", args, status, errOut)
		}
	}
}

// The images of the lab take the place of a folder, and those of an altered view.
func TestFeaturesOfBuiltin(t *testing.T) {
	t.Chdir(t.TempDir())
	status, said, errOut := call("features", "--out=x.parquet", "--shift=1", "builtin:5")
	if status != 0 {
		t.Fatal(errOut)
	}
	labtest.WantText(t, said, "100 items x 1776 features")
	f, _, err := table.Open(t.Context(), "x.parquet", table.Options{NoCache: true})
	if err != nil || !strings.Contains(string(f.Settings), `"Shift":1`) || f.Domains == nil {
		t.Errorf("%v %q, %v", f, f.Settings, err)
	}
	for want, line := range map[string]string{
		"--idx-labels: builtin has labels of its own": "features --out=y.parquet --idx-labels=l builtin",
		"--label-depth: it is for a folder of images": "features --out=y.parquet --label-depth=2 builtin:5",
		`"x" is not a number of images of each class`: "features --out=y.parquet builtin:x",
	} {
		if status, _, errOut := call(strings.Fields(line)...); status == 0 || !strings.Contains(errOut, want) {
			t.Errorf("%s: status %d, %s", line, status, errOut)
		}
	}
	status, _, errOut = call("train", "--backend=go", "--layers=8,4", "--epochs=1", "--pairs-per-epoch=64",
		"--batch-pairs=16", "--val-pairs=40", "--val=0.3", "--test=0.2", "--augment=0.5", "--pictures=builtin:5",
		"--out=m.safetensors", "x.parquet")
	if status != 0 {
		t.Error(errOut)
	}
}

func TestFeaturesCommand(t *testing.T) {
	dir := pictures(t, 70, 16)
	if err := os.WriteFile(filepath.Join(dir, "class1", "bad.png"), []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "x.parquet")
	status, _, errOut := call("features", "--out", out, dir)
	if status != 1 || !strings.Contains(errOut, "1 of 71 cannot be read") ||
		!strings.Contains(errOut, "class1/bad.png: ") {
		t.Fatalf("status %d, %s", status, errOut)
	}
	status, said, errOut := call("features", "--skip-corrupt", "--out", out, dir)
	if status != 0 || !strings.Contains(said, "70 images read, 1 skipped") ||
		!strings.Contains(said, "70 items x 804 features") ||
		!strings.Contains(errOut, "71 of 71 images, 100.0 %, 71 resumed") {
		t.Fatalf("status %d, %s, %s", status, said, errOut)
	}
	f, _, err := table.Open(context.Background(), out, table.Options{NoCache: true})
	if err != nil || f.N() != 70 || f.IDs[0] != "class0/0000.png" || f.Labels[69] != "class2" ||
		f.Blocks[0].Name != "hog" {
		t.Errorf("%v, %v", f, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stderr bytes.Buffer
	if status := run(ctx, []string{"features", "--out", out, dir}, &bytes.Buffer{}, &stderr); status != 130 {
		t.Errorf("interrupted: status %d, %s", status, &stderr)
	}
}

// parts counts the finished parts of a run.
func parts(t *testing.T, out string) int {
	t.Helper()
	entries, err := os.ReadDir(out + ".parts")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "part-") {
			n++
		}
	}
	return n
}

// The program is really killed, four times at other moments and once politely; what it writes in the end is, bit for
// bit, what it writes undisturbed.
func TestFeaturesCommandKilled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Fatal("this test sends signals, which Windows does not have")
	}
	dir := pictures(t, 64*11+5, 128)
	command := func(out string) *exec.Cmd {
		c := program(context.Background(), t, "features", "--out", out, "--resize", "96x96", "--hog", "cell=16x16",
			"--lbp", "points=8", dir)
		c.Env = append(c.Env, "GOMAXPROCS=1") // as slow on any number of cores
		return c
	}
	whole, out := filepath.Join(t.TempDir(), "whole.parquet"), filepath.Join(t.TempDir(), "out.parquet")
	if said, err := command(whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	had, late := 0, 0
	signals := []os.Signal{os.Kill, os.Kill, os.Interrupt, syscall.SIGTERM, os.Kill}
	for round := 0; round < len(signals); round++ {
		c, signal := command(out), signals[round]
		var said bytes.Buffer
		c.Stdout, c.Stderr = &said, &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		// Some time after another part has been finished, another time in every round.
		for deadline := time.Now().Add(2 * time.Minute); parts(t, out) <= had && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(round) * 7 * time.Millisecond)
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if c.Wait() == nil { // it was quicker than this test, which got no processor: once more from the start
			if late++; late > 20 {
				t.Fatalf("round %d: the program ended before it was stopped\n%s", round, &said)
			}
			if err := errors.Join(os.Remove(out), os.RemoveAll(out+".parts")); err != nil {
				t.Fatal(err)
			}
			had, round = 0, round-1
			continue
		}
		if now := parts(t, out); now <= had {
			t.Fatalf("round %d: %d parts, %d before\n%s", round, now, had, &said)
		} else {
			had = now
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("round %d: half a table is there", round)
		}
		if want := map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143}[signal]; want != 0 {
			if c.ProcessState.ExitCode() != want ||
				!strings.Contains(said.String(), "the same command resumes from there") {
				t.Errorf("%v: status %d, %s", signal, c.ProcessState.ExitCode(), &said)
			}
		}
	}
	said, err := command(out).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if !strings.Contains(string(said), "resumed") {
		t.Errorf("nothing was resumed:\n%s", said)
	}
	want, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%d bytes, other than the %d of a run that was not stopped", len(got), len(want))
	}
	left, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(left) != 1 {
		t.Errorf("left beside the table: %v, %v", left, err)
	}
}
