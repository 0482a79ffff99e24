package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// A reader of what the package writes, by the field numbers of onnx.proto, and the operators by the definitions of the
// ONNX reference, in float64.

// matrix is rows by columns; a scalar is 1 by 1, a list one row.
type matrix struct {
	rows, columns int
	values        []float64
}

type parsed struct {
	nodes           []parsedNode
	values          map[string]matrix
	inputs, outputs []string
	about           map[string]string
}

type parsedNode struct {
	op      string
	in, out []string
	numbers map[string][]int
}

// fields calls do for every field of an encoded message: text of bytes, or the number.
func fields(t *testing.T, b []byte, do func(field int, text []byte, n int)) {
	t.Helper()
	for len(b) > 0 {
		field, kind, size := protowire.ConsumeTag(b)
		if size < 0 {
			t.Fatal(protowire.ParseError(size))
		}
		b = b[size:]
		switch kind {
		case protowire.VarintType:
			v, size := protowire.ConsumeVarint(b)
			if size < 0 {
				t.Fatal(protowire.ParseError(size))
			}
			do(int(field), nil, int(v))
			b = b[size:]
		case protowire.BytesType:
			v, size := protowire.ConsumeBytes(b)
			if size < 0 {
				t.Fatal(protowire.ParseError(size))
			}
			do(int(field), v, 0)
			b = b[size:]
		default:
			t.Fatalf("field %d is of type %d", field, kind)
		}
	}
}

func read(t *testing.T, file []byte) *parsed {
	g := &parsed{values: map[string]matrix{}, about: map[string]string{}}
	fields(t, file, func(field int, text []byte, n int) {
		switch field {
		case 1, 8: // ir_version; opset_import
			if field == 1 && n != 8 {
				t.Errorf("IR version %d", n)
			}
		case 7:
			fields(t, text, g.part(t))
		case 14:
			var pair [3]string
			fields(t, text, func(field int, text []byte, _ int) { pair[field] = string(text) })
			g.about[pair[1]] = pair[2]
		}
	})
	return g
}

// part reads a field of a GraphProto.
func (g *parsed) part(t *testing.T) func(int, []byte, int) {
	return func(field int, text []byte, _ int) {
		switch field {
		case 1:
			n := parsedNode{numbers: map[string][]int{}}
			fields(t, text, func(field int, text []byte, _ int) {
				switch field {
				case 1:
					n.in = append(n.in, string(text))
				case 2:
					n.out = append(n.out, string(text))
				case 4:
					n.op = string(text)
				case 5:
					var name string
					var list []int
					fields(t, text, func(field int, text []byte, v int) {
						switch field {
						case 1:
							name = string(text)
						case 3, 8:
							list = append(list, v)
						}
					})
					n.numbers[name] = list
				}
			})
			g.nodes = append(g.nodes, n)
		case 5:
			m, name := matrix{rows: 1, columns: 1}, ""
			fields(t, text, func(field int, text []byte, v int) {
				switch field {
				case 1:
					m.rows, m.columns = m.columns, v
				case 8:
					name = string(text)
				case 9:
					for i := 0; i < len(text); i += 4 {
						m.values = append(m.values, float64(math.Float32frombits(binary.LittleEndian.Uint32(text[i:]))))
					}
				}
			})
			if len(m.values) != m.rows*m.columns {
				t.Errorf("%s has %d numbers for %d by %d", name, len(m.values), m.rows, m.columns)
			}
			g.values[name] = m
		case 11:
			g.inputs = append(g.inputs, g.typed(t, text))
		case 12:
			g.outputs = append(g.outputs, g.typed(t, text))
		}
	}
}

// typed returns a ValueInfoProto as "NAME TYPE [DIMS]".
func (g *parsed) typed(t *testing.T, b []byte) string {
	var name string
	kind := 0
	var dims []string
	fields(t, b, func(field int, text []byte, _ int) {
		if field == 1 {
			name = string(text)
			return
		}
		fields(t, text, func(_ int, text []byte, _ int) {
			fields(t, text, func(field int, text []byte, v int) {
				if field == 1 {
					kind = v
					return
				}
				fields(t, text, func(_ int, text []byte, _ int) {
					fields(t, text, func(field int, text []byte, v int) {
						if field == 2 {
							dims = append(dims, string(text))
						} else {
							dims = append(dims, fmt.Sprint(v))
						}
					})
				})
			})
		})
	})
	return fmt.Sprintf("%s %d [%s]", name, kind, strings.Join(dims, " "))
}

