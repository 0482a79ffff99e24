package memory

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/option"
)

func TestCheck(t *testing.T) {
	defer Pretend(3_000_000_000)()
	fix := option.Do("lower %s", "Rows")
	for _, need := range []float64{0, -1, 3e9} {
		if err := Check("this", need, fix); err != nil {
			t.Errorf("%v: %v", need, err)
		}
	}
	for need, want := range map[float64]string{3.1e9: "3.1 GB", 1e30: "EB", math.Inf(1): "Inf", math.NaN(): "NaN"} {
		err := Check("this", need, fix)
		var found *Error
		if !errors.As(err, &found) || found.Free != 3e9 || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", need, err, want)
		}
		text := option.Text(err, func(o string) string { return "--" + o })
		if !strings.HasPrefix(text, "this needs about ") || !strings.HasSuffix(text, "3 GB are free: lower --Rows") {
			t.Error(text)
		}
	}
}

// Here something is known, and it is plausible.
func TestFree(t *testing.T) {
	free, known := Free()
	if !known || free < 1<<20 || free > 1<<50 {
		t.Errorf("%d, %v", free, known)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[float64]string{0: "0 bytes", 999: "999 bytes", 1000: "1 kB", 1_540_000: "1.5 MB",
		123_456_789: "123 MB", 2e9: "2 GB", 17_200_000_000: "17 GB"} {
		if got := Size(bytes); got != want {
			t.Errorf("%v: %s, want %s", bytes, got, want)
		}
	}
}

// Limits of both versions of control groups count, those of groups above too; files that are only cached do not.
func TestSystemFree(t *testing.T) {
	const meminfo = "MemTotal: 100 kB\nMemAvailable:     9000 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"nothing":   {nil, math.MaxInt64},
		"no groups": {map[string]string{"proc/meminfo": meminfo}, 9000 * 1024},
		"version 2": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/memory.current": "1\n",
			"sys/fs/cgroup/a/memory.max": "5000000\n", "sys/fs/cgroup/a/memory.current": "3000000\n",
			"sys/fs/cgroup/a/memory.stat": "anon 9\nactive_file 7\ninactive_file 500000\n"}, 2500007},
		"a container": {map[string]string{"proc/meminfo": meminfo, "proc/self/cgroup": "0::/../of/the/host\n",
			"sys/fs/cgroup/memory.max": "4000000\n", "sys/fs/cgroup/memory.current": "1000000\n"}, 3000000},
		"version 1": {map[string]string{"proc/self/cgroup": "5:cpu,memory:/c\n1:name=systemd:/\n",
			"sys/fs/cgroup/memory/c/memory.limit_in_bytes": "4000000",
			"sys/fs/cgroup/memory/c/memory.usage_in_bytes": "5000000",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":   "9223372036854771712",
			"sys/fs/cgroup/memory/memory.usage_in_bytes":   "5000000"}, 0},
	} {
		root := t.TempDir()
		for path, text := range c.files {
			full := filepath.Join(root, path)
			if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755),
				os.WriteFile(full, []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		if got := systemFree(root); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
