package siamese

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// ReadHistory returns the epochs in a file of a [HistoryLog], in the order of their numbers. Where a run went on
// behind its last line, the later line of an epoch counts, and the epochs after it are those that follow there.
// A half-written last line is left out. A figure that is null, or not in the file, is NaN.
//
// Any other line that is no epoch is an error with its number.
func ReadHistory(path string) ([]Epoch, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	epochs, _, err := parseHistory(path, text)
	return epochs, err
}

// parseHistory returns the epochs in text and how many of its bytes are complete lines.
func parseHistory(path string, text []byte) (epochs []Epoch, size int, err error) {
	for number := 1; size < len(text); number++ {
		line, rest, ended := bytes.Cut(text[size:], []byte{'\n'})
		if len(bytes.TrimSpace(line)) > 0 {
			e, err := parseEpoch(line)
			if err != nil && !ended && halfWritten(line) {
				return epochs, size, nil
			}
			if err != nil {
				return nil, 0, fmt.Errorf("history: %s: line %d is no epoch: %w; delete the line, or choose another file", path, number, err)
			}
			for len(epochs) > 0 && epochs[len(epochs)-1].Number >= e.Number {
				epochs = epochs[:len(epochs)-1]
			}
			epochs = append(epochs, e)
		}
		size = len(text) - len(rest)
	}
	return epochs, size, nil
}

// halfWritten returns whether line is the start of one of ours, so that it may be cut off: no line of another file
// is lost. Zeros are what some file systems leave after a crash.
func halfWritten(line []byte) bool {
	const start = `{"epoch":`
	line = bytes.TrimRight(line, "\x00")
	return !json.Valid(line) && (bytes.HasPrefix(line, []byte(start)) || bytes.HasPrefix([]byte(start), line))
}

// epochFields yields the keys and values of e's fields, as they stand in a history.
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

// notFinite returns whether v is a number that JSON does not have.
func notFinite(v reflect.Value) bool {
	return v.Kind() == reflect.Float64 && (math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0))
}

// parseEpoch reads a line. Figures that it does not give are NaN.
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

// historyLine returns the epoch as an object of JSON and a line's end. Keys are those of [Epoch]'s fields, in
// their order; JSON has no NaN, so null stands for it.
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

// WriteHistory writes a history, such as [Result] holds, as [HistoryLog] would: a line of JSON an epoch.
func WriteHistory(w io.Writer, history []Epoch) error {
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

// WriteHistoryCSV writes a history as comma-separated text: a header of the JSON keys and a row an epoch, with as
// many digits as give the same number back. A figure that is not a finite number is an empty cell.
func WriteHistoryCSV(w io.Writer, history []Epoch) error {
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
