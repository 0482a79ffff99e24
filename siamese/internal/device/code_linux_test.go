package device

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

func TestReadMappings(t *testing.T) {
	const maps = `55d0c0000000-55d0c0010000 r-xp 00001000 08:01 41                         /usr/bin/lab
7f5000000000-7f5000400000 r--p 00000000 08:01 42                         /opt/a lab/plugin.so
7f5000400000-7f5000500000 r-xp 00400000 08:01 42                         /opt/a lab/plugin.so
7f5000600000-7f5000700000 rw-p 00600000 08:01 42                         /opt/a lab/plugin.so
7f5000700000-7f5000800000 r-xp 00000000 08:01 43                         /usr/lib/libm.so.6
7f5000800000-7f5000900000 r--s 00000000 08:01 44                         /usr/lib/shared.so
7f5000900000-7f5000a00000 r--p 00000000 00:00 0 
7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`
	mappings, err := readMappings(maps)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, m := range mappings {
		if m.constant() {
			paths = append(paths, m.access+" "+m.path)
		}
	}
	want := []string{"r--p /opt/a lab/plugin.so", "r-xp /opt/a lab/plugin.so", "r-xp /usr/lib/libm.so.6"}
	if d := cmp.Diff(want, paths); d != "" {
		t.Errorf("constant are (-want +got):\n%s", d)
	}
	if m := mappings[2]; len(mappings) != 9 || m.start != 0x7f5000400000 || m.end != 0x7f5000500000 {
		t.Errorf("%d mappings, the third %+v", len(mappings), m)
	}
	for _, bad := range []string{"no addresses here\n", "00-10\n", "\n"} {
		if _, err := readMappings(bad); err == nil {
			t.Errorf("%q is read without an error", bad)
		}
	}
}

// A mapping of a file is unchanged until the process writes into one of its pages, wherever that is.
func TestUnchanged(t *testing.T) {
	page := os.Getpagesize()
	const pages = 1<<13 + 3 // more than are read at once
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, pages*page), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pagemap, err := os.Open("/proc/self/pagemap")
	if err != nil {
		t.Fatal(err)
	}
	defer pagemap.Close()
	for _, at := range []int{0, 1<<13 - 1, 1 << 13, pages - 1} {
		m, err := syscall.Mmap(int(file.Fd()), 0, pages*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		start := uintptr(unsafe.Pointer(&m[0]))
		is := func() bool { return unchanged(pagemap, start, start+uintptr(len(m))) }
		if !is() {
			t.Error("a file that nobody looked at is changed")
		}
		if m[at*page] != 0 || !is() {
			t.Errorf("page %d: a page that was only read is changed", at)
		}
		m[at*page] = 1
		if is() {
			t.Errorf("page %d: a change is not seen", at)
		}
		if err := syscall.Munmap(m); err != nil {
			t.Fatal(err)
		}
	}
	var table bytes.Buffer // a page in swap; then one that cannot be told
	for _, entry := range []uint64{pagePresent | pageOfFile, 0, pageSwapped | pageOfFile} {
		table.Write(binary.NativeEndian.AppendUint64(nil, entry))
	}
	for n, want := range []bool{1: true, 2: true, 3: false, 4: false} {
		if n > 0 && unchanged(bytes.NewReader(table.Bytes()), 0, uintptr(n*page)) != want {
			t.Errorf("of %d pages: %v", n, !want)
		}
	}
}
