package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/protocol"
)

// The protocols of a table, by the real program: a second call reads what the first has kept.
func TestProtocolsCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := "protocols --state state --json p.json --html p.html --protocols classes,domains --folds 2 " +
		"--seeds 4,5 --val 0.2" + strings.Replace(small, "--epochs 3", "--epochs 1", 1) + "builtin:8"
	said := siameseSays(t, dir, args, "unseen classes: 2 of 2 folds finished, 2 training(s) each",
		"unseen domains: 2 of 2 folds",
		"1/8 classes, fold 1 of 2, seed 4: MAP@R ", "8/8 domains, fold 2 of 2, seed 5: ",
		"classifier's last hidden layer", "MAP@R: ", "against the ")
	text, err := os.ReadFile(filepath.Join(dir, "p.json"))
	if err != nil {
		t.Fatal(err)
	}
	var report protocol.Report
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Protocols) != 2 || len(report.Protocols[0].Folds[1].Reports) != 2 ||
		report.Protocols[0].Complete != 2 {
		t.Errorf("%+v", report)
	}
	if !strings.Contains(said, report.String()) {
		t.Errorf("%s\nis not in\n%s", report.String(), said)
	}
	page, err := os.ReadFile(filepath.Join(dir, "p.html"))
	if err != nil || !strings.Contains(string(page), "<h2>unseen domains</h2>") {
		t.Errorf("%.300s, %v", page, err)
	}
	siameseSays(t, dir, "report --html again.html p.json", report.String())
	if same, err := os.ReadFile(filepath.Join(dir, "again.html")); err != nil || string(same) != string(page) {
		t.Errorf("the page of the file differs: %v", err)
	}
	again := siameseSays(t, dir, args, "8/8 domains, fold 2 of 2, seed 5: ", "(from the state)", report.String())
	if strings.Contains(again, "epoch") {
		t.Errorf("it trains what is done:\n%s", again)
	}
}

func TestProtocolsComplaints(t *testing.T) {
	for args, want := range map[string]string{
		"protocols":                              "<data>",
		"protocols --seeds 4,x builtin:5":        "--seeds: ",
		"protocols --html none/x.html builtin:5": "write none/x.html",
		"protocols --folds x builtin:5":          "--folds: ",
		"protocols --protocols people builtin:5": `--protocols: "people"`,
		"protocols --dropout 2 builtin:5":        "--dropout: 2",
		"protocols --backend tpu builtin:5":      `backend "tpu"`,
	} {
		if status, _, errOut := call(strings.Fields(args)...); status == 0 || !strings.Contains(errOut, want) {
			t.Errorf("siamese %s: status %d, %s", args, status, errOut)
		}
	}
}
