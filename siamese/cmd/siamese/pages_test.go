package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestPages: every command line of the program in the pages for people has the flags and arguments that it takes.
func TestPages(t *testing.T) {
	blocks := regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	calls := regexp.MustCompile(`(?m)^(?:\$ )?(?:siamese|go run \./siamese/cmd/siamese) (.*)$`)
	for page, least := range map[string]int{"README.md": 6, "siamese/README.md": 3, "notebooks/PYTHON.md": 12} {
		text, err := os.ReadFile("../../../" + page)
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for _, block := range blocks.FindAllStringSubmatch(string(text), -1) {
			if block[1] != "" { // another language
				continue
			}
			for _, call := range calls.FindAllStringSubmatch(block[2], -1) {
				seen++
				line, _, _ := strings.Cut(call[1], " #")
				line, _, _ = strings.Cut(line, " > ")
				parser, err := newParser(&commandLine{}, func(int) {}, kong.Writers(t.Output(), t.Output()))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := parser.Parse(strings.Fields(line)); err != nil {
					t.Errorf("%s: siamese %s: %v", page, line, err)
				}
			}
		}
		if seen < least {
			t.Errorf("%s has only %d command lines", page, seen)
		}
	}
}
