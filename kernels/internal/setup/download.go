package setup

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/data/openfile"

	"github.com/go-siamese/lab/kernels/plugin"
)

// pipDownload has pip fetch the pinned wheel into dir, and returns the wheel's path. pip rather than a download of our
// own, since it knows the index, proxies and certificates that the user has configured. It checks the digest; so does
// the caller.
func (in *Installer) pipDownload(ctx context.Context, python, dir string) (string, error) {
	// In a file, since pip takes digests from requirement files only.
	pin := filepath.Join(dir, "plugin.txt")
	line := plugin.Package + "==" + plugin.Version + " --hash=sha256:" + plugin.Wheel + "\n"
	if err := os.WriteFile(pin, []byte(line), 0o644); err != nil {
		return "", err
	}
	args := []string{"-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps",
		"--only-binary", ":all:", "--require-hashes", "-r", pin, "-d", dir}
	args = append(args, in.pipSource()...)
	if _, err := isolated(python, args...).Run(ctx); err != nil {
		return "", fmt.Errorf("downloading the wheel: %w", in.mendPip(err))
	}
	// pip does not say what it called the file.
	wheels, err := openfile.Glob(dir, "*.whl")
	if err != nil || len(wheels) != 1 {
		return "", fmt.Errorf("pip left %d wheels where one was asked for", len(wheels))
	}
	return wheels[0], nil
}

// downloadFile fetches an address into a new file at path, and returns the path. It wants status 200 and at most limit
// bytes. There is no timeout for the whole: 200 MB take long on a slow line, and ctx can end it; only the beginning has
// one.
func downloadFile(ctx context.Context, url, path string, limit int64) (string, error) {
	// A client of its own: the default one has no timeout at all.
	client := http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment,
		ResponseHeaderTimeout: 30 * time.Second, TLSHandshakeTimeout: 30 * time.Second}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("download: %w\n  mend: check the network and HTTPS_PROXY, or name another address with "+
			"--plugin-url", err)
	}
	defer resp.Body.Close()
	// An error page would fail the digest too, but with a message that helps nobody.
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("download %s: the server answered %s", url, resp.Status)
	}
	// One more byte than allowed, to tell a file of the limit's size from a longer one.
	size, err := copyTo(ctx, path, io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return "", fmt.Errorf("download %s: broke off: %w", url, err)
	}
	if size > limit {
		return "", fmt.Errorf("download %s: more than %d bytes", url, limit)
	}
	return path, nil
}

// copyTo writes a stream into a new file, which may be executed, syncs it, and returns its size. It fails if the file
// exists, and stops when ctx is done; what was written until then stays.
func copyTo(ctx context.Context, path string, r io.Reader) (int64, error) {
	// O_EXCL, since a file that is there is not ours. It may be executed, as libraries are.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(f, &ctxReader{ctx, r})
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return size, err
}

// ctxReader reads until its context is done. [io.Copy] knows no contexts.
type ctxReader struct {
	// ctx is in a struct because [io.Reader] has no place for it.
	ctx context.Context
	r   io.Reader
}

// Read implements [io.Reader]. It returns the context's error once it is done.
func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
