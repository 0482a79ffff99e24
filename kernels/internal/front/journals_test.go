package front

import (
	"encoding/json"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/internal/wire"
)

// A request tells its notebook where VS Code sent it, and the receipt goes to that notebook's journal.
func TestNotebookOf(t *testing.T) {
	for id, want := range map[string]string{
		"vscode-notebook-cell:/home/ann/n.ipynb#W0sZmlsZQ%3D%3D":                           "/home/ann/n.ipynb",
		"vscode-notebook-cell:/home/ann/a%20b%23.ipynb#W1sZmlsZQ==":                        "/home/ann/a b#.ipynb",
		"vscode-notebook-cell://ssh-remote%2Bhost/srv/n.ipynb#W2sdnNjb2RlLXJlbW90ZQ%3D%3D": "/srv/n.ipynb",
		"vscode-notebook-cell:Untitled-1.ipynb?jupyter-notebook#W0sdW50aXRsZWQ%3D":         "",
		"0f6a2a5e-13d6-4b8e-a3bd-3c2b4d6f8a10":                                             "", // JupyterLab's
		"":                                                                                 "", "http://x/n.ipynb": "", "vscode-notebook-cell:%zz": "",
	} {
		metadata, err := json.Marshal(map[string]any{"cellId": id})
		if err != nil {
			t.Fatal(err)
		}
		if got := notebookOf(metadata); got != want {
			t.Errorf("%s is of %q, want %q", id, got, want)
		}
	}
	for _, metadata := range []string{"", "null", "[]", `{"cellId": 1}`} {
		if got := notebookOf(json.RawMessage(metadata)); got != "" {
			t.Errorf("%s is of %q", metadata, got)
		}
	}
}

// TestJournals: executions are kept by the notebook that their request tells, else by the kernel's.
func TestJournals(t *testing.T) {
	u, _, history := newProver(t)
	own, _ := u.run("guard program print=own").proven(t)
	request, err := u.client.New("execute_request", nil, map[string]any{"code": "guard program print=other",
		"store_history": true})
	if err != nil {
		t.Fatal(err)
	}
	request.Metadata = json.RawMessage(`{"cellId": "vscode-notebook-cell:/other.ipynb#W0s"}`)
	if err := u.client.Send(wire.Shell, request); err != nil {
		t.Fatal(err)
	}
	other, _ := u.wait(request.Header.ID).proven(t)
	for name, want := range map[string]receipt.Cell{"n.ipynb": own, "/other.ipynb": other} {
		entries, err := receipt.NewJournal(history, name).Entries()
		if err != nil || len(entries) != 1 || entries[0].Cell.Code != want.Code || want.Code == "" {
			t.Errorf("%s has %+v, %v, want %+v", name, entries, err, want)
		}
	}
}
