package device

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadMappings(t *testing.T) {
	const smaps = `55d0c0000000-55d0c0010000 r-xp 00001000 08:01 41                         /usr/bin/lab
Rss:                  40 kB
Anonymous:             0 kB
7f5000000000-7f5000400000 r--p 00000000 08:01 42                         /opt/a lab/plugin.so
Size:               4096 kB
Rss:                 400 kB
Anonymous:             0 kB
AnonHugePages:         0 kB
Swap:                  0 kB
SwapPss:               0 kB
VmFlags: rd mr mw me
7f5000400000-7f5000500000 r-xp 00400000 08:01 42                         /opt/a lab/plugin.so
Anonymous:             4 kB
Swap:                  0 kB
7f5000500000-7f5000600000 r--p 00500000 08:01 42                         /opt/a lab/plugin.so
Anonymous:             0 kB
Swap:                  8 kB
7f5000600000-7f5000700000 rw-p 00600000 08:01 42                         /opt/a lab/plugin.so
Anonymous:             0 kB
7f5000700000-7f5000800000 r-xp 00000000 08:01 43                         /usr/lib/libm.so.6
Anonymous:             0 kB
7f5000800000-7f5000900000 r--s 00000000 08:01 44                         /usr/lib/shared.so
Anonymous:             0 kB
7f5000900000-7f5000a00000 r--p 00000000 00:00 0 
Anonymous:             0 kB
7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`
	mappings, err := readMappings(strings.NewReader(smaps))
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, m := range mappings {
		if m.droppable() {
			paths = append(paths, m.path)
		}
	}
	if d := cmp.Diff([]string{"/opt/a lab/plugin.so", "/usr/lib/libm.so.6"}, paths); d != "" {
		t.Errorf("dropped are (-want +got):\n%s", d)
	}
	if m := mappings[2]; len(mappings) != 10 || m.start != 0x7f5000400000 || m.end != 0x7f5000500000 || m.changed != 4 {
		t.Errorf("%d mappings, the third %+v", len(mappings), m)
	}
	for _, bad := range []string{"no addresses here\n", "00-10 r-xp 0 0:0 0\nSwap: some kB\n"} {
		if _, err := readMappings(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read without an error", bad)
		}
	}
}
