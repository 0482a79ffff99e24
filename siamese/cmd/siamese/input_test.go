package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a table lacks is told with the flags that mend it, and no option of the library.
func TestErrorsNameFlags(t *testing.T) {
	option := regexp.MustCompile(`Options?\.[A-Z]`)
	for text, want := range map[string]string{
		"id,label,f1,f2\na,x,1,2\na,y,3,4\n":                 "give -id - (and -ignore with the column)",
		"id,label,f1,f2\na,x,1,\nb,y,3,4\n":                  "give -allow-missing",
		"id,label,f1,f2\na,x,1,t\nb,y,3,u\n":                 "in -ignore, -id, -label or -domain",
		"id,label,f1,f2\na,x,1,12345678901234567\nb,y,3,1\n": "in -id or -ignore",
	} {
		path := filepath.Join(t.TempDir(), "items.csv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		status, _, complaints := call("split", "-out", filepath.Join(t.TempDir(), "split.json"), path)
		if status != 1 || !strings.Contains(complaints, want) || option.MatchString(complaints) {
			t.Errorf("%q: status %d, %q; want %q", text, status, complaints, want)
		}
	}
}
