package link_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// TestRoundTrip sends a message with text and buffers over a socket and receives it as it was, then the end.
func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	t.Setenv(link.Env, path)
	sender, err := link.Dial()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	receiver := link.NewConn(conn)
	defer receiver.Close()

	want, err := link.New(link.KindOutput, link.Output{Name: "stdout", Text: "a <b> \n"}, []byte{1, 2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want.Call = 7
	if err := sender.Send(want); err != nil {
		t.Fatal(err)
	}
	if err := sender.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := receiver.Receive()
	if err != nil {
		t.Fatal(err)
	}
	var body link.Output
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	if got.Kind != want.Kind || got.Call != 7 || body.Text != "a <b> \n" || len(got.Buffers) != 2 ||
		!slices.Equal(got.Buffers[0], []byte{1, 2}) || len(got.Buffers[1]) != 0 {
		t.Errorf("received %+v, body %+v", got, body)
	}
	if _, err := receiver.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v, want end of file", err)
	}
}

// TestCutFrame sees that a connection that ends within a frame is an error, and one that claims too much is refused.
func TestCutFrame(t *testing.T) {
	for name, frame := range map[string][]byte{
		"cut":   {10, 0, 0, 0, 0, 0, 0, 0, '{'},
		"large": {255, 255, 255, 255, 0, 0, 0, 0},
	} {
		a, b := net.Pipe()
		go func() {
			_, _ = a.Write(frame)
			_ = a.Close()
		}()
		if _, err := link.NewConn(b).Receive(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: error %v", name, err)
		}
		_ = b.Close()
	}
}

// TestNoKernel sees that outside of a kernel there is an error that can be told apart.
func TestNoKernel(t *testing.T) {
	t.Setenv(link.Env, "")
	if _, err := link.Dial(); !errors.Is(err, link.ErrNoKernel) {
		t.Errorf("error %v", err)
	}
}
