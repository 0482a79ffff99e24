package front

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/labtest"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// enough is a time that nothing takes which comes at all, on the slowest machine.
const enough = labtest.Enough

// user is a front end that talks to a kernel under test.
type user struct {
	t      *testing.T
	client *wire.Client
	ended  chan error // what Run returned
	got    []wire.Request
}

// newUser starts a kernel with a toy for GoNB and connects to it.
func newUser(t *testing.T, change func(o *Options)) *user {
	t.Helper()
	dir, err := os.MkdirTemp("", "user-*") // a socket's path is short, and the name of a test is not
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	connection := wire.Private(dir, "key")
	o := Options{Connection: filepath.Join(dir, "kernel-test.json"), GoNB: toy(), Env: []string{toyEnv + "=gonb"},
		Language: "go1.26", Log: labtest.LogTo(t)}
	if change != nil {
		change(&o)
	}
	if err := connection.Write(o.Connection); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	u := &user{t: t, ended: make(chan error, 1)}
	over := make(chan struct{})
	go func() {
		defer close(over)
		u.ended <- Run(ctx, o)
	}()
	t.Cleanup(func() { cancel(); <-over })
	dialing, done := context.WithTimeout(ctx, enough)
	defer done()
	if u.client, err = wire.Dial(dialing, connection); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.client.Close)
	// What is published before the kernel has read the subscription is lost: ask until something comes.
	for end := time.Now().Add(enough); ; {
		id := u.send(wire.Shell, "kernel_info_request", struct{}{})
		if u.find(200*time.Millisecond, func(m wire.Request) bool { return isIdle(m, id) }) != nil {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the kernel publishes nothing")
		}
	}
	return u
}

// isIdle reports whether a message says that a request was dealt with.
func isIdle(m wire.Request, id string) bool {
	return m.Channel == wire.IOPub && m.ParentID() == id && m.Header.Type == "status" &&
		strings.Contains(string(m.Content), "idle")
}

// send sends a request and returns its id.
func (u *user) send(channel wire.Channel, kind string, content any) string {
	u.t.Helper()
	m, err := u.client.New(kind, nil, content)
	if err != nil {
		u.t.Fatal(err)
	}
	if err := u.client.Send(channel, m); err != nil {
		u.t.Fatal(err)
	}
	return m.Header.ID
}

// find returns the first message that fits and was not found before, or nil when a time has passed.
func (u *user) find(limit time.Duration, fits func(m wire.Request) bool) *wire.Request {
	for i, m := range u.got {
		if fits(m) {
			u.got = slices.Delete(u.got, i, i+1)
			return &m
		}
	}
	timeout := time.After(limit)
	for {
		select {
		case m, ok := <-u.client.Messages:
			if !ok {
				return nil
			}
			if fits(m) {
				return &m
			}
			u.got = append(u.got, m)
		case <-timeout:
			return nil
		}
	}
}

// must is find with a time that is enough.
func (u *user) must(what string, fits func(m wire.Request) bool) wire.Request {
	u.t.Helper()
	m := u.find(enough, fits)
	if m == nil {
		for _, m := range u.got {
			u.t.Logf("there is: %s %s %s", m.Channel, m.Header.Type, m.Content)
		}
		u.t.Fatalf("no %s came", what)
	}
	return *m
}

// reply is the content of a reply, with what was published for the request.
type reply struct {
	kind     string
	content  map[string]any
	metadata json.RawMessage
	outputs  []string // "stdout: text", "display_data: …": the kinds with what they say
	statuses []string
}

// wait waits for the reply to a request and its end.
func (u *user) wait(id string) reply {
	u.t.Helper()
	m := u.must("reply", func(m wire.Request) bool {
		return (m.Channel == wire.Shell || m.Channel == wire.Control) && m.ParentID() == id
	})
	r := reply{kind: m.Header.Type, metadata: m.Metadata}
	if err := json.Unmarshal(m.Content, &r.content); err != nil {
		u.t.Fatal(err)
	}
	u.must("idle", func(m wire.Request) bool {
		if m.Channel == wire.IOPub && m.ParentID() == id {
			r.add(m)
		}
		return isIdle(m, id)
	})
	return r
}

