package device

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

func TestCutName(t *testing.T) {
	for name, want := range map[string]struct {
		kind, plugin string
		options      xlaOptions
	}{
		"":                         {},
		"go":                       {kind: "go"},
		"xla":                      {kind: "xla"},
		"xla,devices=4":            {"xla", "", xlaOptions{devices: 4}},
		"xla:/p.so,tf32":           {"xla", "/p.so", xlaOptions{rest: "tf32"}},
		"xla:c,a=b,devices=2,tf32": {"xla", "c", xlaOptions{devices: 2, rest: "a=b,tf32"}},
	} {
		kind, plugin, options, err := cutName(name)
		if err != nil || kind != want.kind || plugin != want.plugin || options != want.options {
			t.Errorf("%q: %q, %q, %+v, %v", name, kind, plugin, options, err)
		}
	}
	for name, want := range map[string]string{
		"xla,devices=0": `"devices=0"`, "xla,devices=two": `"devices=two"`,
		"xla,devices":  `"devices"`,
		"go,devices=2": "devices=2",
	} {
		_, err := Open(name)
		labtest.WantError(t, err, want)
	}
}

func TestWithoutTF32(t *testing.T) {
	for options, want := range map[string]string{
		"": "tf32=false", "preallocate=false": "preallocate=false,tf32=false", "tf32": "tf32",
		"preallocate=false,tf32=true": "preallocate=false,tf32=true", "notf32": "notf32",
	} {
		if got := withoutTF32(options); got != want {
			t.Errorf("%s becomes %s, want %s", options, got, want)
		}
	}
}
