package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// What a set is too small for is said with the flag that mends it, before anything is written.
func TestTooFew(t *testing.T) {
	flagTables(t)
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ten, one := "id,label,f_0,f_1\n", "id,label,f_0,f_1\n"
	for i := range 10 {
		ten += strings.ReplaceAll("i#,L,1,#\n", "#", string(rune('0'+i)))
		ten = strings.ReplaceAll(ten, "L", string(rune('a'+i%4)))
		one += strings.ReplaceAll("i#,a,1,#\n", "#", string(rune('0'+i)))
	}
	write("ten.csv", ten)
	write("one.csv", one)
	write("single.csv", "id,f\na,1\n")
	for args, want := range map[string]string{
		tiny + "--out x.safetensors ten.csv":                    "--val: the validation items (1)",
		tiny + "--out x.safetensors one.csv":                    "of one class; give labelled items of another",
		tiny + "--val 0 --out x.safetensors items.csv":          "--val: there are no validation items",
		tiny + "--val 3 --out x.safetensors items.csv":          "8 items are two of each class",
		tiny + "--val 50 --out x.safetensors items.csv":         "--val: the training items",
		tiny + "--held-out b,c,d --out x.safetensors items.csv": "of one class; give labelled items of another",
		"split --out x.json --test 0 items.csv":                 "--test: 0 of 60 items",
		"split --out x.json single.csv":                         "--test: 0.1 of 1 items",
		"protocols --val 0 items.csv":                           "--val: 0 leaves no",
	} {
		status, out, errOut := call(strings.Fields(args)...)
		if status == 0 || !strings.Contains(errOut, want) {
			t.Errorf("siamese %s: status %d, %s%s\nwant %q", args, status, out, errOut, want)
		}
	}
	for _, name := range []string{"x.safetensors", "x.split.json", "x.json"} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// Queries need neither labels nor columns that DATA has besides features, nor a place in the table of labels.
func TestQueries(t *testing.T) {
	flagTables(t)
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	// DATA with ids, classes, domains and a note in columns of other names, and the first item as a query without them.
	items := strings.Replace(read("items.csv"), "id,label,domain,", "name,kind,place,", 1)
	wide, bare, labels := "", "", "name,kind\n"
	for k, line := range strings.Split(strings.TrimSpace(items), "\n") {
		cells := strings.Split(line, ",")
		note := "?"
		if k == 0 {
			note = "note"
		} else {
			labels += cells[0] + "," + cells[1] + "\n"
		}
		wide += line + "," + note + "\n"
		if k < 2 {
			bare += strings.Join(cells[3:], ",") + "\n"
		}
	}
	labels = strings.Replace(labels, "name,kind", "id,kind", 1)
	for name, text := range map[string]string{"wide.csv": wide, "bare.csv": bare, "labels.csv": labels} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const flags = "search --backend go --k 1 --ignore note --id name --domain place --query "
	for _, args := range []string{
		flags + "bare.csv --label kind m.safetensors wide.csv",
		flags + "wide.csv --label kind m.safetensors wide.csv",
		strings.Replace(flags, "note", "note,kind",
			1) + "bare.csv --labels labels.csv --label kind m.safetensors wide.csv",
		"search --backend go --k 1 --query bare.csv m.safetensors items.csv",
	} {
		status, out, errOut := call(strings.Fields(args)...)
		if status != 0 || !strings.Contains(out, "1.0000  same") || !strings.Contains(out, "i0 [a]") {
			t.Errorf("siamese %s: status %d, %s%s", args, status, out, errOut)
		}
	}
	// The same holds for items of unseen classes, which need labels of their own.
	status, out, errOut := call(strings.Fields(tinyTrain + "--ignore note --id name --label kind --domain place " +
		"--out x.safetensors --unseen items.csv wide.csv")...)
	// They are read, and refused as they are trained on.
	if status != 1 || !strings.Contains(out, "unseen classes: 60 items") || !strings.Contains(errOut, "unseen") {
		t.Errorf("status %d, %s%s", status, out, errOut)
	}
}

// killed reports whether a program was ended by a signal, which it did not hear.
func killed(err error) bool {
	var ended *exec.ExitError
	return errors.As(err, &ended) && ended.Sys().(syscall.WaitStatus).Signaled()
}

// A group that is empty or a word for missing is none: it is refused as a missing item is, unless that is allowed.
func TestEmptyGroups(t *testing.T) {
	flagTables(t)
	groups, err := os.ReadFile("groups.csv")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("na.csv", []byte(strings.Replace(string(groups), "i7,g1\n", "i7,NA\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errOut := call(strings.Fields("split --out x.json --groups na.csv items.csv")...)
	if status == 0 || !strings.Contains(errOut, `1 of 60 items: "i7"`) || !strings.Contains(errOut, "--allow-ungrouped") {
		t.Errorf("status %d, %s%s", status, out, errOut)
	}
	if _, err := os.Stat("x.json"); err == nil {
		t.Error("x.json was written")
	}
	status, out, errOut = call(strings.Fields("split --out x.json --groups na.csv --allow-ungrouped items.csv")...)
	if status != 0 || !strings.Contains(out, "groups for 59 of 60 items") {
		t.Errorf("status %d, %s%s", status, out, errOut)
	}
}