// add notes what was published.
func (r *reply) add(m wire.Request) {
	var c map[string]any
	_ = json.Unmarshal(m.Content, &c)
	switch m.Header.Type {
	case "status":
		r.statuses = append(r.statuses, fmt.Sprint(c["execution_state"]))
	case "stream":
		name, text := fmt.Sprint(c["name"]), fmt.Sprint(c["text"])
		if n := len(r.outputs); n > 0 && strings.HasPrefix(r.outputs[n-1], name+": ") {
			r.outputs[n-1] += text
		} else {
			r.outputs = append(r.outputs, name+": "+text)
		}
	case "execute_input":
		r.outputs = append(r.outputs, fmt.Sprintf("input %v: %v", c["execution_count"], c["code"]))
	case "error":
		r.outputs = append(r.outputs, fmt.Sprintf("error: %v", c["ename"]))
	default:
		r.outputs = append(r.outputs, fmt.Sprintf("%s: %v", m.Header.Type, c["data"]))
	}
}

// run executes a cell.
func (u *user) run(code string) reply {
	u.t.Helper()
	return u.wait(u.execute(code, nil))
}

// execute sends a cell, with the fields of more beside its code.
func (u *user) execute(code string, more map[string]any) string {
	u.t.Helper()
	content := map[string]any{"code": code, "silent": false, "store_history": true, "user_expressions": map[string]string{},
		"allow_stdin": true, "stop_on_error": true}
	for name, value := range more {
		content[name] = value
	}
	return u.send(wire.Shell, "execute_request", content)
}

// held returns a line that holds up a cell until it is let go.
func held(t *testing.T) (line string, let func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "go on")
	return "until " + path, func() {
		t.Helper()
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// status returns a reply's status, with the name of its error.
func (r reply) status() string {
	if name, ok := r.content["ename"]; ok {
		return fmt.Sprintf("%v %v", r.content["status"], name)
	}
	return fmt.Sprint(r.content["status"])
}

// TestExecute: cells are counted, silent ones are not, and the front end sees what they print and show with the states
// around.
func TestExecute(t *testing.T) {
	u := newUser(t, nil)
	r := u.run("print one\nshow <b>\nprinterr two\nprint three")
	want := []string{"input 1: print one\nshow <b>\nprinterr two\nprint three", "stdout: one\n",
		"display_data: map[text/html:<b>]", "stderr: two\n", "stdout: three\n"}
	if diff := cmp.Diff(want, r.outputs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"busy", "idle"}, r.statuses); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if r.status() != "ok" || r.content["execution_count"] != 1.0 {
		t.Errorf("reply %v", r.content)
	}
	for _, test := range []struct {
		code    string
		more    map[string]any
		count   float64
		outputs []string
	}{
		{"print x", map[string]any{"silent": true}, 1, []string{"stdout: x\n"}},
		{"print x", map[string]any{"store_history": false}, 1, []string{"input 1: print x", "stdout: x\n"}},
		{" \n", nil, 1, nil},
		{"print x", nil, 2, []string{"input 2: print x", "stdout: x\n"}},
	} {
		r := u.wait(u.execute(test.code, test.more))
		if r.status() != "ok" || r.content["execution_count"] != test.count || !slices.Equal(r.outputs, test.outputs) {
			t.Errorf("%q %v: reply %v, outputs %q", test.code, test.more, r.content, r.outputs)
		}
	}
	r = u.wait(u.execute("", map[string]any{"user_expressions": map[string]string{"x": "1+1"}}))
	if e := r.content["user_expressions"].(map[string]any)["x"].(map[string]any); e["status"] != "error" {
		t.Errorf("expressions %v", r.content)
	}
}

