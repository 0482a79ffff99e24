package main

import (
	"os"
	"strings"
	"testing"
)

// Settings that change nothing with the others are refused where a flag gives them, and taken where they matter: a
// search searches what no flag sets.
func TestIdleSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	smallTables(t, ".")
	one, err := os.ReadFile("items.csv")
	if err != nil {
		t.Fatal(err)
	}
	one = []byte(strings.ReplaceAll(strings.ReplaceAll(string(one), ",x,", ",y,"), "domain", "source"))
	if err := os.WriteFile("one.csv", one, 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		train     = tinyTrain + "--out m.safetensors "
		protocols = "protocols --backend go --folds 2 --seeds 1 --protocols items --layers 4 --epochs 1 " +
			"--pairs-per-epoch 64 --batch-pairs 16 --val-pairs 20 --no-intervals "
		sweep = "sweep --backend go --same-classes --trials 1 --layers 4 --epochs 1 --pairs-per-epoch 64 " +
			"--batch-pairs 16 --val-pairs 20 "
	)
	for _, c := range []struct{ args, flag string }{
		{train + "--natural-pairs items.csv", "--natural-pairs"},
		{train + "--momentum .5 items.csv", "--momentum"},
		{train + "--optimizer sgd --momentum .5 items.csv", ""},
		{train + "--proxy-lr-multiplier 5 items.csv", "--proxy-lr-multiplier"},
		{train + "--samples-per-class 2 items.csv", "--samples-per-class"},
		{train + "--loss supcon --samples-per-class 2 items.csv", ""},
		{train + "--within-domain .9 --ignore source one.csv", "--within-domain"},
		{train + "--across-domains .9 --domain source one.csv", "--across-domains"},
		{train + "--within-domain .9 items.csv", ""},
		{train + "--pairs pairs.csv items.csv", "--val-pairs"},
		{strings.Replace(train, "--val-pairs 20", "--label-separator |", 1) + "--pairs pairs.csv items.csv",
			"--label-separator"},
		{protocols + "--momentum .5 items.csv", "--momentum"},
		{protocols + "--across-domains .5 --ignore source one.csv", "--across-domains"},
		{sweep + "--momentum .5 items.csv", "--momentum"},
		{sweep + "--within-domain .5 --ignore source one.csv", "--within-domain"},
		{sweep + "--dropout .3 --space space.json items.csv", "--dropout"},
	} {
		status, _, errOut := call(strings.Fields(c.args)...)
		if c.flag == "" && status != 0 || c.flag != "" && (status != 2 || !strings.Contains(errOut, c.flag+": ")) {
			t.Errorf("siamese %s: status %d, want %q refused: %s", c.args, status, c.flag, errOut)
		}
	}
	// Of six features there are no 25 components, from which on the usual space asks for them.
	status, out, errOut := call(strings.Fields(sweep + "--dropout .3 items.csv")...)
	if status != 0 || strings.Contains(out, "dropout:") || strings.Contains(out, "layers:") ||
		!strings.Contains(out, "learning_rate:") || !strings.Contains(errOut, "complete") {
		t.Errorf("status %d\n%s%s", status, out, errOut)
	}
}
