package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// pair returns the two ends of a connection.
func pair(t *testing.T) (a, b *Conn) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "socket")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	a, err = Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := listener.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	b = NewConn(raw)
	t.Cleanup(func() {
		_ = a.Close()
		_ = b.Close()
	})
	return a, b
}

// TestRoundTrip sends messages with buffers and open files, small and larger than a socket's buffer.
func TestRoundTrip(t *testing.T) {
	a, b := pair(t)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	large := bytes.Repeat([]byte("x"), 3<<20)
	go func() {
		for i := range 20 {
			m := Message{Kind: Call, Call: uint64(i), Op: "a <b>", Body: json.RawMessage(`{"k":1}`),
				Buffers: [][]byte{large, nil, {1, 2}}}
			if i%2 == 0 {
				file, err := os.Open(path)
				if err != nil {
					t.Error(err)
				}
				m.Files = []*os.File{file, file}
				defer file.Close()
			}
			if err := a.Send(m); err != nil {
				t.Error(err)
			}
		}
		_ = a.Close()
	}()
	for i := range 20 {
		m, err := b.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if m.Kind != Call || m.Call != uint64(i) || m.Op != "a <b>" || string(m.Body) != `{"k":1}` ||
			len(m.Buffers) != 3 || !bytes.Equal(m.Buffers[0], large) || !slices.Equal(m.Buffers[2], []byte{1, 2}) {
			t.Fatalf("message %d: %s %d %q %s", i, m.Kind, m.Call, m.Op, m.Body)
		}
		if want := 2 * (1 - i%2); len(m.Files) != want {
			t.Fatalf("message %d has %d files, want %d", i, len(m.Files), want)
		}
		for k, f := range m.Files {
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(f)
			if err := errors.Join(err, f.Close()); err != nil || string(text) != "content" {
				t.Errorf("file %d: %q, error %v", k, text, err)
			}
		}
	}
	if _, err := b.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
	if uid, err := b.PeerUID(); err == nil && uid != os.Getuid() {
		t.Errorf("the other end is user %d", uid)
	}
}

// TestWrongFrames sees that what is cut, too large or of another protocol is an error, and no end.
func TestWrongFrames(t *testing.T) {
	good, err := encode(Message{Kind: Event, Buffers: [][]byte{{1}}})
	if err != nil {
		t.Fatal(err)
	}
	none := func(n int) ([]*os.File, error) {
		if n > 0 {
			return nil, errors.New("there are none")
		}
		return nil, nil
	}
	for n := 1; n < len(good); n++ {
		if _, err := decode(bytes.NewReader(good[:n]), none); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut after %d bytes: error %v", n, err)
		}
	}
	for name, frame := range map[string][]byte{
		"protocol": append([]byte("HTTP"), good[4:]...),
		"json":     {'S', 'I', 'A', '1', 255, 255, 255, 255, 0, 0, 0, 0},
		"buffers":  {'S', 'I', 'A', '1', 2, 0, 0, 0, 255, 255, 0, 0, '{', '}'},
		"files":    {'S', 'I', 'A', '1', 2, 0, 0, 0, 0, 0, 1, 0, '{', '}'},
		"text":     {'S', 'I', 'A', '1', 1, 0, 0, 0, 0, 0, 0, 0, '{'},
	} {
		if _, err := decode(bytes.NewReader(frame), none); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := encode(Message{Buffers: [][]byte{make([]byte, mostBuffer+1)}}); err == nil {
		t.Error("a buffer that is too large is sent")
	}
}

// FuzzDecode sees that no bytes make the decoder panic or take much memory, and that what it accepts is encoded to a
// frame that means the same.
func FuzzDecode(f *testing.F) {
	for _, m := range []Message{{Kind: Hello}, {Kind: Call, Call: 3, Op: "open", Body: json.RawMessage(`[1]`)},
		{Kind: Result, Buffers: [][]byte{{1, 2, 3}, {}}}} {
		frame, err := encode(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		none := func(n int) ([]*os.File, error) {
			if n > 0 {
				return nil, errors.New("there are none")
			}
			return nil, nil
		}
		m, err := decode(bytes.NewReader(frame), none)
		if err != nil {
			return
		}
		again, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := decode(bytes.NewReader(again), none)
		if err != nil || back.Kind != m.Kind || back.Call != m.Call || back.Op != m.Op ||
			len(back.Buffers) != len(m.Buffers) {
			t.Errorf("%+v becomes %+v, error %v", m, back, err)
		}
	})
}
