package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/atomicfile"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/itemset"
)

// fashion are the classes of the second domain by label.
var fashion = []string{"t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
	"ankle-boot"}

// write writes 128 components, whitened within the training classes, and labels of training items and of items of a new
// population, without label 7, 8 and 9: three folds of held-out labels, and each domain held out.
func write(frame *data.Frame, folder string) error {
	labelled := func(class string, labels string) bool {
		domain, name, _ := strings.Cut(class, "/")
		if domain == "fashion" {
			name = fmt.Sprint(slices.Index(fashion, name))
		}
		return strings.Contains(labels, name)
	}
	for _, fold := range []string{"456", "123", "012", "fashion", "digits"} {
		var train, fresh []int
		for i, class := range frame.Labels {
			switch {
			case labelled(class, "789"):
			case labelled(class, fold) || strings.HasPrefix(class, fold+"/"):
				fresh = append(fresh, i)
			default:
				train = append(train, i)
			}
		}
		known := frame.Select(train)
		spec := siamese.Recommended().Preprocess
		spec.Components = 128
		t, err := preprocess.Fit(context.Background(), known, itemset.AllItems(known), spec)
		if err != nil {
			return err
		}
		for name, f := range map[string]*data.Frame{"train": known, "new": frame.Select(fresh)} {
			stem := filepath.Join(folder, fold+"."+name)
			if err := writeRows(stem, t, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeRows writes the components of a frame as float32, row by row, and its labels, a line each.
func writeRows(stem string, t *preprocess.Transform, f *data.Frame) error {
	rows, err := t.Rows(f)
	if err != nil {
		return err
	}
	values := make([]float32, f.N()*t.Width())
	if err := rows.Read(values, 0); err != nil {
		return err
	}
	err = atomicfile.Write(stem+".f32", func(w io.Writer) error {
		return binary.Write(w, binary.LittleEndian, values)
	})
	if err != nil {
		return err
	}
	return atomicfile.Write(stem+".txt", func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(f.Labels, "\n"))
		return err
	})
}
