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
	"encoding/json"
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
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/setup"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// cell is something that people run. NUMBER in its code is another number each time.
type cell struct {
	name, code string
	until      string // the text that ends the measurement; "" = the end of the cell
	edit       bool   // a file of the package data is changed before
	ours       bool   // GoNB alone has none of it
}

const lab = "github.com/go-siamese/lab/"

// session begins a cell that uses a session.
const session = "import (\n\"context\"\n\"fmt\"\n\"" + lab + "siamese/config\"\n\"" + lab + "siamese/session\"\n)\n%%\n" +
	"ctx := context.Background()\ns, err := session.Connect(ctx)\n"

var cells = []cell{
	{name: "hello", code: "import \"fmt\"\n%%\nfmt.Println(\"hello\", NUMBER)"},
	{name: "data", code: "import \"" + lab + "data/builtin\"\n%%\nimages, err := builtin.Sample(2, NUMBER)\n" +
		"fmt.Println(len(images.Items), err)"},
	{name: "plot", code: "import \"" + lab + "siamese/show\"\n%%\ndefer show.Done()\n" +
		"show.OK(show.Scores(\"Scores NUMBER\", []float32{.8, .9}, []float32{.1, .3}, .5))"},
	{name: "siamese", code: "import \"" + lab + "siamese\"\n%%\nbackend, err := siamese.OpenBackend(\"\")\n" +
		"fmt.Println(backend, err, NUMBER)"},
	{name: "first training step", until: "stepped", code: "import (\n\"context\"\n\"" + lab + "data/features\"\n\"" + lab +
		"siamese/history\"\n)\n%%\n" + `
images, _ := builtin.Sample(30, NUMBER)
frame, _ := features.Extract(context.Background(), images, features.Default(), nil)
var train, val []int
for i := range frame.N() {
	if i%5 == 0 { val = append(val, i) } else { train = append(train, i) }
}
ctx, stop := context.WithCancel(context.Background())
cfg := siamese.DefaultConfig()
cfg.PairsPerEpoch, cfg.Epochs = 1280, 1
backend, _ := siamese.OpenBackend("")
_, err := siamese.Train(ctx, backend, cfg, frame.Select(train), frame.Select(val), siamese.TrainOptions{
	Progress: func(p history.Progress) { if p.Step > 0 { fmt.Println("stepped"); stop() } }})
fmt.Println(err)
`},
	{name: "session: split, model, score", ours: true, code: session + `items, err := s.Builtin(ctx, 30)
split, err := items.Split(ctx, session.SplitOptions{Seed: 1})
cfg := config.Default()
cfg.Epochs, cfg.PairsPerEpoch = 1, 1280
model, err := split.Train(ctx, cfg, session.TrainOptions{})
data, err := items.Data(ctx)
score, err := model.Score(ctx, items, data.IDs[0], data.IDs[1])
fmt.Println(score, err, NUMBER)
`},
	{name: "session: another training, first step", ours: true, until: "stepped", code: session +
		`items, err := s.Builtin(ctx, 30)
split, err := items.Split(ctx, session.SplitOptions{Seed: 1})
cfg := config.Default()
cfg.Epochs, cfg.PairsPerEpoch, cfg.Seed = 1, 1280, NUMBER
_, err = split.Train(ctx, cfg, session.TrainOptions{Progress: func(p session.Progress) { if p.Step > 0 { fmt.Println("stepped") } }})
fmt.Println(err)
`},
	{name: "after an edit of data", edit: true, code: "%%\nimages, err := builtin.Sample(2, NUMBER)\n" +
		"fmt.Println(len(images.Items), err)"},
}

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
	alone := []string{filepath.Join(found.Bin(), "gonb"), "--kernel", "{connection_file}", "-go_work=" + checkout}
	tools := filepath.Join(tmp, "tools") // not the lab's bin, whose go is its own
	if err := os.Mkdir(tools, 0o755); err != nil {
		return err
	}
	for _, tool := range []string{filepath.Join(found.Bin(), "goimports"), filepath.Join(found.Gopls(), "gopls")} {
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

// kernel is a kernel that runs.
type kernel struct {
	name      string
	argv, env []string
	cmd       *exec.Cmd
	client    *wire.Client
}

// start starts the kernel with a connection file in dir and waits until it answers.
func (k *kernel) start(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	connection := wire.Private(dir, wire.NewID())
	file := filepath.Join(dir, "kernel-00000000-0000-0000-0000-000000000000.json")
	if err := connection.Write(file); err != nil {
		return err
	}
	args := slices.Clone(k.argv)
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "{connection_file}", file)
	}
	k.cmd = exec.Command(args[0], args[1:]...)
	k.cmd.Env, k.cmd.Dir = k.env, dir
	out, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return err
	}
	k.cmd.Stdout, k.cmd.Stderr = out, out
	k.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := k.cmd.Start(); err != nil {
		return err
	}
	dialing, done := context.WithTimeout(ctx, time.Minute)
	defer done()
	if k.client, err = wire.Dial(dialing, connection); err != nil {
		return err
	}
	time.Sleep(time.Second) // for the subscription to arrive
	_, err = k.run(ctx, "%%\nprintln(1)", "")
	return err
}

