package main

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	jupyter "github.com/go-siamese/lab/kernels/internal/run"
)

// listening returns where processes wait for others: addresses of TCP and UDP, with the process's name.
func listening(t *testing.T, processes map[int]string) map[netip.AddrPort]string {
	t.Helper()
	sockets := map[string]string{}
	for pid, name := range processes {
		files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/fd/*")
		for _, file := range files {
			if to, err := os.Readlink(file); err == nil && strings.HasPrefix(to, "socket:[") {
				sockets[strings.Trim(to, "socket:[]")] = name
			}
		}
	}
	found := map[netip.AddrPort]string{}
	for table, state := range map[string]string{"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"} {
		text, err := os.ReadFile("/proc/net/" + table)
		if errors.Is(err, fs.ErrNotExist) { // there is no IPv6
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			if len(fields) < 10 || fields[3] != state || sockets[fields[9]] == "" {
				continue
			}
			host, port, _ := strings.Cut(fields[1], ":")
			b, err := hex.DecodeString(host)
			if err != nil || len(b)%4 != 0 {
				t.Fatalf("%s: %s", table, line)
			}
			for i := 0; i < len(b); i += 4 { // the table has words in the machine's order
				binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
			}
			addr, _ := netip.AddrFromSlice(b)
			n, err := strconv.ParseUint(port, 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			found[netip.AddrPortFrom(addr.Unmap(), uint16(n))] = sockets[fields[9]]
		}
	}
	return found
}

// TestLabListens: JupyterLab is reached from this machine alone and gives nothing without its token, and a kernel that
// it has started opens no port at all.
func TestLabListens(t *testing.T) {
	o, _ := options(t)
	temp, err := os.MkdirTemp("", "lab-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- jupyter.Lab(ctx, jupyter.LabOptions{Lab: o.Lab, Python: o.Python, Kernel: o.Kernel, Out: t.Output(),
			Extra: []string{"--ServerApp.port=0", "--IdentityProvider.token=secret"}})
	}()
	defer func() {
		cancel()
		<-done
	}()
	// wait polls until there is what it waits for, or JupyterLab has ended.
	wait := func(ready func() bool) {
		for !ready() {
			select {
			case err := <-done:
				done <- err
				t.Fatalf("JupyterLab ended: %v", err)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	var server netip.AddrPort
	wait(func() bool {
		for at := range listening(t, of("TMPDIR="+temp)) {
			server = at
		}
		return server.IsValid()
	})
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path, token, body string) int {
		request, err := http.NewRequestWithContext(ctx, method, "http://"+server.String()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			request.Header.Set("Authorization", "token "+token)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	for path, want := range map[string]int{"/api/contents": http.StatusForbidden, "/api/kernels": http.StatusForbidden,
		"/files/quickstart.ipynb": http.StatusFound} { // to where one logs in
		for _, token := range []string{"", "other"} {
			if code := ask("GET", path, token, ""); code != want {
				t.Errorf("%s with the token %q: status %d", path, token, code)
			}
		}
	}
	if code := ask("POST", "/api/kernels", "", "{}"); code != http.StatusForbidden {
		t.Errorf("a kernel is started without a token: %d", code)
	}
	if code := ask("POST", "/api/kernels", "secret", "{}"); code != http.StatusCreated {
		t.Fatalf("no kernel with the token: %d", code)
	}
	var all map[int]string
	wait(func() bool {
		all = of("TMPDIR=" + temp)
		return named(all, "siamese-kernel") > 0 && named(all, "gonb") > 0
	})
	found := listening(t, all)
	for at, name := range found {
		if !at.Addr().IsLoopback() || !strings.HasPrefix(name, "python") && !strings.HasPrefix(name, "jupyter") {
			t.Errorf("%s listens on %s", name, at)
		}
	}
	if len(found) == 0 {
		t.Errorf("nobody listens among %v", all)
	}
}
