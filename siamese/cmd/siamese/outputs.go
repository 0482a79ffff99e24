package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table"
)

// outputKinds are the values of the struct tag output, which every flag has that names something to write, with what
// finds out whether that can be written.
var outputKinds = map[string]func(path string) error{
	"file":   atomicfile.Check,       // replaced whole
	"table":  table.CheckSave,        // likewise, in a format that its ending names
	"model":  checkModel,             // likewise, in the lab's own format
	"append": atomicfile.CheckAppend, // gets more lines
	"folder": atomicfile.CheckFolder, // made where there is none
}

// output is something that a command will write: the flag that names it, the kind and the path.
type output struct{ flag, kind, path string }

// checkModel is atomicfile.Check for a model. A file in the lab's format that is called .onnx would mislead.
func checkModel(path string) error {
	if strings.EqualFold(filepath.Ext(path), ".onnx") {
		return errors.New("models are trained into the lab's own format, such as model.safetensors: " +
			"siamese export makes an ONNX file of it")
	}
	return atomicfile.Check(path)
}

// moreOutputs is a command that writes more than its flags name.
type moreOutputs interface{ moreOutputs() []output }

// checkOutputs returns why what the flags of the chosen command name could not be written, all of it joined, or nil. It
// is called for every command before it begins, since the work may take hours and the file comes last. Paths that are
// also read, or written twice, are refused: what was read would be lost.
func checkOutputs(parsed *kong.Context) error {
	var all []output
	var wrong []error
	var inputs []string // values of other flags and of arguments, which may be names of files
	collect := func(value *kong.Value) {
		if kind := value.Tag.Get("output"); kind != "" {
			if path := value.Target.String(); path == openfile.Stdin {
				wrong = append(wrong, &option.Error{Option: value.Name, Err: errors.New(
					"- is standard input where a file is read, and no file to write: name one (./- if it is called so)")})
			} else if path != "" {
				all = append(all, output{value.Name, kind, path})
			}
			return
		}
		inputs = append(inputs, texts(value.Target)...)
	}
	node := parsed.Selected()
	for _, flag := range node.Flags {
		collect(flag.Value)
	}
	for _, argument := range node.Positional {
		collect(argument)
	}
	if more, ok := node.Target.Addr().Interface().(moreOutputs); ok {
		all = append(all, more.moreOutputs()...)
	}
	errs := wrong
	for k, out := range all {
		err := outputKinds[out.kind](out.path)
		for _, other := range all[:k] {
			if err == nil && sameFile(out.path, other.path) {
				err = fmt.Errorf("%s is what --%s names too: name another file", out.path, other.flag)
			}
		}
		for _, path := range inputs {
			if err == nil && out.kind != "folder" && sameFile(out.path, path) {
				err = fmt.Errorf("%s is also read: name another file, so that it is not lost", out.path)
			}
		}
		if err != nil {
			errs = append(errs, &option.Error{Option: out.flag, Err: err})
		}
	}
	return errors.Join(errs...)
}

// texts returns a text, or those of a list; nil for anything else.
func texts(v reflect.Value) []string {
	switch {
	case v.Kind() == reflect.String:
		return []string{v.String()}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		out := make([]string, v.Len())
		for i := range out {
			out[i] = v.Index(i).String()
		}
		return out
	}
	return nil
}

// sameFile reports whether two paths name one file, which need not exist.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	statA, errA := os.Stat(a)
	statB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(statA, statB)
	}
	return errA != nil && errB != nil && whole(a) == whole(b)
}

// whole returns the absolute path of a file that may not exist, in the folder's own name.
func whole(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(dir, filepath.Base(abs))
	}
	return abs
}
