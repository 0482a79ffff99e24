package wire

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/labtest"
)

// enough is a time that nothing takes which comes at all, on the slowest machine.
const enough = labtest.Enough

// connections returns one connection of each transport.
func connections(t *testing.T) map[string]Connection {
	t.Helper()
	return map[string]Connection{TCP: ports(t), IPC: Private(t.TempDir(), "secret")}
}

// ports returns a connection with ports that were free a moment ago.
func ports(t *testing.T) Connection {
	t.Helper()
	tcp := Connection{Transport: TCP, IP: "127.0.0.1", Key: "secret", SignatureScheme: scheme}
	for _, port := range []*int{&tcp.Shell, &tcp.IOPub, &tcp.Stdin, &tcp.Control, &tcp.Heartbeat} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		*port = l.Addr().(*net.TCPAddr).Port
		defer l.Close()
	}
	return tcp
}

// pair returns a kernel's end and a client's.
func pair(t *testing.T, c Connection) (*Server, *Client) {
	t.Helper()
	server, err := Listen(c, labtest.LogTo(t))
	for tries := 0; c.Transport == TCP && errors.Is(err, syscall.EADDRINUSE) && tries < 20; tries++ {
		c = ports(t) // another program was quicker
		server, err = Listen(c, labtest.LogTo(t))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	client, err := Dial(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return server, client
}

// receive takes a message from a channel, within a time.
func receive(t *testing.T, from chan Request) Request {
	t.Helper()
	select {
	case m, ok := <-from:
		if !ok {
			t.Fatal("the other end is gone")
		}
		return m
	case <-time.After(enough):
		t.Fatal("nothing came")
	}
	return Request{}
}

// TestRoundTrip: a question with buffers gets to the kernel on each channel and its answer back; what is published gets
// to the client; the heartbeat answers.
func TestRoundTrip(t *testing.T) {
	for name, c := range connections(t) {
		t.Run(name, func(t *testing.T) {
			server, client := pair(t, c)
			for _, channel := range []Channel{Shell, Control, Stdin} {
				asked, err := client.New("a_request", nil, map[string]string{"text": "<b>é\n"})
				if err != nil {
					t.Fatal(err)
				}
				asked.Buffers = [][]byte{{}, make([]byte, 300), {1, 2}}
				if err := client.Send(channel, asked); err != nil {
					t.Fatal(err)
				}
				got := receive(t, server.Requests)
				if got.Channel != channel || got.Header != asked.Header || string(got.Content) != string(asked.Content) ||
					!cmp.Equal(got.Buffers, asked.Buffers) {
					t.Errorf("%s: asked %+v, got %+v", channel, asked, got)
				}
				if err := server.Reply(got, "a_reply", map[string]int{"n": 1}, nil); err != nil {
					t.Fatal(err)
				}
				answer := receive(t, client.Messages)
				if answer.Channel != channel || answer.Header.Type != "a_reply" || answer.ParentID() != asked.Header.ID ||
					string(answer.Content) != `{"n":1}` {
					t.Errorf("%s: answer %+v", channel, answer)
				}
			}
			if first := client.Beat(enough); !first || !client.Beat(enough) {
				t.Error("no heartbeat")
			}
			// Subscribing takes effect when the kernel has read it.
			deadline := time.Now().Add(enough)
			for ; time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
				m, err := server.New("status", nil, map[string]string{})
				if err != nil {
					t.Fatal(err)
				}
				if err := server.Publish(m); err != nil {
					t.Fatal(err)
				}
				select {
				case got := <-client.Messages:
					if got.Channel != IOPub || got.Header.Type != "status" {
						t.Errorf("got %+v", got)
					}
					return
				default:
				}
			}
			t.Error("nothing published came")
		})
	}
}

// TestRefused: frames that are no message, and those with a wrong signature, are errors that can be told apart.
func TestRefused(t *testing.T) {
	s := NewSigner("secret")
	m, err := s.New("a_request", nil, map[string]int{})
	if err != nil {
		t.Fatal(err)
	}
	m.Identities = [][]byte{[]byte("me"), {}}
	good, err := s.Frames(m)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Parse(good); err != nil || got.Header != m.Header || len(got.Identities) != 2 {
		t.Fatalf("its own message: %+v, %v", got, err)
	}
	change := func(do func(frames [][]byte) [][]byte) [][]byte { return do(slices.Clone(good)) }
	unsigned := NewSigner("")
	for name, test := range map[string]struct {
		signer *Signer
		frames [][]byte
		want   error
	}{
		"nothing":      {s, nil, ErrFrames},
		"no delimiter": {s, [][]byte{[]byte("a"), []byte("b"), []byte("c")}, ErrFrames},
		"cut":          {s, good[:len(good)-1], ErrFrames},
		"content":      {s, change(func(f [][]byte) [][]byte { f[7] = []byte(`{"n":1}`); return f }), ErrSignature},
		"signature":    {s, change(func(f [][]byte) [][]byte { f[3] = nil; return f }), ErrSignature},
		"other key":    {NewSigner("other"), good, ErrSignature},
		"no JSON":      {unsigned, change(func(f [][]byte) [][]byte { f[6] = []byte("{"); return f }), ErrFrames},
		"an array":     {unsigned, change(func(f [][]byte) [][]byte { f[5] = []byte("[]"); return f }), ErrFrames},
		"no type":      {unsigned, change(func(f [][]byte) [][]byte { f[4] = []byte(`{"msg_id":"x"}`); return f }), ErrFrames},
		"type":         {unsigned, change(func(f [][]byte) [][]byte { f[4] = []byte(`{"msg_type":1}`); return f }), ErrFrames},
	} {
		if _, err := test.signer.Parse(test.frames); !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", name, err, test.want)
		}
	}
}

