package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/table"
)

// flagTrial is how a test shows that a flag does something: base and base with the flag end differently, or the flag is
// refused by name.
type flagTrial struct {
	base    string // the command line without the flag; OUT stands for a new folder
	flag    string // what is added
	refused bool   // as a wrong command line that names the flag, rather than ending otherwise than base
}

// flagTables writes small tables for the trials, and a model of them with its split, and makes their folder the current
// one.
func flagTables(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	smallTables(t, ".")
	if err := os.WriteFile("token", []byte("0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		tinyTrain + "--out m.safetensors items.csv",
		splitTrain + "--out n.safetensors --calibration none --seed 3 --feature-share .3 --plda features items.csv",
		"evaluate --backend go --split m.split.json --json report.json m.safetensors items.csv",
		"index build --backend go --out m.index m.safetensors items.csv",
	} {
		if status, out, errOut := call(strings.Fields(args)...); status != 0 {
			t.Fatalf("siamese %s: %s%s", args, out, errOut)
		}
	}
}

// smallTables writes tables about 60 items of four classes and two domains to a folder.
func smallTables(t *testing.T, dir string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const header = "f_0,f_1,f_2,g_0,g_1,g_2\n"
	items, noIDs, missing := "id,label,domain,"+header, header, "id,label,"+header
	groups, list := "id,group\n", "left,right,label,other,w\n"
	for i := range 60 {
		row := ""
		for k := range 6 {
			row += fmt.Sprintf(",%.3f", float64(i%4*(k%3))+rng.NormFloat64())
		}
		items += fmt.Sprintf("i%d,%c,%c%s\n", i, 'a'+i%4, 'x'+i/2%2, row)
		noIDs += row[1:] + "\n"
		missing += fmt.Sprintf("i%d,%c,%s\n", i, 'a'+i%4, row[strings.IndexByte(row[1:], ',')+1:])
		groups += fmt.Sprintf("i%d,g%d\n", i, i/4)
		for _, j := range []int{(i + 4) % 60, (i + 1) % 60, (i + 6) % 60} {
			same := 0
			if i%4 == j%4 {
				same = 1
			}
			list += fmt.Sprintf("i%d,i%d,%d,%d,%d\n", i, j, same, 1-same, 1+i%2)
		}
	}
	write("space.json", `[{"name": "dropout", "kind": "float", "low": 0, "high": 0.5}]`)
	write("shifted.json", `{"Shift": 1}`)
	write("items.csv", items)
	frame, _, err := table.Open(t.Context(), filepath.Join(dir, "items.csv"), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Save(filepath.Join(dir, "items.npz"), frame); err != nil {
		t.Fatal(err)
	}
	write("lacking.csv", items+"l,a,x,lacking,1,1,1,1,1\n")
	write("formulas.csv", items+"=f,a,x,1,1,1,1,1,1\n'=f,a,x,1,1,1,1,1,2\n")
	write("noids.csv", noIDs)
	write("missing.csv", missing)
	write("groups.csv", groups)
	write("some.csv", strings.Join(strings.Split(groups, "\n")[:30], "\n")+"\n")
	write("pairs.csv", list)
	write("pairs.turned.csv", strings.Replace(list, "label,other", "other,label", 1))
	write("pairs.more.csv", list+"i0,none,1,0,1\n")
	write("query.csv", strings.Join(strings.Split(items, "\n")[:3], "\n")+"\n")
}

// tinyTrain begins a training of a second with a split of its own, splitTrain with that of the model.
const (
	tiny       = "train --backend go --layers 4 --epochs 2 --pairs-per-epoch 64 --batch-pairs 16 --val-pairs 20 "
	tinyTrain  = tiny + "--val 0.2 --test 0.2 "
	splitTrain = tiny + "--split m.split.json "
)

// known are the outcomes of command lines without the flag on trial, many of which are the same.
var known = map[string]func() (int, string){}

// outcome runs a command line and returns how it ends: the status, what it prints, and the files that it writes.
func outcome(t *testing.T, args string) (status int, all string) {
	t.Helper()
	dir := t.TempDir()
	status, out, errOut := call(strings.Fields(strings.ReplaceAll(args, "OUT", dir))...)
	all = out + errOut
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all += path + string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// Times and rates differ between two runs of one command.
	all = times.ReplaceAllString(strings.ReplaceAll(all, dir, ""), "")
	return status, all
}

var times = regexp.MustCompile(`[0-9.]+ ?(µs|ms|s|m[0-9.]+s|items/s|pairs/s)\b|"seconds": ?[0-9.e+-]+|` +
	`"time": ?"[^"]*"`)

// try holds that the flag of a trial does something. name is the flag's.
func (f flagTrial) try(t *testing.T, name string) {
	t.Helper()
	first, _, _ := strings.Cut(f.flag, "=")
	if !slices.Contains([]string{"--" + name, "--no-" + name}, first) {
		t.Errorf("%s is tried with %s", name, f.flag)
	}
	status, with := outcome(t, f.base+" "+f.flag)
	if f.refused {
		if status != 2 || !strings.Contains(with, "--"+name+": ") {
			t.Errorf("siamese %s %s: status %d, want 2 and the flag's name\n%s", f.base, f.flag, status, with)
		}
		return
	}
	if known[f.base] == nil {
		known[f.base] = sync.OnceValues(func() (int, string) { return outcome(t, f.base) })
	}
	plain, without := known[f.base]()
	if status == 2 || status == plain && with == without {
		t.Errorf("siamese %s: status %d, with %s %d, and nothing else is different\n%s", f.base, plain, f.flag, status,
			with)
	}
}

// commandFlags returns the flags of a command but for help and the settings of the configuration.
func commandFlags(node *kong.Node) (own, settings []string) {
	for _, flag := range node.Flags {
		switch {
		case flag.Name == "help":
		case flag.Group != nil && flag.Group.Key == "settings":
			settings = append(settings, flag.Name)
		default:
			own = append(own, flag.Name)
		}
	}
	return own, settings
}

// Every flag of every command changes how the command ends, or is refused by its name where it could not. A new flag
// fails here until somebody shows what it does.
func TestEveryFlag(t *testing.T) {
	flagTables(t)
	parser, err := newParser(&commandLine{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range parser.Model.Leaves(true) {
		command := nameOf(node)
		t.Run(command, func(t *testing.T) {
			own, settings := commandFlags(node)
			trials := flagTrials[command]
			base, reads := readers[command]
			for _, name := range own {
				list, ok := trials[name]
				if shared, is := dataTrials[name]; is && reads {
					ok = true
					if command == "compare" && strings.HasPrefix(name, "labels") {
						shared = shared[1:] // it has no use for them, see its own trials
					}
					for _, trial := range shared {
						trial.base = strings.TrimSpace(fmt.Sprintf(base, trial.base))
						list = append(list, trial)
					}
				}
				if trial, is := widthTrials[name]; is && !ok {
					ok = true
					trial.base = strings.Replace(base, "%s", "items.csv", 1)
					list = append(list, trial)
				}
				if !ok {
					t.Errorf("--%s of %s has no trial", name, command)
				}
				for _, trial := range list {
					trial.try(t, name)
				}
			}
			for name := range trials {
				if !slices.Contains(own, name) {
					t.Errorf("%s has no flag --%s", command, name)
				}
			}
			// A setting is what it changes in the configuration that is trained.
			for _, name := range settings {
				if command == "train" {
					changesConfig(t, name)
				}
			}
		})
	}
}

// changesConfig holds that some value of the setting changes the configuration.
func changesConfig(t *testing.T, name string) {
	t.Helper()
	_, plain, _ := call("train", "--print-config")
	for _, value := range []string{"=7", "=0.25", "=true", "=false", "=val_map", "=adamw", "=cosine", "=isotonic",
		"=x=1", "=relu6", "=bfloat16", "=dot"} {
		if _, changed, _ := call("train", "--print-config", "--"+name+value); changed != "" && changed != plain {
			return
		}
	}
	t.Errorf("no value of --%s changes the configuration", name)
}
