package main

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// The command listens on this machine, answers who has its token, and ends in good order at SIGTERM.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := table.Save("items.csv", labtest.Toy("i", 4, 15, 6, 0.5, 1)); err != nil {
		t.Fatal(err)
	}
	siameseSays(t, dir, tinyTrain+"--out=m.safetensors items.csv")
	serve := siameseCommand(t, dir, "serve --port=0 --backend=go m.safetensors items.csv")
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	defer serve.Process.Kill() //nolint:errcheck // it has ended by then
	lines := bufio.NewScanner(out)
	said := func() string {
		if !lines.Scan() {
			t.Fatalf("it said nothing more: %v", lines.Err())
		}
		return lines.Text()
	}
	_, address, _ := strings.Cut(said(), " on ")
	address, _, _ = strings.Cut(address, ";")
	if line := said(); !strings.Contains(line, "where 50 % of pairs are the same") {
		t.Errorf("it says %q", line)
	}
	_, token, _ := strings.Cut(said(), "token: ")
	if !strings.HasPrefix(address, "http://127.0.0.1:") || len(token) < 16 {
		t.Fatalf("address %q, token %q", address, token)
	}
	for authorization, want := range map[string]string{"Bearer " + token: `{"neighbours":[[{"id":"`, "": `{"error":`} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/v1/search",
			strings.NewReader(`{"ids": ["i0"], "k": 2}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", authorization)
		answered, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answered.Body)
		answered.Body.Close()
		if err != nil || !strings.HasPrefix(string(body), want) {
			t.Errorf("%s: %s, want %s (%v)", authorization, body, want, err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	if err := serve.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := serve.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if status, _, errOut := call("serve", "--check", "--label=label", "m.safetensors"); status != 2 ||
		!strings.Contains(errOut, "--label: ") {
		t.Errorf("a flag about items that are not given: status %d, %s", status, errOut)
	}
	t.Setenv(tokenVariable, "short")
	if status, _, errOut := call("serve", "--check", "--port=0", "m.safetensors"); status != 1 ||
		!strings.Contains(errOut, tokenVariable) {
		t.Errorf("a short token: status %d, %s", status, errOut)
	}
}
