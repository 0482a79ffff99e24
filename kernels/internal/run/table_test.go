package run

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

func TestNumbers(t *testing.T) {
	tests := []struct {
		results string
		want    []Number
	}{
		{"", nil},
		{"no numbers, not v0.1, Recall@1 or siamese-2", nil},
		{"loss 0.25", []Number{{Name: "loss", Value: 0.25}}},
		{"loss = -1.5e-3 after 20,000 steps", []Number{{Name: "loss", Value: -0.0015}, {Name: "after", Value: 20000}}},
		{"accuracy: 91.5%.", []Number{{Name: "accuracy", Value: 91.5}}},
		{"42", []Number{{Name: "line 1, number 1", Value: 42}}},
		{"hey: 2 columns, 3 times", []Number{{Name: "hey", Value: 2}, {Name: "times", Value: 3}}},
		{"loss 1\nloss 2", []Number{{Name: "loss", Value: 1}, {Name: "loss (2)", Value: 2}}},
		{"MAP@R on validation items 0.669, on test classes 0.572", []Number{
			{Name: "MAP@R on validation items", Value: 0.669}, {Name: "on test classes", Value: 0.572}}},
		// As the lab's reports are printed.
		{"in brackets: 95 % intervals\n" +
			"items: similarity               ROC-AUC                   EER  accuracy\n" +
			"new: raw, no training    0.788 [0.763, 0.811]  0.275 [0.254, 0.296]       1\n" +
			"new: encoder 2           0.899 [0.885, 0.912]  0.184 [0.170, 0.199]       –\n\n" +
			"new: +0.25 [-0.1, +0.5]", []Number{
			{Name: "in brackets", Value: 95},
			{Name: "new: raw, no training: ROC-AUC", Value: 0.788}, {Name: "new: raw, no training: EER", Value: 0.275},
			{Name: "new: raw, no training: accuracy", Value: 1},
			{Name: "new: encoder 2: ROC-AUC", Value: 0.899}, {Name: "new: encoder 2: EER", Value: 0.184},
			{Name: "new", Value: 0.25}}},
	}
	for _, test := range tests {
		got := Numbers(test.results)
		if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(Number{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.results, diff)
		}
	}
}

// table is that of three runs: done, failed, and one whose results have other numbers.
func table() Table {
	job := func(seed, word string) Job {
		return Job{"a/n.ipynb", []notebook.Set{{Name: "Seed", Value: seed}, {Name: "Word", Value: word}}}
	}
	return Table{
		{Job: job("1", "=1+1"), State: Done, Result: Result{Results: "score 0.50, loss 1.25", Seconds: 2, Notebook: "x"}},
		{Job: job("2", "w"), State: Failed, Err: errors.New("no")},
		{Job: job("3", "w"), State: Kept, Result: Result{Results: "score 0.7, gain 3, loss 1,000"}},
	}
}

func TestTable(t *testing.T) {
	want := `
notebook  Seed  Word  run     seconds  score  gain  loss
n         1     =1+1  done    2.0      0.50         1.25
n         2     w     failed
n         3     w     kept             0.7    3     1,000
`
	if diff := cmp.Diff(want, "\n"+table().String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var csv strings.Builder
	if err := table().CSV(&csv); err != nil {
		t.Fatal(err)
	}
	want = "notebook,Seed,Word,run,seconds,score,gain,loss\nn,1,'=1+1,done,2.0,0.5,,1.25\nn,2,w,failed,,,,\n" +
		"n,3,w,kept,,0.7,3,1000\n"
	if diff := cmp.Diff(want, csv.String()); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	var text strings.Builder
	if err := table().JSON(&text); err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Settings []struct{ Name, Value string }
		State    string
		Error    string
		Executed string
		Numbers  []Number
	}
	if err := json.Unmarshal([]byte(text.String()), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 || rows[0].Executed != "x" || rows[0].Settings[1].Value != "=1+1" || rows[1].Error != "no" ||
		rows[1].State != "failed" || rows[1].Numbers == nil || rows[2].Numbers[2] != (Number{Name: "loss", Value: 1000}) {
		t.Errorf("JSON %s", text.String())
	}
}

// TestTableTurned: of many numbers each has a line.
func TestTableTurned(t *testing.T) {
	results := "a 1, b 2, c 3, d 4, e 5, f 6"
	got := Table{{Job: Job{Path: "n.ipynb"}, State: Done, Result: Result{Results: results}},
		{Job: Job{Path: "m.ipynb"}, State: Done, Result: Result{Results: results}}}.String()
	want := "notebook  n     m\nrun       done  done\nseconds\na         1     1\n"
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
}
