package setup

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/plugin"
)

// entry is a file in a made-up archive.
type entry struct {
	name, content string
	mode          fs.FileMode
}

// wheel makes a wheel.
func wheel(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode | 0o644)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(e.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// tarball makes a tar.gz archive.
func tarball(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	gz := gzip.NewWriter(&buf)
	w := tar.NewWriter(gz)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Size: int64(len(e.content)), Mode: 0o644, Typeflag: tar.TypeReg}
		if e.mode&fs.ModeSymlink != 0 {
			h.Typeflag, h.Size, h.Linkname, e.content = tar.TypeSymlink, 0, e.content, ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), gz.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// sum is a text's SHA-256 in hexadecimal.
func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

// wheelSource is a source that hands out the given wheel, pinned at the given digest.
func wheelSource(content []byte, pinned string) source {
	return source{name: "test wheel", version: "1.0", sha256: pinned, open: openWheel,
		download: func(_ context.Context, _, dir string) (string, error) {
			path := filepath.Join(dir, "test.whl")
			return path, os.WriteFile(path, content, 0o644)
		}}
}

// good is a wheel that is as it should be, its library having the given text.
func good(t *testing.T, text string) []byte {
	return wheel(t, entry{"a/METADATA", "x", 0}, entry{wheelEntry, text, 0})
}

// files lists everything below a directory.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			list = append(list, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// withPlugin installs a first, good plugin.
func withPlugin(t *testing.T) (in *Installer, python string, first plugin.Plugin) {
	t.Helper()
	in, _ = newInstaller(t)
	python = usePython(t, 0)
	content := good(t, "first library")
	first, err := in.install(t.Context(), python, wheelSource(content, sum(content)))
	if err != nil {
		t.Fatal(err)
	}
	return in, python, first
}

func TestInstallPlugin(t *testing.T) {
	in, python, first := withPlugin(t)
	got, err := in.findPlugin()
	if err != nil || got != first {
		t.Errorf("found %+v, %v; want %+v", got, err, first)
	}
	if content, err := os.ReadFile(first.Path); err != nil || string(content) != "first library" {
		t.Errorf("library holds %q, %v", content, err)
	}
	content := good(t, "second library")
	second, err := in.install(t.Context(), python, wheelSource(content, sum(content)))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := in.findPlugin(); got != second || second.Path == first.Path {
		t.Errorf("found %+v, want %+v", got, second)
	}
	// The first stays: it may be another checkout's. Each has its record beside it.
	if left := files(t, in.plugins()); len(left) != 5 || plugin.Check(first.Path) != nil || plugin.Check(second.Path) != nil {
		t.Errorf("left behind: %v", left)
	}
}

// TestInstallPluginFaults gives every fault a clear error, and sees that the plugin that is there stays as it is.
func TestInstallPluginFaults(t *testing.T) {
	whole := good(t, "new library")
	tests := []struct {
		name    string
		content []byte
		pinned  string // digest; empty: that of the content
		want    []string
	}{
		{"wrong checksum", whole, strings.Repeat("0", 64), []string{"wrong checksum", sum(whole), "not opened"}},
		{"truncated", whole[:len(whole)/2], "", []string{"wheel is damaged"}},
		{"empty", nil, "", []string{"wheel is damaged"}},
		{"not a wheel", []byte("<html>log in first</html>"), "", []string{"wheel is damaged"}},
		{"without the library", wheel(t, entry{"other.so", "x", 0}), "", []string{"does not hold " + wheelEntry}},
		{"library under another path", wheel(t, entry{"../" + wheelEntry, "x", 0}, entry{"/" + wheelEntry, "x", 0}), "",
			[]string{"does not hold"}},
		{"twice", wheel(t, entry{wheelEntry, "a", 0}, entry{wheelEntry, "b", 0}), "", []string{"twice"}},
		{"a link", wheel(t, entry{wheelEntry, "/etc/passwd", fs.ModeSymlink}), "", []string{"not a plain file"}},
		{"too large", wheel(t, entry{wheelEntry, strings.Repeat("x", 5000), 0}), "",
			[]string{"5000 bytes, more than 4096"}},
		{"does not load", good(t, "broken library"), "", []string{"does not load", "invalid ELF header"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in, python, first := withPlugin(t)
			in.limit = 4096
			if test.pinned == "" {
				test.pinned = sum(test.content)
			}
			before := files(t, in.Lab.Dir)
			_, err := in.install(t.Context(), python, wheelSource(test.content, test.pinned))
			wantError(t, err, test.want...)
			if got, err := in.findPlugin(); err != nil || got != first {
				t.Errorf("found %+v, want the one that was there", got)
			}
			if after := files(t, in.Lab.Dir); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("files %v, before %v", after, before)
			}
		})
	}
}

