package main

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// families are the features that sets are made of, each a block of its own. "pixels" are the grey values.
var families = map[string]features.Config{
	"hog 4":         hog(4),
	"hog 3":         hog(3),
	"hog 7":         hog(7),
	"glcm 1, 2":     glcm(1, 2),
	"glcm 1 to 3":   glcm(1, 2, 3),
	"glcm 1, 2, 4":  glcm(1, 2, 4),
	"lbp uniform":   lbp(features.LBPUniform, 1, 1, 2, 4),
	"lbp nri":       lbp(features.LBPNRIUniform, 1, 1, 2, 4),
	"lbp uniform 2": lbp(features.LBPUniform, 2, 1, 2, 4),
}

// set is a choice of families. weights multiply the squared norm of blocks, which are equal otherwise.
type set struct {
	name     string
	families []string
	weights  map[string]float64
}

var sets = []set{
	{"pixels", []string{"pixels"}, nil},
	{"HOG alone", []string{"hog 4"}, nil},
	{"GLCM alone", []string{"glcm 1, 2"}, nil},
	{"**HOG and GLCM, the default**", []string{"hog 4", "glcm 1, 2"}, nil},
	{"the default, HOG counting twice", []string{"hog 4", "glcm 1, 2"}, map[string]float64{"hog 4": 2}},
	{"the default and HOG of 7x7 cells", []string{"hog 4", "hog 7", "glcm 1, 2"}, nil},
	{"the default and LBP (nri_uniform)", []string{"hog 4", "glcm 1, 2", "lbp nri"}, nil},
	{"the default and LBP (uniform)", []string{"hog 4", "glcm 1, 2", "lbp uniform"}, nil},
	{"GLCM of 1x1 to 3x3 tiles", []string{"hog 4", "glcm 1 to 3"}, nil},
	{"HOG of 4x4 and 7x7 cells, LBP (nri_uniform)", []string{"hog 4", "hog 7", "lbp nri"}, nil},
	{"HOG of 4x4 and 7x7 cells, GLCM of 1x1, 2x2 and 4x4 tiles, LBP (uniform)",
		[]string{"hog 4", "hog 7", "glcm 1, 2, 4", "lbp uniform"}, nil},
	{"GLCM of 1x1, 2x2 and 4x4 tiles", []string{"hog 4", "glcm 1, 2, 4"}, nil},
	{"HOG of 3x3 cells in place of 4x4", []string{"hog 3", "glcm 1, 2"}, nil},
	{"the default and HOG of 3x3 cells", []string{"hog 4", "hog 3", "glcm 1, 2"}, nil},
	{"HOG and pixels", []string{"hog 4", "pixels"}, nil},
	{"the default and pixels", []string{"hog 4", "glcm 1, 2", "pixels"}, nil},
}

// family returns the features of one family, computed once.
func (l *lab) family(name string) (*data.Frame, error) {
	if f := l.families[name]; f != nil {
		return f, nil
	}
	var f *data.Frame
	var err error
	if config, ok := families[name]; ok {
		if f, err = features.Extract(l.ctx, l.pictures, config, nil); err != nil {
			return nil, err
		}
	} else {
		f = l.greyValues()
	}
	for i, c := range f.Columns {
		f.Columns[i] = name + "/" + c
	}
	f.Blocks, f.Settings = []data.Block{{Name: name, Start: 0, End: f.F()}}, ""
	l.families[name] = f
	return f, nil
}

// greyValues returns the pixels as features.
func (l *lab) greyValues() *data.Frame {
	f := &data.Frame{IDs: l.pictures.IDs, Labels: l.pictures.Labels, Domains: l.pictures.Domains}
	for j := range l.pictures.Items[0].Pix {
		f.Columns = append(f.Columns, fmt.Sprintf("p%d", j))
	}
	for _, m := range l.pictures.Items {
		for _, v := range m.Pix {
			f.X = append(f.X, float32(v)/255)
		}
	}
	return f
}

// frame returns the families of a set side by side: a block each.
func (l *lab) frame(s set) (*data.Frame, error) {
	out := &data.Frame{}
	var parts []*data.Frame
	for _, name := range s.families {
		f, err := l.family(name)
		if err != nil {
			return nil, err
		}
		out.Blocks = append(out.Blocks, data.Block{Name: name, Start: out.F(), End: out.F() + f.F()})
		out.Columns = append(out.Columns, f.Columns...)
		out.IDs, out.Labels, out.Domains = f.IDs, f.Labels, f.Domains
		parts = append(parts, f)
	}
	out.X = make([]float32, 0, out.N()*out.F())
	for i := range out.N() {
		for _, f := range parts {
			out.X = append(out.X, f.Row(i)...)
		}
	}
	return out, nil
}

// drawn returns n columns of f, of every block its share.
func drawn(f *data.Frame, n int) (*data.Frame, error) {
	rng := streams.Rand(1, 0)
	var columns []string
	for i, b := range f.Blocks {
		end := n * b.End / f.F() // rounded at the ends, so that the sum is n
		if i == len(f.Blocks)-1 {
			end = n
		}
		all := slices.Clone(f.Columns[b.Start:b.End])
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		kept := map[string]bool{}
		for _, c := range all[:end-len(columns)] {
			kept[c] = true
		}
		for _, c := range f.Columns[b.Start:b.End] {
			if kept[c] {
				columns = append(columns, c)
			}
		}
	}
	return f.SelectColumns(columns)
}
