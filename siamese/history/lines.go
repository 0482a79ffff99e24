package history

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
)

// The lines of a history follow the fields of Epoch by reflection, so that a new metric is written, read and put into
// the CSV without a change here. encoding/json alone would not do: it has no NaN.

// Read returns the epochs in a file of a [Log], by number. If a run was resumed from an earlier epoch,
// its lines replace that epoch and all later ones. An incomplete last line is ignored. Numbers that are null or missing
// are NaN.
//
// Any other invalid line is an error with its line number.
func Read(path string) ([]Epoch, error) {
	text, err := openfile.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	epochs, _, err := parseHistory(path, text)
	return epochs, err
}

// parseHistory returns the epochs in text and the number of bytes in complete lines; path is for errors.
func parseHistory(path string, text []byte) (epochs []Epoch, size int, err error) {
	for number := 1; size < len(text); number++ {
		line, rest, ended := bytes.Cut(text[size:], []byte{'\n'})
		if len(bytes.TrimSpace(line)) > 0 {
			e, err := parseEpoch(line)
			if err != nil && !ended && halfWritten(line) {
				return epochs, size, nil
			}
			if err != nil {
				return nil, 0,
					fmt.Errorf("history: %s: line %d is not an epoch: %w; delete the line or choose another file",
						quote.Text(path),
						number, err)
			}
			for len(epochs) > 0 && epochs[len(epochs)-1].Number >= e.Number { // resumed from before these
				epochs = epochs[:len(epochs)-1]
			}
			epochs = append(epochs, e)
		}
		size = len(text) - len(rest)
	}
	return epochs, size, nil
}

// halfWritten reports whether line is the start of an epoch's line, so that removing it cannot damage another kind of
// file. Some file systems leave zero bytes after a crash.
func halfWritten(line []byte) bool {
	const start = `{"epoch":`
	line = bytes.TrimRight(line, "\x00")
	return !json.Valid(line) && (bytes.HasPrefix(line, []byte(start)) || bytes.HasPrefix([]byte(start), line))
}

// epochFields yields the JSON keys and values of e's fields, in order. The values can be set.
func epochFields(e *Epoch) iter.Seq2[string, reflect.Value] {
	return func(yield func(string, reflect.Value) bool) {
		for field, v := range reflect.ValueOf(e).Elem().Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if key != "" && key != "-" && !yield(key, v) {
				return
			}
		}
	}
}

// notFinite reports whether v is NaN or infinite, which JSON cannot hold.
func notFinite(v reflect.Value) bool {
	return v.Kind() == reflect.Float64 && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0))
}

// parseEpoch reads a line. Missing numbers and null are NaN: json leaves a field unchanged for either. Unknown keys are
// ignored, because a later version may write more.
func parseEpoch(line []byte) (Epoch, error) {
	var e Epoch
	for _, v := range epochFields(&e) {
		if v.Kind() == reflect.Float64 {
			v.SetFloat(math.NaN())
		}
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return Epoch{}, err
	}
	if e.Number < 1 {
		return Epoch{}, fmt.Errorf(`"epoch" is %d: epochs count from 1`, e.Number)
	}
	return e, nil
}

// historyLine returns the epoch as a JSON object, with null for NaN, and a newline.
func historyLine(e Epoch) ([]byte, error) {
	line := []byte{'{'}
	for key, v := range epochFields(&e) {
		value := v.Interface()
		if notFinite(v) {
			value = nil
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if len(line) > 1 {
			line = append(line, ',')
		}
		line = append(append(strconv.AppendQuote(line, key), ':'), text...)
	}
	return append(line, '}', '\n'), nil
}

// Write writes a history, such as that of [Result], in the format of [Log]: one line of JSON an epoch.
func Write(w io.Writer, history []Epoch) error {
	for _, e := range history {
		line, err := historyLine(e)
		if err != nil {
			return fmt.Errorf("history: epoch %d: %w", e.Number, err)
		}
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("history: %w", err)
		}
	}
	return nil
}

// WriteCSV writes a history as CSV: a header of the JSON keys and one row an epoch, with the digits that restore
// every number exactly. A number that is not finite is an empty cell.
func WriteCSV(w io.Writer, history []Epoch) error {
	out := csv.NewWriter(w)
	var header []string
	for key := range epochFields(&Epoch{}) {
		header = append(header, key)
	}
	rows := [][]string{header}
	for _, e := range history {
		var row []string
		for _, v := range epochFields(&e) {
			cell := fmt.Sprint(v.Interface())
			if notFinite(v) {
				cell = ""
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}
