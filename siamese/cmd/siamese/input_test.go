package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a table lacks is reported with the flags that mend it, and no option of the library.
func TestErrorsNameFlags(t *testing.T) {
	option := regexp.MustCompile(`[oO]ptions?[. ][A-Z]`)
	for text, want := range map[string][]string{
		"id,label,f1,f2\na,x,1,2\na,y,3,4\n":                 {"--id", "--ignore"},
		"id,label,f1,f2\na,x,1,\nb,y,3,4\n":                  {"--allow-missing"},
		"id,label,f1,f2\na,x,1,t\nb,y,3,u\n":                 {"--ignore", "--id", "--label", "--domain"},
		"id,label,f1,f2\na,x,1,12345678901234567\nb,y,3,1\n": {"--id", "--ignore"},
	} {
		path := filepath.Join(t.TempDir(), "items.csv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		status, _, errOut := call("split", "--out", filepath.Join(t.TempDir(), "split.json"), path)
		if status != 1 || option.MatchString(errOut) {
			t.Errorf("%q: status %d, %q", text, status, errOut)
		}
		for _, flag := range want {
			if !strings.Contains(errOut, flag) {
				t.Errorf("%q: %q does not name %s", text, errOut, flag)
			}
		}
	}
}
