package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// withText returns a copy of a JSON value in which every text below the key is another one, key by key.
func withText(value any, key, text string) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			if s, ok := x.(string); ok && k == key {
				x = s + text
			}
			if list, ok := x.([]any); ok && k == key {
				list = slices.Clone(list)
				for i := range list {
					if s, ok := list[i].(string); ok {
						list[i] = s + text
					}
				}
				x = list
			}
			out[k] = withText(x, key, text)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = withText(v[i], key, text)
		}
		return out
	}
	return value
}

// textKeys collects the keys of a JSON value that have texts.
func textKeys(value any, keys map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for k, x := range v {
			if _, ok := x.(string); ok {
				keys[k] = true
			}
			if list, ok := x.([]any); ok && len(list) > 0 {
				if _, ok := list[0].(string); ok {
					keys[k] = true
				}
			}
			textKeys(x, keys)
		}
	case []any:
		for _, x := range v {
			textKeys(x, keys)
		}
	}
}

// A report may be anybody's: no text in it reaches the terminal as it is.
func TestHostileReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	smallTables(t, dir)
	siameseSays(t, dir, "split --out s.json items.csv")
	siameseSays(t, dir, "train --split s.json --out m.safetensors"+small+"items.csv")
	siameseSays(t, dir, "train --seed 2 --split s.json --out n.safetensors"+small+"items.csv")
	siameseSays(t, dir,
		"evaluate --backend go --no-baselines --split s.json --json r.json m.safetensors n.safetensors items.csv")
	siameseSays(t, dir, "protocols --protocols items --folds 2 --seeds 1,2 --json p.json"+small+"items.csv")
	if said := siameseSays(t, dir, "report p.json", "seeds [1 2]\ncomputed by go"); strings.Contains(said, "; seed ") {
		t.Errorf("the report names one seed of two:\n%s", said)
	}
	for _, name := range []string{"r.json", "p.json"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		keys := map[string]bool{}
		textKeys(value, keys)
		if len(keys) < 20 {
			t.Fatalf("%s: only the keys %q have texts", name, slices.Sorted(maps.Keys(keys)))
		}
		shown := 0
		for key := range keys {
			changed, err := json.Marshal(withText(value, key, evil))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "hostile.json")
			if err := os.WriteFile(path, changed, 0o644); err != nil {
				t.Fatal(err)
			}
			args := []string{"report", path}
			var out, errOut strings.Builder
			if run(context.Background(), args, &out, &errOut) == 0 {
				shown++
			}
			about := append(args, fmt.Sprint("key ", key))
			harmless(t, about, "standard output", out.String())
			harmless(t, about, "standard error", errOut.String())
		}
		if shown == 0 {
			t.Errorf("%s: no changed report is shown", name)
		}
	}
}

// A model may be anybody's too: neither its settings nor its names of columns, domains and tensors do harm.
func TestHostileModels(t *testing.T) {
	dir := t.TempDir()
	hostileTable(t, filepath.Join(dir, "t.csv"), true)
	siameseSays(t, dir, "train --val .2 --test .3 --allow exact-duplicates --out m.safetensors"+small+"t.csv")
	raw, err := os.ReadFile(filepath.Join(dir, "m.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	// The file is the length of its header, the header, and the tensors.
	size := binary.LittleEndian.Uint64(raw)
	var header map[string]any
	if err := json.Unmarshal(raw[8:8+size], &header); err != nil {
		t.Fatal(err)
	}
	try := func(about string, header map[string]any) {
		t.Helper()
		text, err := json.Marshal(header)
		if err != nil {
			t.Fatal(err)
		}
		for len(text)%8 != 0 {
			text = append(text, ' ')
		}
		file := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
		path := filepath.Join(dir, "hostile.safetensors")
		if err := os.WriteFile(path, append(append(file, text...), raw[8+size:]...), 0o644); err != nil {
			t.Fatal(err)
		}
		var out, errOut strings.Builder
		run(context.Background(), []string{"search", "--backend", "go", "--k", "1", "--query", hostile("item1"), path,
			filepath.Join(dir, "t.csv")}, &out, &errOut)
		harmless(t, []string{about}, "standard output", out.String())
		harmless(t, []string{about}, "standard error", errOut.String())
	}
	tried := 0
	metadata := header["__metadata__"].(map[string]any)
	for name, text := range metadata {
		var value any
		if err := json.Unmarshal([]byte(text.(string)), &value); err != nil {
			continue // plain text
		}
		keys := map[string]bool{}
		textKeys(value, keys)
		for key := range keys {
			changed, err := json.Marshal(withText(value, key, evil))
			if err != nil {
				t.Fatal(err)
			}
			with := maps.Clone(header)
			with["__metadata__"] = maps.Clone(metadata)
			with["__metadata__"].(map[string]any)[name] = string(changed)
			try("key "+key, with)
			tried++
		}
	}
	for name := range header {
		if name == "__metadata__" {
			continue
		}
		with := maps.Clone(header)
		with[name+evil] = with[name]
		delete(with, name)
		try("tensor "+name, with)
		tried++
	}
	if tried < 10 {
		t.Errorf("only %d models were tried", tried)
	}
}