// FuzzParse: no frames make it panic, and what is taken without a key can be written and read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte("me\n<IDS|MSG>\n\n{\"msg_id\":\"1\",\"msg_type\":\"x\"}\n{}\n{}\n{}\nbuffer"))
	f.Add([]byte("<IDS|MSG>"))
	f.Add([]byte("a\nb\n"))
	s := NewSigner("")
	f.Fuzz(func(t *testing.T, text []byte) {
		var frames [][]byte
		for part := range strings.SplitSeq(string(text), "\n") {
			frames = append(frames, []byte(part))
		}
		m, err := s.Parse(frames)
		if err != nil {
			return
		}
		again, err := s.Frames(m)
		if err != nil {
			t.Fatal(err)
		}
		m2, err := s.Parse(again)
		if err != nil || m2.Header != m.Header || len(m2.Buffers) != len(m.Buffers) {
			t.Fatalf("%+v became %+v: %v", m, m2, err)
		}
	})
}

// TestGarbage: peers that speak something else, claim too much or stop within a frame do no harm to others.
func TestGarbage(t *testing.T) {
	c := Private(t.TempDir(), "secret")
	server, client := pair(t, c)
	greeting := "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00NULL" + strings.Repeat("\x00", 48)
	ready := "\x04\x1c\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
	for name, text := range map[string]string{
		"HTTP":      "GET / HTTP/1.1\r\n\r\n" + strings.Repeat("x", 100),
		"cut":       greeting[:20],
		"READY":     greeting + "\x04\x09\x05READY\xff\x00\x00",
		"kind":      greeting + "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x03SUB",
		"too large": greeting + ready + "\x02\x7f\xff\xff\xff\xff\xff\xff\xff",
		"no end":    greeting + ready + "\x02\x00\x00\x00\x00\x3f\xff\xff\xff",
		"flags":     greeting + ready + "\xf0\x00",
		"endless":   greeting + ready + strings.Repeat("\x01\x00", maxFrames+1),
		"no JSON":   greeting + ready + "\x01\x09<IDS|MSG>\x01\x00\x01\x00\x01\x00\x01\x00\x00\x00",
		"delimiter": greeting + ready + "\x01\x01a\x01\x01b\x00\x01c",
	} {
		conn, err := net.Dial("unix", c.address(c.Shell))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write([]byte(text)); err != nil && name != "endless" {
			t.Errorf("%s: %v", name, err)
		}
		defer conn.Close()
	}
	m, err := client.New("a_request", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Send(Shell, m); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, server.Requests); got.Header != m.Header {
		t.Errorf("got %+v", got)
	}
}

// TestStalled: a subscriber that reads nothing is dropped, and the others get all.
func TestStalled(t *testing.T) {
	oldQueued, oldStall := queued, stall
	queued, stall = 1<<20, 3*time.Second
	t.Cleanup(func() { queued, stall = oldQueued, oldStall })
	c := Private(t.TempDir(), "secret")
	server, client := pair(t, c)
	conn, err := net.Dial("unix", c.address(c.IOPub))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	z, err := greet(conn, sub, "")
	if err != nil {
		t.Fatal(err)
	}
	z.write([][]byte{{1}})
	if err := z.w.Flush(); err != nil {
		t.Fatal(err)
	}
	subscribed := func() (n int) {
		s := server.sockets[IOPub]
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, p := range s.peers {
			n += len(p.topics)
		}
		return n
	}
	for end := time.Now().Add(enough); subscribed() < 2 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	const n = 100
	go func() {
		text := strings.Repeat("x", 100_000)
		for range n {
			m, err := server.New("stream", nil, map[string]string{"text": text})
			if err == nil {
				err = server.Publish(m)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}()
	for range n {
		receive(t, client.Messages)
	}
	if got := subscribed(); got != 1 {
		t.Errorf("%d subscribers are left, want 1", got)
	}
}

// TestConnection: a file is read as it was written; what cannot be used is refused, and a socket that a killed kernel
// left is replaced, one in use is not.
func TestConnection(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kernel.json")
	want := Private(dir, "secret")
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode: %v, %v", info.Mode(), err)
	}
	got, err := ReadConnection(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, change := range map[string]func(c *Connection){
		"transport": func(c *Connection) { c.Transport = "udp" },
		"scheme":    func(c *Connection) { c.SignatureScheme = "hmac-md5" },
		"ip":        func(c *Connection) { c.IP = "" },
		"port":      func(c *Connection) { c.Shell = -1 },
		"path":      func(c *Connection) { c.IP = "/" + strings.Repeat("x", 110) },
	} {
		c := want
		change(&c)
		if err := c.Write(path); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadConnection(path); !errors.Is(err, ErrConnection) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: want.address(want.Shell)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(want, labtest.LogTo(t)); err == nil {
		t.Error("a socket in use was taken")
	}
	left.SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	server, err := Listen(want, labtest.LogTo(t))
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	if left, _ := filepath.Glob(filepath.Join(dir, "s-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestTypes sees that a message is JSON as other clients write it, with a null parent for none.
func TestTypes(t *testing.T) {
	s := NewSigner("")
	m, err := s.New("x", json.RawMessage(`{"msg_id":"1"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	frames, err := s.Frames(m)
	if err != nil {
		t.Fatal(err)
	}
	if string(frames[3]) != `{"msg_id":"1"}` || string(frames[4]) != "{}" {
		t.Errorf("frames %q", frames)
	}
}
