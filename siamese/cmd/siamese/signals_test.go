package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/stop"
)

// A signal ends every command, whatever it is at: none goes on to a result, and the exit status says which signal it
// was.
func TestSignalEndsEveryCommand(t *testing.T) {
	dir := t.TempDir()
	siameseSays(t, dir, "split --out s.json builtin:20")
	siameseSays(t, dir, "train --split s.json --out m.safetensors"+small+"builtin:20")
	siameseSays(t, dir, "embed --backend go --out t.parquet m.safetensors builtin:20")
	siameseSays(t, dir, "evaluate --backend go --no-baselines --split s.json --json r.json m.safetensors builtin:20")
	t.Chdir(dir)
	if err := os.MkdirAll("pictures/a", 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(stop.BySignal{Signal: syscall.SIGTERM})
	for _, args := range []string{
		"describe builtin:20", "describe t.parquet", "split --out new.json builtin:20",
		"split --out new.json t.parquet",
		"train --split s.json --out new.safetensors" + small + "builtin:20",
		"evaluate --backend go --split s.json --json new.json m.safetensors builtin:20",
		"report --html new.html r.json",
		"protocols --json new.json" + small + "builtin:20",
		"embed --backend go --out new.parquet m.safetensors builtin:20",
		"compare --backend go m.safetensors builtin:20 digits/00001 digits/00002",
		"search --backend go --query digits/00001 m.safetensors builtin:20",
		"explain --backend go m.safetensors builtin:20",
		"features --out new.parquet pictures",
		"bench --seconds 1 --rounds 1",
	} {
		var out, errOut bytes.Buffer
		if status := run(ctx, strings.Fields(args), &out, &errOut); status != 143 ||
			!strings.Contains(errOut.String(), "interrupted: ") {
			t.Errorf("siamese %s: status %d, %.300q, %.300q", args, status, out.String(), errOut.String())
		}
	}
	left, err := filepath.Glob("new*")
	if err != nil || left != nil {
		t.Errorf("written after the signal: %q, %v", left, err)
	}
	if got := stop.Status(context.Background()); got != 130 {
		t.Errorf("without a signal the status is %d", got)
	}
}

// The second signal ends the program at once: it is then killed by it, as if it had no handler.
func TestSecondSignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Fatal("this test sends signals, which Windows does not have")
	}
	c := siameseCommand(t, t.TempDir(), "describe --near .9 builtin")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // the handler is there; the images are being read
	start := time.Now()
	for range 50 {
		_ = c.Process.Signal(syscall.SIGTERM) // it may have ended
		time.Sleep(20 * time.Millisecond)
	}
	err := c.Wait()
	if err == nil || time.Since(start) > 20*time.Second {
		t.Errorf("it ended with %v after %v", err, time.Since(start))
	}
}
