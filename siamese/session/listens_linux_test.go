package session_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestNoPorts: the process that holds a session's values has sockets, none of which is of a network, and the folder of
// the one through which it is reached is the user's alone.
func TestNoPorts(t *testing.T) {
	s := connect(t, t.TempDir())
	status, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The inodes of its sockets, as the tables of the system have them.
	files, err := filepath.Glob("/proc/" + strconv.Itoa(status.Pid) + "/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	sockets := map[string]bool{}
	for _, file := range files {
		if to, err := os.Readlink(file); err == nil && strings.HasPrefix(to, "socket:[") {
			sockets[strings.Trim(to, "socket:[]")] = true
		}
	}
	local := 0
	for _, table := range []string{"unix", "tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile("/proc/net/" + table)
		if errors.Is(err, fs.ErrNotExist) { // there is no IPv6
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if table != "unix" {
				if len(fields) > 9 && sockets[fields[9]] {
					t.Errorf("%s: %s", table, line)
				}
				continue
			}
			if len(fields) < 7 || !sockets[fields[6]] {
				continue
			}
			local++
			if len(fields) < 8 { // its end of a connection has no name of its own
				continue
			}
			info, err := os.Stat(filepath.Dir(fields[7]))
			if err != nil {
				t.Fatal(err)
			}
			if info.Mode().Perm() != 0o700 {
				t.Errorf("the folder of %s has the mode %v", fields[7], info.Mode())
			}
		}
	}
	if local == 0 {
		t.Errorf("none of the sockets %v of process %d is known", sockets, status.Pid)
	}
}
