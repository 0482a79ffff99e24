package quote

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Ordinary names of any script stay, all else is quoted, and Go reads what is quoted as the name again.
func TestText(t *testing.T) {
	for _, s := range []string{"", "a", "fashion/00007.png", "T-shirt, red", `C:\photos\x.png`, "Straße", "苹果　二",
		"می\u200cخواهم", "👩\u200d👧", "\u00a0x", "a\"b", "�", "क\u094d\u200dष"} {
		if got := Text(s); got != s {
			t.Errorf("%q is printed as %s", s, got)
		}
	}
	for s, want := range map[string]string{
		"a\nb": `"a\nb"`, "\x1b]0;x\a": `"\x1b]0;x\a"`, "a\rb": `"a\rb"`, "a\tb": `"a\tb"`, "\x00": `"\x00"`,
		"a\u202eb": `"a\u202eb"`, "\u2066": `"\u2066"`, "\u2028": `"\u2028"`, "\u009b1m": `"\u009b1m"`,
		"\x9b1m": `"\x9b1m"`, "\ufeffid": `"\ufeffid"`, "a\xff": `"a\xff"`, "\x7f": `"\u007f"`, `"a"`: `"\"a\""`,
		" a": `" a"`, "a ": `"a "`, "\U000e0041": `"\U000e0041"`, "é\n\\": `"é\n\\"`, "\u00ad": `"\u00ad"`,
	} {
		got := Text(s)
		if got != want {
			t.Errorf("%q is printed as %s, want %s", s, got, want)
		}
		if back, err := strconv.Unquote(got); err != nil || back != s {
			t.Errorf("%s is read as %q, %v; want %q", got, back, err, s)
		}
	}
	if got := Lines("a\n\tb\x1b[1m\r"); got != "a\n\tb\\x1b[1m\\r" {
		t.Errorf("Lines: %q", got)
	}
	if got := Line("a\n\tb"); got != `a\n\tb` {
		t.Errorf("Line: %q", got)
	}
	for most, want := range map[int]string{1: "…", 3: "a…d", 4: "abcd", 9: "abcd"} {
		if got := Cut("abcd", most); got != want {
			t.Errorf("Cut to %d: %s, want %s", most, got, want)
		}
	}
}

func TestShort(t *testing.T) {
	for most, want := range map[int]string{1: "…", 2: "a…", 3: "a…é", 6: "abc…gé", 7: "abc…fgé", 8: "abcdefgé"} {
		if got := Short("abcdefgé", most); got != want {
			t.Errorf("to %d: %s, want %s", most, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\x1b[31m\nb\u202e\xff\"\\")
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{Text(s), Quoted(s), Line(s), Cut(s, 5), Quoted(Short(s, 5))} {
			for _, r := range got {
				if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != joiner && r != nonJoiner ||
					unicode.In(r, unicode.Zl, unicode.Zp) {
					t.Errorf("%q is printed as %q, with %U in it", s, got, r)
				}
			}
			if !utf8.ValidString(got) {
				t.Errorf("%q is printed as %q, which is not UTF-8", s, got)
			}
		}
		if back, err := strconv.Unquote(Quoted(s)); err != nil || back != s {
			t.Errorf("%s is read as %q, %v; want %q", Quoted(s), back, err, s)
		}
	})
}

// A stream may be cut anywhere, also inside of a letter.
func TestWriter(t *testing.T) {
	const text = "Größe\x1b[2J 苹果\n\u202e\xe8\x8b 👩 end\xf0\x9f"
	want := "Größe\\x1b[2J 苹果\n\\u202e\\xe8\\x8b 👩 end\\xf0\\x9f"
	for size := 1; size < len(text); size++ {
		var out strings.Builder
		w := NewWriter(&out)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if got, err := w.Write([]byte(rest[:n])); got != n || err != nil {
				t.Fatal(got, err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil || out.String() != want {
			t.Errorf("in pieces of %d: %q, %v", size, out.String(), err)
		}
	}
	full := errors.New("full")
	// An error stays, so that whoever looks at Close alone finds it.
	broken := &brokenOnce{err: full}
	late := NewWriter(broken)
	for range 3 {
		_, _ = late.Write([]byte("x"))
	}
	if err := late.Close(); !errors.Is(err, full) || broken.calls != 1 {
		t.Errorf("%v after %d writes", err, broken.calls)
	}
	if n, err := NewWriter(failing{full}).Write([]byte("x")); n != 0 || !errors.Is(err, full) {
		t.Error(n, err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestError(t *testing.T) {
	_, missing := os.Open("no\nsuch\x1b[31m")
	_, notRegexp := regexp.Compile(string([]byte{'(', '\n'}))
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{missing, `open "no\nsuch\x1b[31m": no such file or directory`},
		{fmt.Errorf("data: %w; give another", missing),
			`data: open "no\nsuch\x1b[31m": no such file or directory; give another`},
		{errors.Join(errors.New("a\a"), missing), "a\\a\nopen \"no\\nsuch\\x1b[31m\": no such file or directory"},
		{fmt.Errorf("block: %w", notRegexp), `block: error parsing regexp: missing closing ): "(\n"`},
		{&os.LinkError{Op: "rename", Old: "a\r", New: "b", Err: fs.ErrExist}, `rename "a\r" b: file already exists`},
	} {
		if got := Error(c.err); got != c.want {
			t.Errorf("%q is printed as %q, want %q", c.err, got, c.want)
		}
	}
}

// brokenOnce fails the first time only.
type brokenOnce struct {
	err   error
	calls int
}

func (b *brokenOnce) Write(p []byte) (int, error) {
	if b.calls++; b.calls == 1 {
		return 0, b.err
	}
	return len(p), nil
}
