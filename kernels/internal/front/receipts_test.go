package front

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/internal/wire"
	"github.com/go-siamese/lab/kernels/plugin"
	"github.com/go-siamese/lab/siamese/version"
)

// newProver starts a kernel that makes receipts, for a checkout with some files.
func newProver(t *testing.T) (u *user, checkout, journal string) {
	t.Helper()
	t.Setenv(plugin.DirEnv, t.TempDir())
	t.Setenv(plugin.BackendEnv, "go")
	checkout, journal = t.TempDir(), t.TempDir()
	old := time.Now().Add(-time.Hour)
	for name, content := range map[string]string{"go.mod": "module m\n", "go.sum": "sum", "a.csv": "a,b\n", "images/1.png": "one",
		"images/x/2.png": "two", "images/.hidden": "no"} {
		path := filepath.Join(checkout, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	u = newUser(t, func(o *Options) { o.Checkout, o.History, o.Notebook = checkout, journal, "n.ipynb" })
	return u, checkout, journal
}

// proven returns the receipts in the metadata of a reply.
func (r reply) proven(t *testing.T) (cell receipt.Cell, notebook receipt.Notebook) {
	t.Helper()
	var m struct {
		Siamese struct {
			Cell     receipt.Cell
			Notebook receipt.Notebook
		}
	}
	if err := json.Unmarshal(r.metadata, &m); err != nil {
		t.Fatalf("%s: %v", r.metadata, err)
	}
	return m.Siamese.Cell, m.Siamese.Notebook
}

// TestReceipt: a cell's receipt has what its programs tell, with digests of the files; the journal has it too.
func TestReceipt(t *testing.T) {
	u, dir, journal := newProver(t)
	made := filepath.Join(dir, "made.csv")
	code := "guard program print=0.5s volatile=0.5s volatile=0.7s seed=7 seed=3 kept=key read=" + filepath.Join(dir, "a.csv") +
		" read=" + filepath.Join(dir, "images") + " write=" + made + " wrote=" + made + " read=" + made
	cell, notebook := u.run(code).proven(t)
	if cell.Seconds < 0 {
		t.Errorf("%v s", cell.Seconds)
	}
	var shown receipt.Outputs
	shown.Stream("stdout", "0.5s\n")
	// As coreutils say: sha256sum a.csv; (cd images; sha256sum 1.png x/2.png, with quoted names) | sha256sum.
	want := receipt.Cell{Code: receipt.Digest([]byte(code)), Outputs: shown.Digest(), Seconds: cell.Seconds,
		Read: []receipt.File{{Name: "a.csv", Bytes: 4},
			{Name: "images", Bytes: 6}},
		Written:  []receipt.File{{Name: "made.csv", Bytes: 5, SHA: receipt.Digest([]byte("other"))}},
		Volatile: []string{"0.5s"}, Facts: map[string][]string{"seed": {"3", "7"}}, Session: true}
	want.Read[0].SHA = receipt.Digest([]byte("a,b\n"))
	want.Read[1].SHA = receipt.Digest([]byte(receipt.Digest([]byte("one")) + " \"1.png\"\n" + receipt.Digest([]byte("two")) +
		" \"x/2.png\"\n"))
	if diff := cmp.Diff(want, cell); diff != "" {
		t.Errorf("the cell's (-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(notebook.Go, "go1.") || notebook.Backend != "go" || notebook.Plugin != nil ||
		notebook.GoSum != receipt.Digest([]byte("sum")) || notebook.Lab.Version != version.Version ||
		len(notebook.Lab.Code) != 64 || notebook.Processor.Cores < 1 || notebook.Format != receipt.Format {
		t.Errorf("the notebook's: %+v", notebook)
	}
	entries, err := receipt.NewJournal(journal, "n.ipynb").Entries()
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	if diff := cmp.Diff(receipt.Entry{ID: entries[0].ID, Cell: cell, Notebook: notebook}, entries[0]); diff != "" {
		t.Errorf("the journal's (-want +got):\n%s", diff)
	}
	// Nothing of this is in a receipt.
	for _, no := range []string{dir, journal, os.TempDir()} {
		if text, _ := json.Marshal(entries); strings.Contains(string(text), no) {
			t.Errorf("%s is in %s", no, text)
		}
	}
	// A file that is read, and then written by the cell itself, is not known any more; nor is one that is gone.
	read := filepath.Join(dir, "go.sum")
	cell, _ = u.run("guard program read=" + read + " write=" + read + " wrote=" + read + " read=" + filepath.Join(dir, "gone")).proven(t)
	if diff := cmp.Diff([]receipt.File{{Name: "go.sum"}, {Name: "gone"}}, cell.Read); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	// Another content is another digest, the code of the lab as of the cell's beginning, and a failure has a receipt.
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := u.run("guard program status=3 seed=8")
	failed, after := r.proven(t)
	if r.status() != "error ExitStatus" || !slices.Equal(failed.Facts["seed"], []string{"8"}) || after.Lab.Code == notebook.Lab.Code ||
		after.GoSum != receipt.Digest([]byte("other")) {
		t.Errorf("%s: %+v %+v", r.status(), failed, after)
	}
	// What is silent has none.
	if r := u.wait(u.execute("print x", map[string]any{"silent": true})); string(r.metadata) != "{}" {
		t.Errorf("a silent cell's metadata is %s", r.metadata)
	}
}

// TestReceiptOutputs: the digest of outputs is of what a front end keeps of them, also where a later cell changes them.
func TestReceiptOutputs(t *testing.T) {
	u, _, journal := newProver(t)
	entry := func(i int) receipt.Cell {
		t.Helper()
		entries, err := receipt.NewJournal(journal, "n.ipynb").Entries()
		if err != nil || len(entries) <= i {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		return entries[i].Cell
	}
	cell, _ := u.run("print a\nguard program print=b show=old print=c clear print=d show=old\nshow <b>\nprinterr e").proven(t)
	var want receipt.Outputs
	want.Stream("stdout", "d\n")
	want.Show("display_data", map[string]any{"text/plain": "old"}, nil, "id")
	want.Show("display_data", map[string]any{"text/html": "<b>"}, nil, "")
	want.Stream("stderr", "e\n")
	if cell.Outputs != want.Digest() {
		t.Errorf("outputs %s, want %s", cell.Outputs, want.Digest())
	}
	u.run("guard program show=new")
	want.Update("id", map[string]any{"text/plain": "new"}, nil)
	for end := time.Now().Add(20 * time.Second); entry(0).Outputs != want.Digest(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("outputs that a later cell has changed: %s, want %s", entry(0).Outputs, want.Digest())
		}
	}
	// An error is an output.
	r := u.run("fail Fault")
	cell, _ = r.proven(t)
	m := u.must("error", func(m wire.Request) bool { return m.Channel == wire.IOPub && m.Header.Type == "error" })
	var shown showing
	if err := json.Unmarshal(m.Content, &shown); err != nil {
		t.Fatal(err)
	}
	want = receipt.Outputs{}
	want.Error(shown.Error, shown.Value, shown.Traceback)
	if cell.Outputs != want.Digest() || shown.Error == "" {
		t.Errorf("outputs %s, want %s of %+v", cell.Outputs, want.Digest(), shown)
	}
}

// TestReceiptStopped: a cell that is over but for the digest of what it read ends when it is stopped, without that digest.
func TestReceiptStopped(t *testing.T) {
	u, dir, _ := newProver(t)
	path := filepath.Join(dir, "huge")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(1<<38), f.Close()); err != nil { // it takes no room, and minutes to hash
		t.Fatal(err)
	}
	id := u.execute("guard program read="+path+" print=over", nil)
	u.must("output", func(m wire.Request) bool { return m.Header.Type == "stream" && m.ParentID() == id })
	stop := make(chan struct{})
	stopped := make(chan struct{})
	go func() { // the first may come before the program has ended
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
				m, err := u.client.New("interrupt_request", nil, struct{}{})
				if err == nil {
					err = u.client.Send(wire.Control, m)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	cell, _ := u.wait(id).proven(t)
	close(stop)
	<-stopped
	if diff := cmp.Diff([]receipt.File{{Name: "huge"}}, cell.Read); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	// The kernel goes on.
	if cell, _ := u.run("print x").proven(t); cell.Code != receipt.Digest([]byte("print x")) {
		t.Errorf("the next cell's receipt: %+v", cell)
	}
}
