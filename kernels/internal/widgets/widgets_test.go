package widgets

import (
	"encoding/json"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/link"
)

// heard is what a manager published.
type heard struct {
	kind    string
	content map[string]any
	buffers [][]byte
}

// recorder returns a manager and what it has published since it was asked last.
func recorder(t *testing.T) (*Manager, func() []heard) {
	t.Helper()
	var all []heard
	m := New(func(_ json.RawMessage, kind string, content, _ any, buffers [][]byte) error {
		raw, err := json.Marshal(content)
		if err != nil {
			return err
		}
		h := heard{kind: kind, buffers: buffers}
		all = append(all, h)
		return json.Unmarshal(raw, &all[len(all)-1].content)
	})
	t.Cleanup(m.Close)
	return m, func() []heard {
		out := all
		all = nil
		return out
	}
}

// program returns both ends of a program's connection.
func program(t *testing.T) (kernel, own *link.Conn) {
	t.Helper()
	a, b := net.Pipe()
	t.Cleanup(func() { a.Close(); b.Close() })
	return link.NewConn(a), link.NewConn(b)
}

// open opens a widget with a value and a payload.
func open(t *testing.T, m *Manager, c *link.Conn, id, name, payload string) error {
	t.Helper()
	data, _ := json.Marshal(map[string]any{"state": map[string]any{"value": 1, "payload": payload}})
	meta, _ := json.Marshal(map[string]any{"widget": link.Widget{Name: name, Value: "value",
		Rules: map[string]link.Rule{"value": {Type: link.RuleInt}, "payload": {Type: link.RuleText}}}})
	message, err := link.New(link.KindCommOpen, link.Comm{ID: id, Target: Target, Data: data, Metadata: meta})
	if err != nil {
		t.Fatal(err)
	}
	return m.FromProgram(c, nil, message)
}

func fromFront(m *Manager, kind string, content, metadata map[string]any, buffers ...[]byte) error {
	c, _ := json.Marshal(content)
	meta, _ := json.Marshal(metadata)
	return m.FromFront(nil, kind, c, meta, buffers)
}

