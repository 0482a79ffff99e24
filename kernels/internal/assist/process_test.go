package assist_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/assist"
	"github.com/go-siamese/lab/kernels/internal/cells"
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
		"mute": script(t, "exec sleep 600"), "ends": script(t, "exit 1"), "nonsense": script(t, "echo hello; exec sleep 600"),
		"huge": script(t, `printf 'Content-Length: 99999999999\r\n\r\n'; exec sleep 600`), "none": "", "missing": "/no/gopls",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := assist.Start(t.Context(), assist.Options{Gopls: program, Deadline: 300 * time.Millisecond})
			a.Executed(cells.Parse("var PerClass = 1\nfunc TestPer(t *testing.T) {}"))
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
			if took := time.Since(began); took > time.Minute { // the mute ones are so for longer
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

// mute is a gopls that answers the first four requests, which are those of the start, and no other. It notes in a file
// that it was started.
func mute(starts string) {
	f, err := os.OpenFile(starts, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, "started")
	f.Close()
	in := bufio.NewReader(os.Stdin)
	for answered := 0; ; {
		head, err := textproto.NewReader(in).ReadMIMEHeader()
		if err != nil {
			return
		}
		n, err := strconv.Atoi(head.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		var m struct{ ID *int }
		if json.Unmarshal(body, &m) == nil && m.ID != nil && answered < 4 {
			answered++
			reply := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"items":[]}}`, *m.ID)
			fmt.Printf("Content-Length: %d\r\n\r\n%s", len(reply), reply)
		}
	}
}

// TestHung: a gopls that does not answer any more is replaced.
func TestHung(t *testing.T) {
	starts := filepath.Join(t.TempDir(), "starts")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Without -test.run it would run all tests if the variable were lost.
	wrapper := script(t, fmt.Sprintf("exec '%s' -test.run='^$'", program))
	a := assist.Start(t.Context(), assist.Options{Gopls: wrapper, Deadline: 100 * time.Millisecond,
		Env: append(os.Environ(), muteEnv+"="+starts)})
	defer a.Close()
	for end := time.Now().Add(time.Minute); ; {
		if _, err := a.Complete(t.Context(), "%%\nx.", 5); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(starts)
		if err == nil && strings.Count(string(text), "started") >= 2 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("it was not started again: %q, %v", text, err)
		}
	}
}

// child is what TestDiesWithParent starts.
func child(program string) {
	a := assist.Start(context.Background(), assist.Options{Gopls: program, Temp: os.Getenv(folderEnv),
		Deadline: time.Minute})
	for a.Pid() == 0 {
		time.Sleep(10 * time.Millisecond)
	}
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
	// It is killed and removes nothing.
	cmd.Env = append(os.Environ(), childEnv+"="+program, folderEnv+"="+t.TempDir())
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
	for wait := time.Now().Add(time.Minute); assist.Memory(pid, "VmRSS") > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(wait) {
			t.Fatalf("gopls %d still runs", pid)
		}
	}
}

// BenchmarkTimes tells how long completion takes, with two other busy processes too, and how much memory gopls has.
//
//	go test ./kernels/internal/assist -run '^$' -bench Times -benchtime 1x
func BenchmarkTimes(t *testing.B) {
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
	a.Executed(cells.Parse("import \"github.com/go-siamese/lab/data\"\nfunc load() *data.Frame { return nil }"))
	measure("%%\nsiamese.DefaultConfig().¦") // members of packages come without gopls
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
	for i := range 2 {
		var all []time.Duration
		for _, name := range []string{"table.Open", "siamese.Train", "split.Items", "show.Must", "strings.Fields"} {
			began := time.Now()
			code := fmt.Sprintf("%%%%\n%s() // %d", name, i)
			if b, err := a.Inspect(t.Context(), code, strings.Index(code, "("), 0); err != nil || b == nil {
				t.Errorf("%s: %v, %v", name, b, err)
			}
			all = append(all, time.Since(began).Round(time.Millisecond))
		}
		t.Logf("two busy processes: inspect %v", all)
	}
	for _, cmd := range busy {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Logf("gopls: %d MiB, at most %d", assist.Memory(a.Pid(), "VmRSS"), assist.Memory(a.Pid(), "VmHWM"))
}
