package labtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// OpenEnv, where it is set, makes the test binary open the backend of that name, print what came of it, and
// end: libraries that are loaded and variables that were read stay for the life of a process.
const OpenEnv = "SIAMESE_TEST_OPEN"

// DescribeEnv, where it is set as well, has it print how many devices and workers the backend has.
const DescribeEnv = "SIAMESE_TEST_DESCRIBE"

// Open returns what OpenBackend(name) says in a process of its own, with the variables of env.
func Open(t *testing.T, name string, env ...string) string {
	t.Helper()
	if _, child := os.LookupEnv(OpenEnv); child { // else every child would start the tests, and so children, again
		t.Fatalf("%s is set while tests run: TestMain of this package must call labdevice.Main", OpenEnv)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^$")
	for _, v := range os.Environ() {
		if key, _, _ := strings.Cut(v, "="); !strings.HasPrefix(key, "GOMLX_") && !strings.HasPrefix(key, "PJRT_") && key != "SIAMESE_LAB_DIR" && key != "GOCOVERDIR" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, OpenEnv+"="+name, "PJRT_PLUGIN_LIBRARY_PATH="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Lab returns a lab's directory whose record of the plugin is the given text ("" = none).
func Lab(t *testing.T, record string) string {
	t.Helper()
	dir := t.TempDir()
	if record != "" {
		if err := os.MkdirAll(filepath.Join(dir, "plugin"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "plugin", "plugin.json"), []byte(record), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