// TestBounds: the widgets of old cells make room; those of the cell that runs are not closed.
func TestBounds(t *testing.T) {
	m, said := recorder(t)
	m.bounds.widgets, m.bounds.bytes = 3, 10_000
	first, _ := program(t)
	for _, id := range []string{"a", "b"} {
		if err := open(t, m, first, id, id, ""); err != nil {
			t.Fatal(err)
		}
	}
	m.Gone(first)
	second, _ := program(t)
	for _, id := range []string{"c", "d"} {
		if err := open(t, m, second, id, "", ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := m.models["a"]; ok || len(m.models) != 3 || len(m.names) != 1 {
		t.Errorf("%d widgets, %d names", len(m.models), len(m.names))
	}
	said()
	if err := open(t, m, second, "e", "", strings.Repeat("x", 9_000)); err != nil { // b goes for it
		t.Fatal(err)
	}
	if err := open(t, m, second, "f", "", ""); err == nil || m.models["f"] != nil {
		t.Errorf("a fourth of one program: error %v", err)
	}
	err := fromFront(m, "comm_msg", map[string]any{"comm_id": "c", "data": map[string]any{"method": "update",
		"state": map[string]any{"payload": strings.Repeat("x", 9_000)}}}, nil)
	if err == nil || m.models["c"].state["payload"] != "" {
		t.Errorf("a text beyond the bound: error %v", err)
	}
	// A large value takes the place of another.
	for range 2 {
		message, _ := link.New(link.KindCommMsg, link.Comm{ID: "e", Data: json.RawMessage(
			`{"method": "update", "state": {"payload": "` + strings.Repeat("y", 9_000) + `"}}`)})
		if err := m.FromProgram(second, nil, message); err != nil {
			t.Fatal(err)
		}
	}
	total := 0
	for _, w := range m.models {
		total += size(w.state)
	}
	if total != m.bytes {
		t.Errorf("%d bytes are counted, there are %d", m.bytes, total)
	}
}

// TestFrontEnds: what a front end opens or means without need is closed, and never kept.
func TestFrontEnds(t *testing.T) {
	m, said := recorder(t)
	for _, c := range []struct{ target, version string }{{Target, "2.1.0"}, {"other", ""}, {ControlTarget, "2.0.0"}} {
		err := fromFront(m, "comm_open", map[string]any{"comm_id": "x", "target_name": c.target,
			"data": map[string]any{}}, map[string]any{"version": c.version})
		if got := said(); err == nil || len(got) != 1 || got[0].kind != "comm_close" || got[0].content["comm_id"] != "x" {
			t.Errorf("%v: error %v, said %+v", c, err, got)
		}
	}
	// A page that outlived its kernel.
	err := fromFront(m, "comm_msg", map[string]any{"comm_id": "gone", "data": map[string]any{"method": "update"}}, nil)
	if got := said(); err == nil || len(got) != 1 || got[0].kind != "comm_close" {
		t.Errorf("unknown comm: error %v, said %+v", err, got)
	}
	if err := fromFront(m, "comm_close", map[string]any{"comm_id": "gone"}, nil); err != nil {
		t.Error(err)
	}
	for n := range 3 * maxControls {
		id := string(rune('a' + n))
		if err := fromFront(m, "comm_open", map[string]any{"comm_id": id, "target_name": ControlTarget},
			map[string]any{"version": "1.0.0"}); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.controls) != maxControls {
		t.Errorf("%d controls are kept", len(m.controls))
	}
	for _, body := range []string{`{`, `[]`, `{"comm_id": 1}`} {
		if err := m.FromFront(nil, "comm_msg", json.RawMessage(body), nil, nil); err == nil {
			t.Errorf("%s: no error", body)
		}
	}
}

// TestBuffersOfStrangers: paths that lead nowhere are refused, and change nothing.
func TestBuffersOfStrangers(t *testing.T) {
	m, _ := recorder(t)
	c, _ := program(t)
	if err := open(t, m, c, "a", "", ""); err != nil {
		t.Fatal(err)
	}
	for _, paths := range []any{[]any{}, []any{[]any{}}, []any{[]any{"x", 0}}, []any{[]any{0}}, []any{[]any{"list", 2}},
		[]any{[]any{"list", -1}}, []any{[]any{"list", "a"}}, []any{[]any{"list", 0, "deep"}}} {
		err := fromFront(m, "comm_msg", map[string]any{"comm_id": "a", "data": map[string]any{"method": "update",
			"state": map[string]any{"list": []any{1, 2}}, "buffer_paths": paths}}, nil, []byte{1})
		if err == nil {
			t.Errorf("%v: no error", paths)
		}
	}
	if got := m.models["a"].state; got["value"] != json.Number("1") || len(got) != 2 {
		t.Errorf("state %v", got)
	}
}

// TestStuckProgram: a program that does not read holds up neither the kernel nor the browser, and is let go.
func TestStuckProgram(t *testing.T) {
	m, said := recorder(t)
	c, own := program(t)
	if err := open(t, m, c, "a", "", ""); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	const sent = 3 * maxWaiting // the socket holds some, too
	for n := range sent {
		err := fromFront(m, "comm_msg", map[string]any{"comm_id": "a", "data": map[string]any{"method": "update",
			"state": map[string]any{"value": n}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took > 2*time.Minute {
		t.Errorf("it took %v", took)
	}
	if got := said(); len(got) != sent+1 {
		t.Errorf("%d messages", len(got))
	}
	for {
		if _, err := own.Receive(); err != nil {
			return // its connection was closed
		}
	}
}

// TestAnswers: a program gets an answer to each question, in the order in which it asked, and why something was refused.
func TestAnswers(t *testing.T) {
	m, _ := recorder(t)
	c, own := program(t)
	ask := func(call uint64, kind link.Kind, body any) {
		message, err := link.New(kind, body)
		if err != nil {
			t.Fatal(err)
		}
		message.Call = call
		_ = m.FromProgram(c, nil, message)
	}
	if err := m.Begin(nil, "cell", true); err != nil {
		t.Fatal(err)
	}
	state := json.RawMessage(`{"state": {"value": 3}}`)
	ask(1, link.KindCommOpen, link.Comm{ID: "a", Target: Target, Data: state, Metadata: json.RawMessage(`{}`)})
	ask(2, link.KindCommOpen, link.Comm{ID: "a", Target: Target, Data: state, Metadata: json.RawMessage(`{}`)})
	ask(3, link.KindCommOpen, link.Comm{ID: "b", Target: "other", Data: state, Metadata: json.RawMessage(`{}`)})
	ask(4, link.KindState, link.Ask{Widget: "a", Key: "value"})
	ask(5, link.KindState, link.Ask{Widget: "a", Key: "none"})
	ask(6, link.KindCommMsg, link.Comm{ID: "b", Data: state})
	ask(7, link.KindCommMsg, link.Comm{ID: "a", Data: json.RawMessage(`{"method": "request_state"}`)})
	ask(8, link.KindDisplay, link.Display{})
	var failed []uint64
	for call := uint64(1); call <= 8; call++ {
		answer, err := own.Receive()
		if err != nil || answer.Call != call {
			t.Fatalf("answer %d to %d: %v", answer.Call, call, err)
		}
		if answer.Error != "" {
			failed = append(failed, call)
		}
		var known link.Known
		if call == 4 && (json.Unmarshal(answer.Body, &known) != nil || string(known.Value) != "3" || !known.Headless) {
			t.Errorf("known %+v", known)
		}
	}
	if !slices.Equal(failed, []uint64{2, 3, 5, 6, 7, 8}) {
		t.Errorf("refused: %d", failed)
	}
}

// FuzzFront sends anything as a message of a browser: nothing but the value of a known key may change, and only to one
// that its rule allows.
func FuzzFront(f *testing.F) {
	f.Add(`{"comm_id":"a","data":{"method":"update","state":{"value":5},"buffer_paths":[["payload"]]}}`, []byte("x"))
	f.Add(`{"comm_id":"a","data":{"method":"update","state":{"value":[1,2],"_model_name":""}}}`, []byte(nil))
	f.Add(`{"comm_id":"c","data":{"method":"request_states"}}`, []byte(nil))
	f.Fuzz(func(t *testing.T, content string, buffer []byte) {
		m, _ := recorder(t)
		c, _ := program(t)
		if err := open(t, m, c, "a", "", ""); err != nil {
			t.Fatal(err)
		}
		m.controls = []string{"c"}
		var buffers [][]byte
		if buffer != nil {
			buffers = [][]byte{buffer}
		}
		_ = m.FromFront(nil, "comm_msg", json.RawMessage(content), nil, buffers)
		w := m.models["a"]
		n, whole := w.state["value"].(json.Number)
		_, err := n.Int64()
		if _, text := w.state["payload"].(string); !whole || err != nil || !text || len(w.state) != 2 {
			t.Errorf("state %v", w.state)
		}
	})
}