// run computes the graph's output for the input x.
func (g *parsed) run(t *testing.T, x matrix) matrix {
	read := map[string]bool{Output: true}
	for _, n := range g.nodes {
		for _, name := range n.in {
			read[name] = true
		}
	}
	for name := range g.values { // of which runtimes warn
		if !read[name] {
			t.Errorf("nothing reads %q", name)
		}
	}
	g.values[Input] = x
	for _, n := range g.nodes {
		var in []matrix
		for _, name := range n.in {
			v, ok := g.values[name]
			if !ok {
				t.Fatalf("%s reads %q, which is not there yet", n.op, name)
			}
			in = append(in, v)
		}
		g.values[n.out[0]] = operate(t, n, in)
	}
	return g.values[Output]
}

func operate(t *testing.T, n parsedNode, in []matrix) matrix {
	each := func(f func(v []float64) float64) matrix { // with broadcasting
		out := matrix{rows: 1, columns: 1}
		for _, m := range in {
			out.rows, out.columns = max(out.rows, m.rows), max(out.columns, m.columns)
		}
		for r := range out.rows {
			for c := range out.columns {
				var v []float64
				for _, m := range in {
					v = append(v, m.values[r%m.rows*m.columns+c%m.columns])
				}
				out.values = append(out.values, f(v))
			}
		}
		return out
	}
	truth := map[bool]float64{true: 1}
	switch n.op {
	case "Cast":
		if to := n.numbers["to"]; len(to) != 1 || to[0] != 1 && to[0] != 11 {
			t.Fatalf("cast to %v", to)
		}
		return in[0]
	case "IsNaN":
		return each(func(v []float64) float64 { return truth[v[0] != v[0]] })
	case "Where":
		return each(func(v []float64) float64 {
			if v[0] != 0 {
				return v[1]
			}
			return v[2]
		})
	case "Sign":
		return each(func(v []float64) float64 { return truth[v[0] > 0] - truth[v[0] < 0] })
	case "Abs":
		return each(func(v []float64) float64 { return math.Abs(v[0]) })
	case "Sqrt":
		return each(func(v []float64) float64 { return math.Sqrt(v[0]) })
	case "Reciprocal":
		return each(func(v []float64) float64 { return 1 / v[0] })
	case "Relu":
		return each(func(v []float64) float64 { return max(0, v[0]) })
	case "Greater":
		return each(func(v []float64) float64 { return truth[v[0] > v[1]] })
	case "Sub":
		return each(func(v []float64) float64 { return v[0] - v[1] })
	case "Mul":
		return each(func(v []float64) float64 { return v[0] * v[1] })
	case "Div":
		return each(func(v []float64) float64 { return v[0] / v[1] })
	case "MatMul", "Gemm":
		out := matrix{rows: in[0].rows, columns: in[1].columns}
		if in[0].columns != in[1].rows {
			t.Fatalf("%s of %d columns and %d rows", n.op, in[0].columns, in[1].rows)
		}
		for r := range out.rows {
			for c := range out.columns {
				var sum float64
				for k := range in[0].columns {
					sum += in[0].values[r*in[0].columns+k] * in[1].values[k*out.columns+c]
				}
				if n.op == "Gemm" {
					sum += in[2].values[c]
				}
				out.values = append(out.values, sum)
			}
		}
		return out
	case "Sigmoid":
		return each(func(v []float64) float64 { return 1 / (1 + math.Exp(-v[0])) })
	case "Add":
		return each(func(v []float64) float64 { return v[0] + v[1] })
	case "ReduceMax":
		if axes := n.numbers["axes"]; len(axes) != 1 || axes[0] != 1 {
			t.Fatalf("largest over %v", axes)
		}
		out := matrix{rows: in[0].rows, columns: 1}
		for r := range out.rows {
			out.values = append(out.values, slices.Max(in[0].values[r*in[0].columns:(r+1)*in[0].columns]))
		}
		return out
	case "ReduceSumSquare":
		if axes := n.numbers["axes"]; len(axes) != 1 || axes[0] != 1 {
			t.Fatalf("sums over %v", axes)
		}
		out := matrix{rows: in[0].rows, columns: 1}
		for r := range out.rows {
			var sum float64
			for _, v := range in[0].values[r*in[0].columns : (r+1)*in[0].columns] {
				sum += v * v
			}
			out.values = append(out.values, sum)
		}
		return out
	case "Concat":
		if axis := n.numbers["axis"]; len(axis) != 1 || axis[0] != 1 {
			t.Fatalf("joined along %v", axis)
		}
		out := matrix{rows: in[0].rows}
		for _, m := range in {
			out.columns += m.columns
		}
		for r := range out.rows {
			for _, m := range in {
				out.values = append(out.values, m.values[r*m.columns:(r+1)*m.columns]...)
			}
		}
		return out
	}
	t.Fatalf("operator %q", n.op)
	return matrix{}
}
