// Command latency measures how long cells take through the lab's kernel and through GoNB alone, alternating:
//
//	go run ./kernels/testdata/latency [-rounds 5] [-dir LAB]
//
// Both build cells against a copy of this checkout, so that editing it disturbs nobody. A cell's code differs from round to
// round: nothing comes from a cache of whole programs. It prints a table of medians, in seconds. Needed is a complete
// `go run ./kernels install`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 5, "how often each cell runs through each kernel")
	dir := flag.String("dir", "", "the lab's `directory`")
	only := flag.String("kernel", setup.KernelXLA, "the kernelspec to measure")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, *dir, *only, *rounds); err != nil {
		log.Fatal(err)
	}
}

// measure starts both kernels and runs all cells.
func measure(ctx context.Context, dir, name string, rounds int) error {
	found, err := place.Find(dir, ".")
	if err != nil {
		return err
	}
	spec, err := setup.ReadSpec(found, name)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "latency-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	checkout := filepath.Join(tmp, "lab")
	if err := copyOf(ctx, found.Repo, checkout); err != nil {
		return err
	}
	// What a cell needs of GoNB alone to find the plugin; all else is as GoNB installs itself.
	bin := filepath.Dir(spec.Argv[0])
	alone := []string{filepath.Join(bin, "gonb"), "--kernel", "{connection_file}", "-go_work=" + checkout}
	tools := filepath.Join(tmp, "tools") // not the lab's bin, whose go is its own
	if err := os.Mkdir(tools, 0o755); err != nil {
		return err
	}
	for _, tool := range []string{filepath.Join(bin, "goimports"), spec.Gopls()} {
		if err := os.Symlink(tool, filepath.Join(tools, filepath.Base(tool))); err != nil {
			return err
		}
	}
	env := append(os.Environ(), "GOMLX_BACKEND="+spec.Env["GOMLX_BACKEND"],
		"PATH="+tools+string(filepath.ListSeparator)+os.Getenv("PATH"))
	argv := slices.Clone(spec.Argv)
	for i, arg := range argv {
		argv[i] = strings.ReplaceAll(arg, found.Repo, checkout)
	}
	ourEnv := os.Environ()
	for k, v := range spec.Env {
		ourEnv = append(ourEnv, k+"="+v)
	}
	kernels := []*kernel{{name: "lab", argv: argv, env: ourEnv}, {name: "GoNB alone", argv: alone, env: env}}
	for i, k := range kernels {
		if err := k.start(ctx, filepath.Join(tmp, fmt.Sprint("k", i))); err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		defer k.stop()
	}
	number := 0
	times := map[string][]float64{}
	for _, c := range cells {
		for round := range rounds + 1 {
			for _, k := range kernels {
				if c.ours && k != kernels[0] {
					continue
				}
				number++
				if c.edit {
					if err := edit(filepath.Join(checkout, "data", "frame.go"), number); err != nil {
						return err
					}
				}
				seconds, err := k.run(ctx, strings.ReplaceAll(c.code, "NUMBER", fmt.Sprint(number)), c.until)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", c.name, k.name, err)
				}
				if round > 0 { // the first one of a kind warms up
					times[c.name+k.name] = append(times[c.name+k.name], seconds)
				}
			}
		}
	}
	fmt.Printf("| cell | %s | %s |\n| --- | --- | --- |\n", kernels[0].name, kernels[1].name)
	for _, c := range cells {
		fmt.Printf("| %s | %s | %s |\n", c.name, median(times[c.name+kernels[0].name]),
			median(times[c.name+kernels[1].name]))
	}
	for _, k := range kernels {
		fmt.Printf("memory of %s: %s\n", k.name, k.memory())
	}
	return nil
}

// copyOf copies the files of a checkout that git knows, as they are now.
func copyOf(ctx context.Context, from, to string) error {
	list, err := exec.CommandContext(ctx, "git", "-C", from, "ls-files", "-z", "--cached", "--others",
		"--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(from, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, and not yet committed
		}
		if err == nil {
			err = place.WriteFile(filepath.Join(to, name), content, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// edit changes what a package compiles to.
func edit(path string, number int) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, _, _ := strings.Cut(string(content), "\n// edited")
	return os.WriteFile(path, fmt.Appendf(nil, "%s\n// edited\nvar edited%d = %d\n", text, number, number), 0o644)
}

// median formats the median of some times; "" = there are none.
func median(times []float64) string {
	if len(times) == 0 {
		return ""
	}
	slices.Sort(times)
	return fmt.Sprintf("%.2f", (times[(len(times)-1)/2]+times[len(times)/2])/2)
}
