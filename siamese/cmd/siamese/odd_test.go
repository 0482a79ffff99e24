package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Command lines that a stranger may try: what is wrong with them is said in the words of the command line.
func TestOddCommandLines(t *testing.T) {
	dir := t.TempDir()
	// Queries come from a pipe below.
	c := siameseCommand(t, dir, "search --backend go --query - --k 1 m.safetensors items.csv")
	t.Chdir(dir)
	var items, numbered strings.Builder
	items.WriteString("id,label,nr,x\n")
	numbered.WriteString("id,label,nr,x\n")
	for i := range 60 {
		fmt.Fprintf(&items, "i%d,c%d,%d,%d.5\n", i, i%3, i*i*7%501, i*13%61+20*(i%3))
		fmt.Fprintf(&numbered, "q%d,c%d,%d,%d.5\n", i, i%3, i, i*17%61+20*(i%3))
	}
	for name, text := range map[string]string{"items.csv": items.String(), "new.csv": numbered.String(), "-": "x"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if status, _, errOut := call(strings.Fields("train --out m.safetensors" + small + "items.csv")...); status != 0 {
		t.Fatal(errOut)
	}
	for _, test := range []struct {
		args   string
		status int
		want   string
	}{
		{"compare --backend go m.safetensors items.csv i1 i2 i1", 2, "i1 is given twice"},
		{"train --out n.safetensors --held-out-domains=nope items.csv", 1, "domains"},
		{"search --k x --query i1 m.safetensors items.csv", 2, `--k: "x" is not a whole number`},
		{"search --k 1e1 --query i1 m.safetensors items.csv", 2, `"1e1" is not a whole number`},
		{"split --out s.json --seed -1 items.csv", 2, `--seed: "-1" is not a whole number from 0`},
		{"split --out s.json --val 0,5 items.csv", 2, "decimal point"},
		{"protocols --seeds 1,a items.csv", 2, `--seeds: "a"`},
		{"split --out s.json --held-out-count=9 items.csv", 1, "--held-out-count: 9 classes"},
	} {
		status, _, errOut := call(strings.Fields(test.args)...)
		if status != test.status || !strings.Contains(errOut, test.want) {
			t.Errorf("siamese %s: status %d, %s", test.args, status, errOut)
		}
	}
	// A number that begins with 0 is decimal.
	status, out, errOut := call("search", "--backend=go", "--query=i1", "--k=010", "m.safetensors", "items.csv")
	if status != 0 || strings.Count(out, "\n") != 1+10 {
		t.Errorf("status %d, %s%s", status, out, errOut)
	}
	// Queries from a pipe, where a column of the model numbers them, though a file is called - too.
	c.Stdin = strings.NewReader(numbered.String())
	said, err := c.Output()
	if err != nil || strings.Count(string(said), "(threshold ") != 60 {
		t.Errorf("%v: %d bytes: %.300s", err, len(said), said)
	}
}
