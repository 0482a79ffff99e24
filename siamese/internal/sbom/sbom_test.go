package sbom

import (
	"bytes"
	"encoding/json"
	"regexp"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMake: the fields are those of CycloneDX 1.6. The result for the command was validated against the format's schema
// by cyclonedx-python-lib 11 (JsonStrictValidator).
func TestMake(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Path: "example.com/lab/cmd/it", Main: debug.Module{
		Path: "example.com/lab", Version: "(devel)"}, Settings: []debug.BuildSetting{{Key: "GOOS", Value: "linux"},
		{Key: "-tags", Value: ""}},
		Deps: []*debug.Module{{Path: "z.org/Later", Version: "v1.0.0+incompatible", Sum: "h1:x="},
			{Path: "a.org/old", Version: "v1.0.0", Replace: &debug.Module{Path: "a.org/new", Version: "v2.0.0"}}}}
	const notices = "# Notices\n\n## Go its standard library and runtime\n\nSPDX: BSD-3-Clause\n\nLICENSE:\n" +
		"\n## a.org/new v2.0.0\n\nSPDX: MIT AND LicenseRef-It\n\n## z.org/Later v2.0.0\n\nSPDX: MIT\n"
	text, err := Make(info, "1.2.3", notices)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Make(info, "1.2.3", notices)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("the second time: %v\n%s", err, again)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	serial, _ := got["serialNumber"].(string)
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).
		MatchString(serial) {
		t.Errorf("serial number %q", serial)
	}
	if other, err := Make(info, "1.2.4", notices); err != nil || bytes.Contains(other, []byte(serial)) {
		t.Errorf("another version has the same serial number: %v", err)
	}
	delete(got, "serialNumber")
	id := func(id string) []any { return []any{map[string]any{"license": map[string]any{"id": id}}} }
	want := map[string]any{"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX",
		"specVersion": "1.6", "version": 1.0,
		"metadata": map[string]any{
			"component": map[string]any{"type": "application", "bom-ref": "pkg:golang/example.com/lab@v1.2.3#cmd/it",
				"name": "example.com/lab/cmd/it", "version": "1.2.3", "licenses": id("Apache-2.0"),
				"purl": "pkg:golang/example.com/lab@v1.2.3#cmd/it"},
			"properties": []any{map[string]any{"name": "go:build:GOOS", "value": "linux"}},
		},
		"components": []any{
			map[string]any{"type": "library", "bom-ref": "pkg:golang/std@1.26.8", "name": "std", "version": "1.26.8",
				"purl": "pkg:golang/std@1.26.8", "licenses": id("BSD-3-Clause")},
			map[string]any{"type": "library", "bom-ref": "pkg:golang/a.org/new@v2.0.0", "name": "a.org/new",
				"version": "v2.0.0", "purl": "pkg:golang/a.org/new@v2.0.0",
				"licenses": []any{map[string]any{"expression": "MIT AND LicenseRef-It"}}},
			// The notices are about another version: its licence is not known.
			map[string]any{"type": "library", "bom-ref": "pkg:golang/z.org/later@v1.0.0%2Bincompatible",
				"name": "z.org/Later", "version": "v1.0.0+incompatible",
				"purl":       "pkg:golang/z.org/later@v1.0.0%2Bincompatible",
				"properties": []any{map[string]any{"name": "go:sum", "value": "h1:x="}}},
			map[string]any{"type": "data", "bom-ref": "data:mnist", "name": "MNIST, test split",
				"licenses": id("CC-BY-SA-3.0")},
			map[string]any{"type": "data", "bom-ref": "data:fashion-mnist", "name": "Fashion-MNIST, test split",
				"licenses": id("MIT")},
		}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