// TestRequests: every request is answered with its own kind of reply between busy and idle, whatever it holds.
func TestRequests(t *testing.T) {
	u := newUser(t, nil)
	for _, test := range []struct {
		channel wire.Channel
		kind    string
		content any
		want    string // of the status
	}{
		{wire.Shell, "kernel_info_request", struct{}{}, "ok"},
		{wire.Control, "kernel_info_request", struct{}{}, "ok"},
		{wire.Shell, "is_complete_request", map[string]string{"code": "func f() {"}, "incomplete"},
		{wire.Shell, "history_request", map[string]any{"hist_access_type": "tail", "n": 3}, "ok"},
		{wire.Shell, "history_request", map[string]any{"n": "three"}, "error BadRequest"},
		{wire.Shell, "comm_info_request", struct{}{}, "ok"},
		{wire.Shell, "complete_request", map[string]any{"code": "x", "cursor_pos": 1}, "ok"},
		{wire.Shell, "complete_request", map[string]any{"code": 1}, "error BadRequest"},
		{wire.Shell, "inspect_request", map[string]any{"code": "\n", "cursor_pos": 1, "detail_level": 0}, "ok"},
		{wire.Shell, "execute_request", map[string]any{"code": 1}, "error BadRequest"},
		{wire.Control, "debug_request", struct{}{}, "error NotSupported"},
		{wire.Shell, "no_such_request", struct{}{}, "error NotSupported"},
		{wire.Control, "interrupt_request", struct{}{}, "ok"},
	} {
		r := u.wait(u.send(test.channel, test.kind, test.content))
		if want := strings.TrimSuffix(test.kind, "request") + "reply"; r.kind != want || r.status() != test.want {
			t.Errorf("%s: %s, %s", test.kind, r.kind, r.status())
		}
		if !slices.Equal(r.statuses, []string{"busy", "idle"}) {
			t.Errorf("%s: states %v", test.kind, r.statuses)
		}
	}
	// A comm that nobody knows is closed.
	id := u.send(wire.Shell, "comm_open", map[string]any{"comm_id": "x", "target_name": "t", "data": struct{}{}})
	u.must("comm_close", func(m wire.Request) bool { return m.Header.Type == "comm_close" && m.ParentID() == id })
	// The kernel answers while a cell runs, and front ends go on seeing it as busy.
	wait, let := held(t)
	cell := u.execute(wait, nil)
	u.must("input", func(m wire.Request) bool { return m.Header.Type == "execute_input" && m.ParentID() == cell })
	r := u.wait(u.send(wire.Shell, "complete_request", map[string]any{"code": "x", "cursor_pos": 1}))
	if r.status() != "ok" {
		t.Errorf("complete while a cell runs: %v", r.content)
	}
	last := u.must("busy", func(m wire.Request) bool { return m.Header.Type == "status" && m.ParentID() == cell })
	if !strings.Contains(string(last.Content), "busy") {
		t.Errorf("state %s", last.Content)
	}
	u.must("busy again", func(m wire.Request) bool { return m.Header.Type == "status" && m.ParentID() == cell })
	let()
	if r := u.wait(cell); r.status() != "ok" {
		t.Errorf("the cell: %v", r.content)
	}
}

