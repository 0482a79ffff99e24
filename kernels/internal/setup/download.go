package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/kernels/internal/proc"
)

// pipDownload has pip fetch the pinned wheel, through the index and proxies that pip is configured with.
func pipDownload(ctx context.Context, python, dir string) (string, error) {
	pin := filepath.Join(dir, "plugin.txt")
	line := wheelPackage + "==" + wheelVersion + " --hash=sha256:" + wheelSHA256 + "\n"
	if err := os.WriteFile(pin, []byte(line), 0o644); err != nil {
		return "", err
	}
	args := []string{"-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps",
		"--only-binary", ":all:", "--require-hashes", "-r", pin, "-d", dir}
	if _, err := (proc.Cmd{Name: python, Args: args}).Run(ctx); err != nil {
		return "", fmt.Errorf("downloading the wheel: %w\n  mend: %s", err, mendPip)
	}
	wheels, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return "", fmt.Errorf("pip left %d wheels where one was asked for", len(wheels))
	}
	return wheels[0], nil
}

// downloadFile fetches an address into a file. It wants status 200 and at most limit bytes.
func downloadFile(ctx context.Context, url, path string, limit int64) (string, error) {
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
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("download %s: the server answered %s", url, resp.Status)
	}
	size, err := copyTo(ctx, path, io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return "", fmt.Errorf("download %s: broke off: %w", url, err)
	}
	if size > limit {
		return "", fmt.Errorf("download %s: more than %d bytes", url, limit)
	}
	return path, nil
}

// copyTo writes a stream into a new file and syncs it, and returns its size. It stops when ctx is done.
func copyTo(ctx context.Context, path string, r io.Reader) (int64, error) {
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

// ctxReader reads until its context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// fileSHA256 returns the SHA-256 of a file in hexadecimal.
func fileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
