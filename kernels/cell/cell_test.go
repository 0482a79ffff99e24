package cell_test

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/kernels/internal/link"
)

// TestCell shows, changes, clears and asks at a kernel that notes what it is told. A program has one kernel for life,
// so all is in one test.
func TestCell(t *testing.T) {
	dir, err := os.MkdirTemp("", "c-*") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "kernel")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	got := make(chan string, 10)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		c := link.NewConn(conn)
		for {
			m, err := c.Receive()
			if err != nil {
				return
			}
			got <- string(m.Kind) + string(m.Body)
			answer := link.Message{Kind: link.KindDone, Call: m.Call}
			var in link.Input
			switch {
			case m.Kind == link.KindInput && json.Unmarshal(m.Body, &in) == nil:
				value := link.Value{Text: "Ada", None: in.Password}
				answer.Kind = link.KindValue
				answer.Body, _ = json.Marshal(value)
			case strings.Contains(string(m.Body), "refuse"):
				answer.Error = "it is too large"
			}
			if c.Send(answer) != nil {
				return
			}
		}
	}()
	t.Setenv(link.Env, path)
	if !cell.Here() {
		t.Error("it is not in a kernel")
	}
	steps := []struct {
		do   func() error
		want string
		err  string
	}{
		{func() error {
			return cell.Display(cell.Output{Data: map[string]any{"text/plain": "a", "image/png": []byte{1, 2, 3},
				"application/json": []int{1}}, Metadata: map[string]any{"image/png": map[string]int{"width": 3}}, ID: "x"})
		}, `display{"data":{"application/json":[1],"image/png":"AQID","text/plain":"a"},` +
			`"metadata":{"image/png":{"width":3}},"id":"x"}`, ""},
		{func() error {
			return cell.Update(cell.Output{Data: map[string]any{"image/svg+xml": "<svg/>"}, ID: "x"})
		}, `display{"data":{"image/svg+xml":"\u003csvg/\u003e"},"id":"x","update":true}`, ""},
		{func() error { return cell.Update(cell.Output{Data: map[string]any{"text/plain": "a"}}) }, "", "needs the ID"},
		{func() error { return cell.Display(cell.Output{}) }, "", "needs data"},
		{func() error { return cell.Display(cell.Output{Data: map[string]any{"text/plain": "refuse"}}) },
			`display{"data":{"text/plain":"refuse"}}`, "it is too large"},
		{func() error { return cell.Clear(true) }, `clear{"wait":true}`, ""},
		{func() error {
			text, err := cell.Ask("Name: ")
			if text != "Ada" {
				t.Errorf("answer %q", text)
			}
			return err
		}, `input{"prompt":"Name: ","password":false}`, ""},
		{func() error {
			_, err := cell.AskPassword("Key: ")
			if !errors.Is(err, cell.ErrNobody) {
				t.Errorf("error %v", err)
			}
			return nil
		}, `input{"prompt":"Key: ","password":true}`, ""},
	}
	for i, step := range steps {
		err := step.do()
		if (err == nil) != (step.err == "") || err != nil && !strings.Contains(err.Error(), step.err) {
			t.Errorf("step %d: error %v, want %q", i, err, step.err)
		}
		if step.want == "" {
			continue
		}
		if diff := cmp.Diff(step.want, <-got); diff != "" {
			t.Errorf("step %d (-want +got):\n%s", i, diff)
		}
	}
	if id := cell.NewID(); id == cell.NewID() {
		t.Error("two outputs have one ID")
	}
}

// TestLight holds what the package brings into every cell: little, and nothing of the network but sockets.
func TestLight(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) > 85 {
		t.Errorf("%d packages", len(deps))
	}
	for _, dep := range deps {
		if dep == "net/http" || dep == "crypto/tls" || strings.Contains(strings.SplitN(dep, "/", 2)[0], ".") &&
			!strings.HasPrefix(dep, "github.com/go-siamese/lab/kernels/") {
			t.Errorf("it imports %s", dep)
		}
	}
	t.Logf("%d packages", len(deps))
}