// TestInfo sees that notebooks get the same language on every machine, and that front ends know its colours.
func TestInfo(t *testing.T) {
	u := newUser(t, nil)
	r := u.wait(u.send(wire.Shell, "kernel_info_request", struct{}{}))
	want := map[string]any{"name": "go", "version": "go1.26", "mimetype": "text/x-go", "file_extension": ".go",
		"pygments_lexer": "go", "codemirror_mode": "go", "nbconvert_exporter": ""}
	if diff := cmp.Diff(want, r.content["language_info"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.content["protocol_version"] != wire.Version || r.content["implementation"] != "siamese" {
		t.Errorf("%v", r.content)
	}
}

// TestAbort: what is queued behind a failed cell is aborted, and so is what was sent before it failed and comes late.
// What is sent after it runs, and so does what is behind a failure that was expected.
func TestAbort(t *testing.T) {
	u := newUser(t, func(o *Options) { o.Limits.Moment = time.Hour })
	wait, let := held(t)
	cells := []string{u.execute(wait+"\nfail Broken", nil), u.execute("print a", nil), u.execute("print b", nil)}
	let()
	var got []string
	for _, id := range cells {
		r := u.wait(id)
		got = append(got, r.status())
		if !slices.Equal(r.statuses, []string{"busy", "idle"}) {
			t.Errorf("states %v", r.statuses)
		}
	}
	if diff := cmp.Diff([]string{"error CellError", "aborted", "aborted"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	late, err := u.client.New("execute_request", nil, map[string]any{"code": "print late"})
	if err != nil {
		t.Fatal(err)
	}
	late.Header.Date = time.Now().Add(-2 * time.Hour).UTC().Format(time.RFC3339Nano)
	if err := u.client.Send(wire.Shell, late); err != nil {
		t.Fatal(err)
	}
	if r := u.wait(late.Header.ID); r.status() != "aborted" {
		t.Errorf("late: %s", r.status())
	}
	if r := u.run("print again"); r.status() != "ok" || r.content["execution_count"] != 2.0 {
		t.Errorf("right behind: %v", r.content)
	}
	wait, let = held(t)
	cells = []string{u.execute(wait+"\nfail Expected", map[string]any{"stop_on_error": false}),
		u.execute("print c", nil)}
	let()
	if a, b := u.wait(cells[0]), u.wait(cells[1]); a.status() != "error CellError" || b.status() != "ok" {
		t.Errorf("behind an expected failure: %s, %s", a.status(), b.status())
	}
}

// TestPrograms: how the programs of a cell end decides, what they say comes in their order, and what GoNB says of them
// is not shown.
func TestPrograms(t *testing.T) {
	u := newUser(t, nil)
	for _, test := range []struct {
		code, want string
		outputs    []string
	}{
		{"guard program print=a show=x print=b", "ok",
			[]string{"stdout: a\n", "display_data: map[text/plain:x]", "stdout: b\n"}},
		{"guard program show=new clear", "ok", []string{"update_display_data: map[text/plain:new]", "clear_output: <nil>"}},
		{"guard program print=a status=3\nstatus 3", "error ExitStatus", []string{"stdout: a\n", "error: ExitStatus"}},
		{"print a\nstatus 2", "error ScriptError", []string{"stdout: a\n", "error: ScriptError"}},
		{"printerr exit status 2 is what it says", "ok", []string{"stderr: exit status 2 is what it says\n"}},
		{"guard build\nguard program print=built", "ok", []string{"stdout: built\n"}},
	} {
		r := u.run(test.code)
		if r.status() != test.want {
			t.Errorf("%q: %s", test.code, r.status())
		}
		if diff := cmp.Diff(test.outputs, r.outputs[1:]); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.code, diff)
		}
	}
}

// TestInput: a question goes to who has sent the cell, by their channel, and the answer to the program; where nobody
// can type the cell fails.
func TestInput(t *testing.T) {
	u := newUser(t, nil)
	for code, want := range map[string]string{
		"guard program ask=Name":  "stdout: \"Ada\" false\n",
		"prompt Name":             "stdout: {\"value\":\"Ada\"}\n",
		"guard program print=a\n": "stdout: a\n",
	} {
		id := u.execute(code, nil)
		if strings.Contains(code, "Name") {
			m := u.must("question", func(m wire.Request) bool { return m.Channel == wire.Stdin && m.ParentID() == id })
			if m.Header.Type != "input_request" || string(m.Content) != `{"password":false,"prompt":"Name"}` {
				t.Errorf("%s: %s %s", code, m.Header.Type, m.Content)
			}
			u.send(wire.Stdin, "input_reply", map[string]string{"value": "Ada"})
		}
		if r := u.wait(id); r.status() != "ok" || !slices.Equal(r.outputs[1:], []string{want}) {
			t.Errorf("%s: %s, %q", code, r.status(), r.outputs)
		}
	}
	r := u.wait(u.execute("guard program ask=Name", map[string]any{"allow_stdin": false}))
	if r.status() != "error NoInput" || r.outputs[1] != "stdout: \"\" true\n" {
		t.Errorf("nobody there: %s, %q", r.status(), r.outputs)
	}
	// An interrupt ends the wait.
	id := u.execute("guard program ask=Name", nil)
	u.must("question", func(m wire.Request) bool { return m.Channel == wire.Stdin })
	u.send(wire.Control, "interrupt_request", struct{}{})
	if r := u.wait(id); r.status() != "error Interrupted" {
		t.Errorf("interrupted: %s", r.status())
	}
}

// TestHistory: what was executed is kept over kernels, by notebook, and found by range, tail and search.
func TestHistory(t *testing.T) {
	dir := t.TempDir()
	with := func(notebook string) func(*Options) {
		return func(o *Options) { o.History, o.Notebook = dir, notebook }
	}
	first := newUser(t, with("a.ipynb"))
	first.run("print 1")
	first.run("print 2")
	first.send(wire.Control, "shutdown_request", map[string]bool{"restart": false})
	if err := <-first.ended; err != nil {
		t.Fatal(err)
	}
	u := newUser(t, with("a.ipynb"))
	u.run("print 3")
	u.run("print 1")
	ask := func(more map[string]any) [][]any {
		content := map[string]any{"output": false, "raw": true}
		for name, value := range more {
			content[name] = value
		}
		r := u.wait(u.send(wire.Shell, "history_request", content))
		var rows [][]any
		for _, row := range r.content["history"].([]any) {
			rows = append(rows, row.([]any))
		}
		return rows
	}
	row := func(session, line float64, input any) []any { return []any{session, line, input} }
	for name, test := range map[string]struct {
		ask  map[string]any
		want [][]any
	}{
		"tail":   {map[string]any{"hist_access_type": "tail", "n": 2}, [][]any{row(2, 1, "print 3"), row(2, 2, "print 1")}},
		"range":  {map[string]any{"hist_access_type": "range", "session": -1, "start": 2}, [][]any{row(1, 2, "print 2")}},
		"search": {map[string]any{"hist_access_type": "search", "pattern": "*1", "unique": true}, [][]any{row(2, 2, "print 1")}},
		"output": {map[string]any{"hist_access_type": "tail", "n": 1, "output": true},
			[][]any{row(2, 2, []any{"print 1", nil})}},
	} {
		if diff := cmp.Diff(test.want, ask(test.ask)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if h := openHistory(dir, "b.ipynb"); len(h.entries) != 0 || h.session != 1 {
		t.Errorf("another notebook has %v", h.entries)
	}
	h := openHistory("", "")
	for i := range maxCells + 10 {
		if err := h.add(i, strings.Repeat("x", 2000)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(h.entries); n != maxBytes/2000 {
		t.Errorf("%d cells are kept", n)
	}
}

// TestHistoryShared: kernels of one notebook that run at once do not take each other's cells for forgotten, and are
// sessions of their own.
func TestHistoryShared(t *testing.T) {
	dir := t.TempDir()
	a, b := openHistory(dir, "n"), openHistory(dir, "n")
	for i, h := range []*history{a, b, b, a, b} {
		if err := h.add(i, fmt.Sprint("cell ", i)); err != nil {
			t.Fatal(err)
		}
	}
	want := []entry{{1, 0, "cell 0"}, {2, 1, "cell 1"}, {2, 2, "cell 2"}, {1, 3, "cell 3"}, {2, 4, "cell 4"}}
	if diff := cmp.Diff(want, openHistory(dir, "n").entries); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if a.session != 1 || b.session != 2 {
		t.Errorf("sessions %d and %d", a.session, b.session)
	}
	// A file that was damaged is written anew, with what this kernel knows.
	if err := os.WriteFile(b.path, []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.add(5, "cell 5"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(append(want, entry{2, 5, "cell 5"}), openHistory(dir, "n").entries); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMatches: a pattern is matched as a shell would, in time that does not explode.
func TestMatches(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"a*c", "abc", true}, {"a?c", "aéc", true}, {"a?c", "ac", false}, {"*b*", "a\nb/c", true},
		{"a", "ab", false}, {"", "", true}, {strings.Repeat("*a", 50) + "b", strings.Repeat("a", 5000), false},
	} {
		if got := matches(test.pattern, test.text); got != test.want {
			t.Errorf("%.20q %.20q: %v", test.pattern, test.text, got)
		}
	}
}