// stop ends the kernel and what it started.
func (k *kernel) stop() {
	k.client.Close()
	_ = syscall.Kill(-k.cmd.Process.Pid, syscall.SIGTERM)
	time.AfterFunc(5*time.Second, func() { _ = syscall.Kill(-k.cmd.Process.Pid, syscall.SIGKILL) })
	_ = k.cmd.Wait()
}

// run executes code and returns the seconds until the kernel is idle again, or until a text was printed. A cell that
// failed is an error, but for one that was measured to a text.
func (k *kernel) run(ctx context.Context, code, until string) (seconds float64, err error) {
	m, err := k.client.New("execute_request", nil, map[string]any{"code": code, "silent": false, "store_history": true,
		"user_expressions": map[string]any{}, "allow_stdin": false, "stop_on_error": true})
	if err != nil {
		return 0, err
	}
	start, said := time.Now(), ""
	if err := k.client.Send(wire.Shell, m); err != nil {
		return 0, err
	}
	limit := time.After(3 * time.Minute)
	replied, idle, failed := false, false, ""
	for !replied || !idle {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-limit:
			return 0, fmt.Errorf("no answer; it printed %q", said)
		case got, ok := <-k.client.Messages:
			if !ok {
				return 0, wire.ErrGone
			}
			if got.ParentID() != m.Header.ID {
				continue
			}
			var content struct {
				Text           string
				Status         string
				Ename, Evalue  string
				ExecutionState string `json:"execution_state"`
			}
			if err := json.Unmarshal(got.Content, &content); err != nil {
				return 0, err
			}
			switch got.Header.Type {
			case "stream":
				said += content.Text
				if until != "" && seconds == 0 && strings.Contains(said, until) {
					seconds = time.Since(start).Seconds()
				}
			case "status":
				idle = idle || content.ExecutionState == "idle"
			case "execute_reply":
				replied = true
				if content.Status != "ok" {
					failed = content.Ename + ": " + content.Evalue
				}
			}
		}
	}
	if until == "" {
		seconds = time.Since(start).Seconds()
	}
	if seconds == 0 || until == "" && failed != "" {
		return 0, fmt.Errorf("%s; it printed %q", failed, said)
	}
	return seconds, nil
}

// memory returns the resident memory of the kernel and of what it started, by program.
func (k *kernel) memory() string {
	out, err := exec.Command("ps", "-o", "rss=,comm=", "--ppid", fmt.Sprint(k.cmd.Process.Pid), "-p",
		fmt.Sprint(k.cmd.Process.Pid)).Output()
	if err != nil {
		return err.Error()
	}
	var parts []string
	for line := range strings.Lines(string(out)) {
		var kib int
		var name string
		if _, err := fmt.Sscan(line, &kib, &name); err == nil {
			parts = append(parts, fmt.Sprintf("%s %d MB", name, kib>>10))
		}
	}
	return strings.Join(parts, ", ")
}
