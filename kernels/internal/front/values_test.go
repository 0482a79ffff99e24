package front

import (
	"strings"
	"testing"
)

// The magic becomes a line for the shell in its place, with every word quoted; what only looks like it stays.
func TestValuesMagic(t *testing.T) {
	k := &kernel{o: Options{Worker: []string{"/it's/launch", "-checkout", "/a b"}}}
	const command = `!'/it'\''s/launch' '-checkout' '/a b' `
	for code, want := range map[string]string{
		"%session": command + "'list'",
		"%cd x\n%session clear ab \"c d\"\n%%\nf()": "%cd x\n" + command + "'clear' 'ab' 'c d'\n%%\nf()",
		"%session clear \\\n ab\n%%\nf()":           command + "'clear' 'ab'\n\n%%\nf()",
		"%new items.parquet \"a b.ipynb\"":          command + "'new' 'items.parquet' 'a b.ipynb'",
		"%new":                                      command + "'new' ''",
		"%%\ns := \"%session\"":                     "%%\ns := \"%session\"",
		"%%bash\n%session":                          "%%bash\n%session",
		"%sessions":                                 "%sessions",
	} {
		if got := k.withValues(code); got != want {
			t.Errorf("%q becomes %q, want %q", code, got, want)
		}
	}
	if got := (&kernel{}).withValues("%session"); !strings.HasSuffix(got, "exit 1") {
		t.Errorf("without a worker: %q", got)
	}
}
