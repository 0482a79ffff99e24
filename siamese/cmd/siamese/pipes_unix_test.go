//go:build unix

package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A pipe that nobody writes to is refused, or waited for until the program is told to end; what comes through one is
// read.
func TestPipes(t *testing.T) {
	flagTables(t)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	// Run by the program itself, which a test can give up, and told to end after a time, 0 = not.
	run := func(args string, in io.Reader, after time.Duration) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		c := program(ctx, t, strings.Fields(args)...)
		c.Dir, c.Stdin = dir, in
		if after > 0 {
			timer := time.AfterFunc(after, func() { _ = c.Process.Signal(syscall.SIGTERM) })
			defer timer.Stop()
		}
		said, err := c.CombinedOutput()
		if ctx.Err() != nil {
			t.Errorf("siamese %s: it waits for ever", args)
		}
		return string(said), err
	}
	for _, args := range []string{
		"evaluate --backend go --split pipe m.safetensors items.csv", "embed --out z.csv pipe items.csv",
		"train --config pipe --print-config", "report pipe", "features --out x.parquet pipe",
		"features --out x.parquet --idx-labels pipe items.csv", "features --print-config --config pipe",
		tinyTrain + "--out x.safetensors --history pipe items.csv",
	} {
		if said, err := run(args, nil, 0); err == nil || !strings.Contains(said, "error: ") {
			t.Errorf("siamese %s: %v, %s", args, err, said)
		}
	}
	for _, args := range []string{"describe pipe", "split --out x.json --groups pipe items.csv"} {
		after := 500 * time.Millisecond
		said, err := run(args, nil, after)
		for ; killed(err) && after < time.Minute; said, err = run(args, nil, after) {
			after *= 2 // it had not begun to listen for signals
		}
		if err == nil || !strings.Contains(said, "interrupted") {
			t.Errorf("siamese %s: %v, %s", args, err, said)
		}
	}
	open := func(name string) io.Reader {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return struct{ io.Reader }{file} // as a pipe, not as the file itself
	}
	for args, name := range map[string]string{
		"describe -": "items.csv", "split --out y.json --groups - items.csv": "groups.csv",
		"split --out y.json --pairs - items.csv":                                                      "pairs.csv",
		"evaluate --backend go --split m.split.json --json y2.json --pairs - m.safetensors items.csv": "pairs.csv",
		"search --backend go --query - m.safetensors items.csv":                                       "query.csv",
	} {
		if said, err := run(args, open(name), 0); err != nil {
			t.Errorf("siamese %s < %s: %v, %s", args, name, err, said)
		}
	}
	if said, err := run("split --out x.json --groups - -", open("items.csv"), 0); err == nil ||
		!strings.Contains(said, "standard input") {
		t.Errorf("standard input for two tables: %v, %s", err, said)
	}
}
