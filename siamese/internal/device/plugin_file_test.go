package device

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What is no plugin is found before the loader tries it, and said without the words of libraries.
func TestCheckPlugin(t *testing.T) {
	if err := checkPlugin(filepath.Join(t.TempDir(), "none.so")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for name, content := range map[string]string{"text": "text", "empty": "", "cut": "\x7fELF\x02\x01\x01"} {
		path := filepath.Join(t.TempDir(), name+".so")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := checkPlugin(path); (err != nil) != (runtime.GOOS == "linux") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := checkPlugin(t.TempDir()); err == nil {
		t.Error("a folder is a plugin")
	}
}

// Of what go-xla says about a plugin that does not load, the part of the system's loader is kept.
func TestLoadError(t *testing.T) {
	const path = "/p/plugin.so"
	missing := fmt.Errorf("backend %q:: failed to load PJRT plugin for name %q: failed to dynamically load PJRT plugin "+
		"from %q: %q -- check with `ldd %s`", "xla", path,
		path+`: libcuda "12".so: cannot open shared object file: No such file or directory`, path, path)
	for _, test := range []struct {
		path string
		err  error
		want string
	}{
		{path, missing, `libcuda "12".so: cannot open shared object file: No such file or directory`},
		{"gpu", errors.New("no plugins found"), "no plugin is called so in the folders of PJRT_PLUGIN_LIBRARY_PATH: " +
			"name its file with the whole path"},
		{path, errors.New("while creating plugin: out of memory"), "while creating plugin: out of memory"},
	} {
		err := &loadError{test.path, test.err}
		if err.Error() != test.want || !errors.Is(err, test.err) {
			t.Errorf("%q, want %q", err, test.want)
		}
	}
}

// An option that nothing would read is refused by its name.
func TestXLAOptionNames(t *testing.T) {
	for options, wrong := range map[string]string{"": "", "tf32": "", "tf32=false,allocator=bfc": "", "tf23": `"tf23"`,
		"preallocate,x=1": `"x"`} {
		err := checkOptions(options)
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), "option "+wrong) {
			t.Errorf("%q: %v", options, err)
		}
	}
}
