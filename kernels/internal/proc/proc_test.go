package proc

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	got, err := Cmd{Name: "sh", Args: []string{"-c", `echo "$WORD in $(pwd)"; echo noise >&2`}, Dir: "/",
		Env: []string{"WORD=here"}}.Run(t.Context())
	if err != nil || got != "here in /\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRunFailure(t *testing.T) {
	_, err := Cmd{Name: "sh", Args: []string{"-c",
		"for i in $(seq 50); do echo line $i; done; echo why >&2; exit 3"}}.Run(t.Context())
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"exit status 3", "why", "line 50"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "line 20\n") {
		t.Errorf("error has more than the last lines: %v", err)
	}
}

func TestRunMissingProgram(t *testing.T) {
	if _, err := (Cmd{Name: "no-such-program-anywhere"}).Run(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "no-such-program-anywhere") {
		t.Errorf("error %v, want one that names the program", err)
	}
}

func TestRunCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := Cmd{Name: "sh", Args: []string{"-c", "exec sleep 60"}}.Run(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 20*time.Second {
		t.Errorf("got %v after %v", err, time.Since(start))
	}
}

func TestOnLine(t *testing.T) {
	var lines []string
	cmd := Cmd{Name: "sh", Args: []string{"-c", "echo out; printf 'a\\nb' >&2; sleep .1; printf 'c\\n\\nrest' >&2"},
		OnLine: func(line string) { lines = append(lines, line) }}
	out, err := cmd.Run(t.Context())
	if want := []string{"a", "bc", ""}; err != nil || out != "out\n" || !slices.Equal(lines, want) {
		t.Errorf("lines %q, output %q, %v; want %q", lines, out, err, want)
	}
}

func TestTail(t *testing.T) {
	for _, test := range []struct {
		text string
		n    int
		want string
	}{{"", 3, ""}, {"a\n", 3, "a"}, {"a\nb\nc\nd\n\n", 2, "c\nd"}} {
		if got := Tail(test.text, test.n); got != test.want {
			t.Errorf("Tail(%q, %d) = %q, want %q", test.text, test.n, got, test.want)
		}
	}
}
