// Package jsonfile reads and writes files that hold one value as JSON.
//
// [Read] is strict, because such files (configurations, reports) are edited by hand: a misspelt key must not be
// ignored. Lines of JSON are not its business, see the histories of package siamese.
package jsonfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
)

// Read decodes a file that holds one JSON value into to, a pointer. Unknown fields and a second value are errors;
// missing fields keep their value. Errors name the file. After an error to may be half filled.
func Read(path string, to any) error {
	text, err := openfile.ReadFile(path)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(to); err != nil {
		return fmt.Errorf("%s: %w", quote.Text(path), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: there is more than one value", quote.Text(path))
	}
	return nil
}

// Write writes value to a file as indented JSON with a newline, atomically: readers see the old file or the new one.
// NaN and infinities are errors, since JSON has none.
func Write(path string, value any) error { return write(path, value, atomicfile.Write) }

// WriteOwn is [Write] for a file that is no result, see [atomicfile.WriteOwn].
func WriteOwn(path string, value any) error { return write(path, value, atomicfile.WriteOwn) }

// write is [Write] by a function of package atomicfile.
func write(path string, value any, by func(string, func(io.Writer) error) error) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return by(path, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}

// Find returns the first text under a key in a file of JSON, at any depth, "" where there is none or the file is not JSON:
// for what a file says of itself after [Read] refused it.
func Find(path, key string) string {
	text, err := openfile.ReadFile(path)
	if err != nil {
		return ""
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	// Tokens rather than a value: what is before a fault in the file is found too. Keys and texts in objects take turns.
	var open []json.Delim // objects and lists around the token
	isKey := false
	last := ""
	for {
		token, err := decoder.Token()
		if err != nil {
			return ""
		}
		inObject := len(open) > 0 && open[len(open)-1] == '{'
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				open = append(open, v)
				isKey = v == '{'
				continue
			}
			open = open[:len(open)-1]
		case string:
			if inObject && isKey {
				last, isKey = v, false
				continue
			}
			if inObject && last == key {
				return v
			}
		}
		isKey = len(open) > 0 && open[len(open)-1] == '{'
	}
}
