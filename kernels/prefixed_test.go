package main

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
)

// TestPrefixed: lines are written whole, also the last one that has no end, once.
func TestPrefixed(t *testing.T) {
	var out bytes.Buffer
	p := &prefixed{mu: &sync.Mutex{}, out: &out, prefix: "a  "}
	for _, text := range []string{"on", "e\ntwo\nth", "ree"} {
		fmt.Fprint(p, text)
	}
	if got := out.String(); got != "a  one\na  two\n" {
		t.Errorf("before the end: %q", got)
	}
	p.end()
	p.end()
	if got := out.String(); got != "a  one\na  two\na  three\n" {
		t.Errorf("%q", got)
	}
}
