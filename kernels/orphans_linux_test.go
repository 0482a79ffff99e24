package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/wire"
)

// of returns the processes that have a text in their environment: all that a kernel has started has the kernel's. It maps
// pids to names.
func of(text string) map[int]string {
	found := map[int]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		env, err := os.ReadFile(file)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil || !bytes.Contains(env, []byte(text)) || pid == os.Getpid() {
			continue
		}
		name, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "comm"))
		found[pid] = strings.TrimSpace(string(name))
	}
	return found
}

// named returns the pid of the process of a name, or 0.
func named(processes map[int]string, name string) int {
	for pid, n := range processes {
		if n == name {
			return pid
		}
	}
	return 0
}

// TestNothingOutlives kills the kernel, what started it, GoNB or the guard while a cell runs or is built: nothing goes on
// that belonged to it, and a kernel that lives on says what happened and executes the next cell.
func TestNothingOutlives(t *testing.T) {
	t.Parallel()
	const program = "%%\nfmt.Println(\"on\")\ntime.Sleep(time.Hour)"
	stuck, _ := stuckBuild(t)
	build := stuck + "\n%%\nfmt.Println(\"built\")"
	for _, test := range []struct{ who, while, code string }{
		{"siamese-kernel", "program", program}, {"sh", "program", program}, {"gonb", "program", program},
		{"siamese-kernel", "build", build}, {"gonb", "build", build}, {"guard", "build", build},
		{"siamese-kernel", "script", "%%script sleep 3600\n"}, {"gonb", "script", "%%script sleep 3600\n"},
	} {
		t.Run(test.who+" "+test.while, func(t *testing.T) {
			temp, err := os.MkdirTemp("", "kill-*") // a short path
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(temp)
			more := []string{"--history="}
			if test.while != "program" { // gopls ends with the kernel, whatever the cell does
				more = append(more, "--gopls=")
			}
			k, cmd := startKernelBy(t, []string{"sh", "-c", `"$@" & wait`, "sh"}, []string{"TMPDIR=" + temp}, more...)
			if o := k.run("var before = 3", false); o.status != "ok" {
				t.Fatalf("%+v", o)
			}
			id := k.execute(test.code, false)
			var all map[int]string
			ready := map[string]func() bool{
				"program": func() bool { return named(all, "siamese-kernel") > 0 && guards(all) > 0 && programs(temp) },
				"build":   func() bool { return named(all, "sleep") > 0 },
				"script":  func() bool { return named(all, "sleep") > 0 },
			}[test.while]
			for end := time.Now().Add(time.Minute); !ready(); all = of("TMPDIR=" + temp) {
				if time.Now().After(end) {
					t.Fatalf("it never ran: %v", all)
				}
				time.Sleep(10 * time.Millisecond)
			}
			victim := cmd.Process.Pid
			if test.who != "sh" { // what started the kernel; watchers have the name too
				victim = named(all, test.who)
			}
			p, err := os.FindProcess(victim)
			if err != nil || victim == 0 {
				t.Fatalf("no %s among %v", test.who, all)
			}
			if err := p.Kill(); err != nil {
				t.Fatal(err)
			}
			if test.who == "gonb" || test.who == "guard" {
				o := k.all([]string{id}, time.Minute)[id]
				if o.status != "error" || test.who == "gonb" && !strings.Contains(o.value, "GoNB") {
					t.Errorf("the cell: %+v", o)
				}
				k.run(`%goflags ""`, false)
				if o := k.run("%%\nfmt.Println(before)", false); o.status != "ok" || fmt.Sprint(o.outputs) != "[stdout: 3\n]" {
					t.Errorf("the next cell: %+v", o)
				}
				k.send(wire.Control, "shutdown_request", map[string]bool{"restart": false})
			}
			left := of("TMPDIR=" + temp)
			for end := time.Now().Add(time.Minute); len(left) > 0 && time.Now().Before(end); left = of("TMPDIR=" + temp) {
				time.Sleep(20 * time.Millisecond)
			}
			if len(left) > 0 {
				t.Errorf("%v go on; before there were %v", left, all)
			}
		})
	}
}

// guards returns how many cells' programs have a guard: it has the name that GoNB gave the program.
func guards(processes map[int]string) (n int) {
	for _, name := range processes {
		if strings.HasPrefix(name, "gonb_") {
			n++
		}
	}
	return n
}

// programs reports whether a cell's program runs.
func programs(temp string) bool {
	exes, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range exes {
		if path, err := os.Readlink(exe); err == nil && strings.HasPrefix(path, temp) && strings.HasSuffix(path, ".cell") {
			return true
		}
	}
	return false
}