// TestZipSlip sees that names in an archive decide nothing about where anything is written.
func TestZipSlip(t *testing.T) {
	in, _ := newInstaller(t)
	python := usePython(t, 0)
	content := wheel(t, entry{"../../../escaped", "x", 0}, entry{"/tmp/escaped", "x", 0},
		entry{wheelEntry, "library", 0})
	if _, err := in.install(t.Context(), python, wheelSource(content, sum(content))); err != nil {
		t.Fatal(err)
	}
	for _, path := range files(t, filepath.Dir(in.Lab.Dir)) {
		if strings.Contains(path, "escaped") {
			t.Errorf("written: %s", path)
		}
	}
}

func TestInstallPluginDiskError(t *testing.T) {
	in, _ := newInstaller(t)
	python := usePython(t, 0)
	write(t, in.plugins(), "a file where the directory should be", 0o644)
	content := good(t, "library")
	_, err := in.install(t.Context(), python, wheelSource(content, sum(content)))
	wantError(t, err, in.plugins(), "not a directory")
}

func TestInstallPluginCancelled(t *testing.T) {
	in, python, first := withPlugin(t)
	content := good(t, "second")
	ctx, cancel := context.WithCancel(t.Context())
	from := wheelSource(content, sum(content))
	from.open = func(archive string, limit int64, write func(r io.Reader) error) error {
		cancel()
		return openWheel(archive, limit, write)
	}
	if _, err := in.install(ctx, python, from); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the cancellation", err)
	}
	if got, _ := in.findPlugin(); got != first {
		t.Errorf("found %+v, want the first", got)
	}
}

// serve answers every request with a handler and returns the address.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/plugin.tar.gz"
}

func TestOfficialRelease(t *testing.T) {
	library := entry{"pjrt_c_api_cpu_v0.114.0_plugin.so", "official library", 0}
	archive := tarball(t, entry{"README", "x", 0}, library)
	tests := []struct {
		name, url string
		pinned    string
		want      []string // words of the reason; nil: it works
	}{
		{"works", serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(archive) }), sum(archive), nil},
		{"digest in capitals", serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(archive) }),
			strings.ToUpper(sum(archive)), nil},
		{"no network", "http://127.0.0.1:1", sum(archive), // of no ephemeral port, which a server may get meanwhile
			[]string{"download", "refused", "HTTPS_PROXY"}},
		{"not found", serve(t, http.NotFound), sum(archive), []string{"404 Not Found"}},
		{"server error with a body", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			w.Write(archive)
		}), sum(archive), []string{"503"}},
		{"breaks off", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(archive)))
			w.Write(archive[:20])
		}), sum(archive), []string{"broke off", "unexpected EOF"}},
		{"another file", serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("log in first")) }),
			sum(archive), []string{"wrong checksum"}},
		{"endless", serve(t, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}), sum(archive), []string{"more than 1048576 bytes"}},
		{"bad address", "http://[", sum(archive), []string{"missing ']'"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in, _ := newInstaller(t)
			in.limit = 1 << 20
			in.Options = Options{PluginURL: test.url, PluginSHA256: test.pinned}
			p, reason, err := in.ensurePlugin(t.Context(), usePython(t, 0))
			if test.want != nil {
				wantError(t, err, test.want...)
				if !strings.Contains(reason, "could not be installed") {
					t.Errorf("reason %q", reason)
				}
				return
			}
			if err != nil || reason != "" {
				t.Fatal(reason, err)
			}
			if content, err := os.ReadFile(p.Path); err != nil || string(content) != library.content {
				t.Errorf("library holds %q, %v", content, err)
			}
		})
	}
}

func TestOpenTarGz(t *testing.T) {
	name := "pjrt_c_api_cpu_v1_plugin.so"
	tests := []struct {
		name    string
		content []byte
		want    string // of the library, or a word of the error
		fails   bool
	}{
		{"plain", tarball(t, entry{"./" + name, "x", 0}), "x", false},
		{"escaping names are passed over", tarball(t, entry{"../" + name, "evil", 0}, entry{"/lib/" + name, "evil", 0},
			entry{name, "x", 0}), "x", false},
		{"a link", tarball(t, entry{name, "/etc/passwd", fs.ModeSymlink}), "does not hold a plugin", true},
		{"nothing", tarball(t), "does not hold a plugin", true},
		{"truncated", tarball(t, entry{name, strings.Repeat("y", 100), 0})[:40], "damaged", true},
		{"not gzip", []byte("x"), "damaged", true},
		{"too large", tarball(t, entry{name, strings.Repeat("y", 2000), 0}), "more than 1000", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.tar.gz")
			write(t, path, string(test.content), 0o644)
			var got bytes.Buffer
			err := openTarGz(path, 1000, func(r io.Reader) error { _, err := got.ReadFrom(r); return err })
			if test.fails {
				wantError(t, err, test.want)
			} else if err != nil || got.String() != test.want {
				t.Errorf("got %q, %v", got.String(), err)
			}
		})
	}
}

