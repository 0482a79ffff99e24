package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// asked is a question about the parameters of a notebook, one value of JSON.
type asked struct {
	Cell string           `json:"cell"` // source of the parameters cell
	Set  []notebook.Typed `json:"set"`  // values to give them; none = which parameters there are
}

// answered is the answer. Error is empty, or says why there is nothing else.
type answered struct {
	Parameters []notebook.Parameter `json:"parameters"`
	Source     string               `json:"source"` // of the cell that sets them
	Error      string               `json:"error"`
	Names      []string             `json:"names"` // parameters at fault
}

// parameters answers a question of the Python package in kernels/python, which writes for papermill what `run -p`
// writes: types and values are looked at in one place. It returns the errors of reading and writing.
func parameters(in io.Reader, out io.Writer) error {
	var q asked
	decoder := json.NewDecoder(in)
	decoder.UseNumber() // 1 and 1.0 differ
	if err := decoder.Decode(&q); err != nil {
		return fmt.Errorf("a question about parameters: %w", err)
	}
	var a answered
	var err error
	if len(q.Set) > 0 {
		a.Source, _, err = notebook.Injection(q.Cell, q.Set)
	} else {
		a.Parameters, err = notebook.Parameters(q.Cell)
	}
	if err != nil {
		a.Error = err.Error()
		var fault *notebook.ParameterError
		if errors.As(err, &fault) {
			a.Names = fault.Names
		}
	}
	return json.NewEncoder(out).Encode(a)
}
