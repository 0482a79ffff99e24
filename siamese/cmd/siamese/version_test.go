package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The notices name every module that is linked into the programs, in the version of go.mod, and print in one piece.
func TestNotices(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", ".", "../../../kernels")
	cmd.Stderr, cmd.Env = t.Output(), append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(want)
	want = slices.Compact(want)
	status, text, errOut := call("version", "--notices")
	if status != 0 || errOut != "" {
		t.Fatal(status, errOut)
	}
	var got []string
	for _, found := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(text, -1)[1:] { // Go comes first
		got = append(got, found[1])
	}
	if !slices.Equal(got, want) {
		t.Errorf("NOTICES.md is about\n%q, and the programs are linked from\n%q:\n"+
			"run go run ./siamese/cmd/siamese/testdata/notices", got, want)
	}
	for _, part := range []string{"Apache License", "Copyright (c) 2009 The Go Authors", "SIL OPEN FONT LICENSE",
		"The FreeType Project LICENSE", "CC BY-SA 3.0"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing", part)
		}
	}
	harmless(t, []string{"version", "--notices"}, "standard output", text)
}

// The bill of materials has every module that is linked, with a licence, and the images.
func TestSBOM(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", ".")
	cmd.Stderr, cmd.Env = t.Output(), append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	status, text, errOut := call("version", "--sbom")
	if status != 0 || errOut != "" {
		t.Fatal(status, errOut)
	}
	var bill struct {
		Components []struct {
			Type, Name, Version string
			Licenses            []any
		}
	}
	if err := json.Unmarshal([]byte(text), &bill); err != nil {
		t.Fatal(err)
	}
	licences := map[string]int{}
	for _, c := range bill.Components {
		licences[strings.TrimSpace(c.Name+" "+c.Version)] = len(c.Licenses)
	}
	for _, module := range append(strings.Split(strings.TrimSpace(string(out)), "\n"), "MNIST, test split") {
		if licences[module] == 0 {
			t.Errorf("%s is not there with a licence", module)
		}
	}
	harmless(t, []string{"version", "--sbom"}, "standard output", text)
	if _, again, _ := call("version", "--sbom"); again != text {
		t.Error("the second time it is another one")
	}
}