func TestUnpackLimit(t *testing.T) {
	for size, fails := range map[int]bool{9: false, 10: false, 11: true} {
		err := unpack(strings.NewReader(strings.Repeat("x", size)), 10,
			func(r io.Reader) error { _, err := new(bytes.Buffer).ReadFrom(r); return err })
		if (err != nil) != fails {
			t.Errorf("%d bytes of 10: %v", size, err)
		}
	}
}

func TestEnsurePlugin(t *testing.T) {
	tests := []struct {
		name   string
		change func(t *testing.T, in *Installer)
		reason string // why XLA is not used; empty: it is
		said   string
	}{
		{"no compiler", func(_ *testing.T, in *Installer) { in.Go.CC = "no-such-compiler" },
			"no C compiler: no-such-compiler is not in PATH", ""},
		{"no compiler configured", func(_ *testing.T, in *Installer) { in.Go.CC = "" }, "go env CC is empty", ""},
		{"cgo off", func(_ *testing.T, in *Installer) { in.Go.CGO = "0" }, "CGO_ENABLED=0", ""},
		{"left out", func(_ *testing.T, in *Installer) { in.Options.NoXLA = true }, "--no-xla", ""},
		{"other platform", func(_ *testing.T, in *Installer) { in.Go.GOARCH = "riscv64" },
			"no pinned plugin for linux/riscv64", "skipping lammps-jax-pjrt-cpu"},
		{"no network", func(_ *testing.T, in *Installer) {
			in.fetchWheel = func(context.Context, string, string) (string, error) {
				return "",
					errors.New("no route to host")
			}
		}, "no route to host", "skipping official release v0.114.0: it publishes no digest"},
		{"there already", func(t *testing.T, in *Installer) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "pjrt_c_api_cpu_plugin.so"), "x", 0o644)
			in.goxla = []string{dir}
		}, "", "already there"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in, out := newInstaller(t)
			test.change(t, in)
			_, reason, _ := in.ensurePlugin(t.Context(), usePython(t, 1))
			if !strings.Contains(reason, test.reason) || (reason == "") != (test.reason == "") {
				t.Errorf("reason %q, want %q", reason, test.reason)
			}
			if !strings.Contains(out.String(), test.said) {
				t.Errorf("said %q, want %q", out, test.said)
			}
		})
	}
}

// TestEnsurePluginKeepsOutdated sees that an outdated plugin serves on when the pinned one cannot be had.
func TestEnsurePluginKeepsOutdated(t *testing.T) {
	in, out := newInstaller(t)
	python := usePython(t, 1)
	content := good(t, "old")
	from := wheelSource(content, sum(content))
	from.name = plugin.Package
	old, err := in.install(t.Context(), python, from)
	if err != nil {
		t.Fatal(err)
	}
	got, reason, err := in.ensurePlugin(t.Context(), python)
	wantError(t, err, "connection refused")
	if got != old || reason != "" || !strings.Contains(out.String(), "keeping the one that is there") {
		t.Errorf("got %+v, %q; said %s", got, reason, out)
	}
}

// TestMissingIsAskedForOnce: without a network each run would wait for pip to give up; `install` asks again.
func TestMissingIsAskedForOnce(t *testing.T) {
	in, out := newInstaller(t)
	asked := 0
	in.fetchWheel = func(context.Context, string, string) (string, error) {
		asked++
		return "", errors.New("no route to host")
	}
	path := usePython(t, 1)
	ensure := func(want int) {
		t.Helper()
		p, why, _ := in.ensurePlugin(t.Context(), path)
		if p.Path != "" || !strings.Contains(why, "no route to host") || asked != want {
			t.Errorf("%+v, %q, asked %d times, want %d", p, why, asked, want)
		}
	}
	ensure(1)
	ensure(1) // a run
	if !strings.Contains(out.String(), "`go run ./kernels install --dir '"+in.Lab.Dir+"'` tries again") {
		t.Errorf("said %s", out)
	}
	in.Options.Kernel = KernelXLA // who wants this kernel
	ensure(2)
	in.Options.Kernel, in.Options.Retry = "", true // install
	ensure(3)
	in.Options.Retry = false
	content := good(t, "library")
	if _, err := in.install(t.Context(), path, wheelSource(content, sum(content))); err != nil {
		t.Fatal(err)
	}
	if isFile(in.missingNote()) {
		t.Error("the note stays when the plugin is there")
	}
}
