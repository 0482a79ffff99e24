package siamese

import (
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/labdevice"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(trainEnv); dir != "" {
		trainChild(dir)
		return
	}
	labdevice.Main(m)
}

// Opening a backend asks no network, whatever is missing: a proxy that counts its callers has none.
func TestOpenBackendStaysOffline(t *testing.T) {
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	var calls atomic.Int32
	go func() {
		for {
			conn, err := proxy.Accept()
			if err != nil {
				return
			}
			calls.Add(1)
			conn.Close()
		}
	}()
	home, url := t.TempDir(), "http://"+proxy.Addr().String()
	for _, name := range []string{"", "xla", "xla:cpu", "xla:cuda", "go"} {
		said := labtest.Open(t, name, "SIAMESE_LAB_DIR="+labtest.Lab(t, ""), "HOME="+home, "XDG_CACHE_HOME="+home,
			"HTTPS_PROXY="+url, "HTTP_PROXY="+url, "https_proxy="+url, "http_proxy="+url)
		if name != "" && name != "go" && !strings.HasPrefix(said, "error: ") {
			t.Errorf("%q without any plugin: %s", name, said)
		}
	}
	if n := calls.Load(); n > 0 {
		t.Errorf("the network was asked %d times", n)
	}
	if files, err := os.ReadDir(home); err != nil || len(files) > 0 {
		t.Errorf("%v: something was put into the home directory: %v", err, files)
	}
}
