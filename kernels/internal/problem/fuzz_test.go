package problem

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// FuzzProblems: whatever a toolchain or a program prints, and whatever a cell is, there is a problem with a name, a
// value and a traceback without escapes of others.
func FuzzProblems(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "main.go")
	if err := os.WriteFile(path, []byte("package main\n\nfunc main() {\n\tx := 1\n}\n"), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Add("%%\nx := 1", "main.go:4:2: declared and not used: x", "panic: a\n\ngoroutine 1 [running]:\nmain.main()\n\t"+path+":4 +0x1")
	f.Add("", path+":9999999999999999999:0: expected '}', found 'EOF' (and 3 more errors)", "fatal error: \x1b\nruntime stack:")
	f.Add("x\r\n\t世 := 1", "main.go:4:99: undefined: x\n\thave ()\n\twant (int)", "\xff\xfe")
	f.Fuzz(func(t *testing.T, code, output, text string) {
		begun := time.Now()
		defer func() {
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		}()
		c := Context{Cell: Cell{1, code}, Earlier: []Cell{{0, code}}}
		for _, p := range []Problem{c.Compile(output, dir), c.Program("program", link.End{Status: 2, Text: text}, output),
			c.Program("shell", link.End{Status: 1}, text), c.Script(text, output), c.NoInput(text)} {
			if p.Name == "" || p.Value == "" || len(p.Traceback) == 0 || strings.Contains(p.Value, "\x1b") {
				t.Errorf("%+v", p)
			}
			if strings.Contains(colours.ReplaceAllString(strings.Join(p.Traceback, "\n"), ""), "\x1b") {
				t.Errorf("%q", p.Traceback)
			}
		}
		c.Mark(output)
	})
}
