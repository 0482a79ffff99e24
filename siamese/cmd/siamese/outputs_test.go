package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// bases are the words that each command needs beside its outputs. What they name is not there, so that an error about
// it would say that the work had begun.
var bases = map[string]string{
	"features": "features --out=$/new.parquet none", "describe": "describe none", "advise": "advise none",
	"split": "split --out=$/new none",
	"train": "train --out=$/new.safetensors none", "protocols": "protocols none",
	"evaluate": "evaluate --split=none none none", "report": "report none", "embed": "embed --out=$/new.csv none none",
	"adapt":  "adapt --split=none --out=$/new.safetensors none none none",
	"export": "export --out=$/new.onnx none", "index build": "index build --out=$/new.index none none",
	"explain": "explain none none", "bench": "bench --work=none", "sweep": "sweep none",
}

// readFlags are the flags that name what is read, of any command.
var readFlags = []string{"config", "split", "pairs", "unseen", "labels", "labels-of-pairs", "groups", "images", "pictures",
	"idx-labels", "query", "space", "token-file"}

// commands returns the commands of the command line, those of groups one by one.
func commands(t *testing.T) []*kong.Node {
	t.Helper()
	parser, err := newParser(&commandLine{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(true)
}

// nameOf returns the words that name a command, such as index build.
func nameOf(command *kong.Node) string { return command.Path() }

// Every flag that names a file or a folder either names something to read, or is checked before the work.
func TestEveryOutputHasAKind(t *testing.T) {
	found := 0
	for _, command := range commands(t) {
		for _, flag := range command.Flags {
			kind := flag.Tag.Get("output")
			names := strings.Contains(flag.PlaceHolder, "FILE") || strings.Contains(flag.PlaceHolder, "FOLDER") ||
				strings.Contains(flag.PlaceHolder, "TABLE")
			read := names && slices.Contains(readFlags, flag.Name) && kind == ""
			switch {
			case names != (read || kind != ""):
				t.Errorf("%s --%s %s: output %q", nameOf(command), flag.Name, flag.PlaceHolder, kind)
			case kind != "" && outputKinds[kind] == nil:
				t.Errorf("%s --%s: there is no kind %q", nameOf(command), flag.Name, kind)
			case kind != "":
				found++
			}
		}
	}
	if found != 29 {
		t.Errorf("there are %d outputs", found)
	}
}

// What cannot be written is found before anything is read, in every command, and touches nothing.
func TestOutputsAreCheckedFirst(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"read only", "read only.safetensors", "read only.parquet", "m.split.json"} {
		if err := os.WriteFile(in(name), []byte("old"), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"folder", "folder.safetensors", "folder.parquet", "n.split.json"} {
		if err := os.Mkdir(in(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	try := func(command, flag, path string) {
		t.Helper()
		var args []string
		for _, word := range strings.Fields(bases[command]) {
			if !strings.HasPrefix(word, "--"+flag+"=") {
				args = append(args, strings.Replace(word, "$", dir, 1))
			}
		}
		status, out, errOut := call(append(args, "--"+flag+"="+path)...)
		if status != 1 || out != "" || !strings.Contains(errOut, "--"+flag+": ") || !strings.Contains(errOut, dir) ||
			strings.Contains(errOut, "none") {
			t.Errorf("%s --%s=%s: status %d, %q, %q", command, flag, path, status, out, errOut)
		}
	}
	for _, command := range commands(t) {
		for _, flag := range command.Flags {
			ending := ""
			switch kind := flag.Tag.Get("output"); {
			case kind == "":
				continue
			case kind == "folder":
				try(nameOf(command), flag.Name, in("read only"))
				try(nameOf(command), flag.Name, in("read only/a/b"))
				continue
			case kind == "table":
				ending = ".parquet"
				try(nameOf(command), flag.Name, in("a.docx"))
			case nameOf(command) == "train" && flag.Name == "out":
				ending = modelEnding
				try(nameOf(command), flag.Name, in("m.safetensors")) // its split is read-only
				try(nameOf(command), flag.Name, in("n.safetensors"))
			}
			try(nameOf(command), flag.Name, in("missing/a"+ending))
			try(nameOf(command), flag.Name, in("read only"+ending))
			try(nameOf(command), flag.Name, in("folder"+ending))
			try(nameOf(command), flag.Name, in("read only/a"+ending))
		}
	}
	after, err := os.ReadDir(dir)
	if err != nil || len(after) != len(before) {
		t.Errorf("there are %v, were %v, %v", after, before, err)
	}
}

// A file that is read, or written already, is not replaced.
func TestOutputsAreApart(t *testing.T) {
	dir := t.TempDir()
	items, link := filepath.Join(dir, "items.csv"), filepath.Join(dir, "link.csv")
	if err := os.WriteFile(items, []byte("id,label,a\nx,1,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("items.csv", link); err != nil {
		t.Fatal(err)
	}
	for args, flag := range map[string]string{
		"describe --json=" + items + " " + items:                                     "json",
		"describe --json=" + link + " " + items:                                      "json",
		"split --out=" + dir + "/./items.csv " + items:                               "out",
		"embed --out=" + items + " none " + items:                                    "out",
		"evaluate --split=none --pairs=" + items + " --html=" + items + " none none": "html",
		"report --html=" + items + " none " + items:                                  "html",
		"describe --json=" + dir + "/new --html=" + dir + "/new " + items:            "json",
	} {
		status, _, errOut := call(strings.Fields(args)...)
		if content, err := os.ReadFile(items); status != 1 || err != nil || len(content) != 17 ||
			!strings.Contains(errOut, "--"+flag+": ") || !strings.Contains(errOut, "name another file") {
			t.Errorf("%s: status %d, want --%s: %s", args, status, flag, errOut)
		}
	}
}
