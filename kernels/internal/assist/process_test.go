package assist_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/assist"
)

// script writes a program that stands for gopls.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gopls")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDeadline asks where gopls is mute, ends at once, speaks nonsense or is not there: each request ends in time, with
// what is known without it.
func TestDeadline(t *testing.T) {
	for name, program := range map[string]string{
		"mute": script(t, "exec sleep 100"), "ends": script(t, "exit 1"), "nonsense": script(t, "echo hello; exec sleep 100"),
		"huge": script(t, `printf 'Content-Length: 99999999999\r\n\r\n'; exec sleep 100`), "none": "", "missing": "/no/gopls",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := assist.Start(t.Context(), assist.Options{Gopls: program, Deadline: 300 * time.Millisecond})
			a.Executed("var PerClass = 1\nfunc TestPer(t *testing.T) {}")
			began := time.Now()
			c, err := a.Complete(t.Context(), "%%\nPer", 6)
			if err != nil || !slices.Equal(c.Matches, []string{"PerClass"}) || c.Start != 3 || c.End != 6 {
				t.Errorf("%+v, %v", c, err)
			}
			b, err := a.Inspect(t.Context(), "%%\nPerClass", 6, 0)
			if err != nil || b != nil {
				t.Errorf("%v, %v", b, err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := a.Complete(ctx, "%%\nx.", 5); program != "" && !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled: %v", err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			folder := a.Folder()
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(folder); folder != "" && !os.IsNotExist(err) {
				t.Errorf("%s is left: %v", folder, err)
			}
		})
	}
}

// TestRestart kills gopls and finds that another answers.
func TestRestart(t *testing.T) {
	a := shared(t)
	complete(t, a, "%%\nfmt.Printl¦")
	pid := a.Pid()
	if pid == 0 {
		t.Fatal("there is no gopls")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c, _ := complete(t, a, "%%\nfmt.Printl¦")
	if !slices.Contains(c.Matches, "Println") {
		t.Errorf("after it was killed: %q", c.Matches)
	}
	if a.Pid() == pid {
		t.Error("it is the same gopls")
	}
}

// child is what TestDiesWithParent starts.
func child(program string) {
	a := assist.Start(context.Background(), assist.Options{Gopls: program, Deadline: time.Minute})
	_, _ = a.Complete(context.Background(), "%%\nfmt.", 7)
	fmt.Println(a.Pid())
	time.Sleep(time.Minute)
}

// TestDiesWithParent kills a process that has a gopls, which ends too.
func TestDiesWithParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("processes are looked at in /proc")
	}
	program, _ := gopls(t)
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+program)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	line, err := bufio.NewReader(out).ReadString('\n')
	if _, scan := fmt.Sscan(line, &pid); err != nil || scan != nil || pid == 0 {
		t.Fatalf("%q, %v", line, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	for wait := time.Now().Add(5 * time.Second); assist.Memory(pid, "VmRSS") > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(wait) {
			t.Fatalf("gopls %d still runs", pid)
		}
	}
}

// TestTimes tells how long completion takes, with two other busy processes too, and how much memory gopls has. It fails
// only where a person would say that it hangs.
//
//	go test ./kernels/internal/assist -run TestTimes -v
func TestTimes(t *testing.T) {
	program, repo := gopls(t)
	began := time.Now()
	a := assist.Start(t.Context(), assist.Options{Gopls: program, Repo: repo, Deadline: time.Minute})
	defer a.Close()
	measure := func(marked string) time.Duration {
		began := time.Now()
		if c, _ := complete(t, a, marked); len(c.Matches) == 0 {
			t.Errorf("%q: nothing", marked)
		}
		return time.Since(began)
	}
	a.Executed("import \"github.com/go-siamese/lab/data\"\nfunc load() *data.Frame { return nil }")
	measure("%%\nshow.¦")
	t.Logf("ready %v after the start", time.Since(began).Round(time.Millisecond))
	asked := []string{"%%\nframe := load()\nframe.¦", "%%\nsiamese.Config{¦}",
		"%%\ncfg := siamese.DefaultConfig()\ncfg.Ep¦",
		"%%\ntable.¦", "%%\nloa¦", "%%\nshow.OK(show.¦", "%%\nstrings.Fie¦", "%%\nslic¦", "%%\nmat.New¦",
		"func fit() {\n\tmodel, _ := siamese.Load(\"a\")\n\tmodel.¦\n}"}
	round := func(name string) {
		var all []time.Duration
		worst := ""
		for i := range 3 {
			for _, marked := range asked {
				// Each is other code than before, as in typing.
				d := measure(strings.Replace(marked, "¦", fmt.Sprintf("¦ // %d", i), 1))
				if len(all) == 0 || d > slices.Max(all) {
					worst = marked
				}
				all = append(all, d)
			}
		}
		slices.Sort(all)
		t.Logf("%s: first %v; median of %d %v, 95 %% %v, most %v (%q)", name, all[0].Round(time.Millisecond), len(all),
			all[len(all)/2].Round(time.Millisecond), all[len(all)*95/100].Round(time.Millisecond),
			all[len(all)-1].Round(time.Millisecond), worst)
		if all[len(all)/2] > 5*time.Second {
			t.Errorf("%s: the median is %v", name, all[len(all)/2])
		}
	}
	round("quiet")
	var busy []*exec.Cmd
	for range 2 {
		cmd := exec.Command("sh", "-c", "while :; do :; done")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		busy = append(busy, cmd)
	}
	round("two busy processes")
	began = time.Now()
	if b, err := a.Inspect(t.Context(), "%%\ntable.Open()", len("%%\ntable.Op"), 0); err != nil || b == nil {
		t.Errorf("%v, %v", b, err)
	}
	t.Logf("two busy processes: inspect %v", time.Since(began).Round(time.Millisecond))
	for _, cmd := range busy {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Logf("gopls: %d MiB, at most %d", assist.Memory(a.Pid(), "VmRSS"), assist.Memory(a.Pid(), "VmHWM"))
}
