package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/go-siamese/lab/siamese/version"
)

// Versions of the format that files are written in. Operators of opset 17 are known to every runtime since 2022.
const (
	irVersion = 8
	opset     = 17
)

// Types of numbers in onnx.proto (TensorProto.DataType).
const (
	float  = 1
	double = 11
)

// graph collects the nodes of a computation and the tensors that they use. A value is known by its name.
type graph struct {
	nodes   []node
	tensors []byte // encoded, each as a field of GraphProto
	scalars map[float64]string
}

// node is one operator: its inputs by name, one output, at most one attribute.
type node struct {
	op        string
	in        []string
	out       string
	attribute []byte // encoded AttributeProto; nil = none
}

// node adds an operator and returns the name of its result.
func (g *graph) node(op string, in ...string) string {
	out := fmt.Sprintf("%s_%d", strings.ToLower(op), len(g.nodes))
	g.nodes = append(g.nodes, node{op: op, in: in, out: out})
	return out
}

// with sets the attribute of the last node, whose result is out: a list where the operator wants axes, else a number.
func (g *graph) with(out, name string, value int) string {
	const isInt, isInts = 2, 7 // AttributeProto.AttributeType
	var a []byte
	a = text(a, 1, name)
	if name == "axes" {
		a = number(number(a, 8, value), 20, isInts)
	} else {
		a = number(number(a, 3, value), 20, isInt)
	}
	g.nodes[len(g.nodes)-1].attribute = a
	return out
}

// cast adds a change of type.
func (g *graph) cast(x string, to int) string { return g.with(g.node("Cast", x), "to", to) }

// rename gives the result of the last node another name.
func (g *graph) rename(from, to string) {
	last := &g.nodes[len(g.nodes)-1]
	if last.out != from {
		panic("onnx: only the last result can be renamed")
	}
	last.out = to
}

// floats adds a tensor of float32 and returns its name.
func (g *graph) floats(name string, values []float32, shape ...int) string {
	var t []byte
	for _, n := range shape {
		t = number(t, 1, n)
	}
	t = text(number(t, 2, float), 8, name)
	// The numbers are written in place: they are most of a file.
	t = protowire.AppendTag(t, 9, protowire.BytesType)
	t = protowire.AppendVarint(t, uint64(4*len(values)))
	for _, v := range values {
		t = binary.LittleEndian.AppendUint32(t, math.Float32bits(v))
	}
	g.tensors = message(g.tensors, 5, t)
	return name
}

// scalar returns the name of a tensor of one float32 without axes.
func (g *graph) scalar(v float64) string {
	if name, ok := g.scalars[v]; ok {
		return name
	}
	if g.scalars == nil {
		g.scalars = map[float64]string{}
	}
	name := g.floats(fmt.Sprintf("scalar_%d", len(g.scalars)), []float32{float32(v)})
	g.scalars[v] = name
	return name
}

// file returns the encoded model: F features in, embeddings of E numbers out, any number of rows. about has the values
// of keys.
func (g *graph) file(f, e int, about []string) []byte {
	var body []byte
	for _, n := range g.nodes {
		var one []byte
		for _, name := range n.in {
			one = text(one, 1, name)
		}
		one = text(text(text(one, 2, n.out), 3, n.out), 4, n.op)
		if n.attribute != nil {
			one = message(one, 5, n.attribute)
		}
		body = message(body, 1, one)
	}
	body = text(body, 2, "siamese")
	body = append(body, g.tensors...)
	body = message(body, 11, rows(Input, f))
	body = message(body, 12, rows(Output, e))

	out := number(nil, 1, irVersion)
	out = text(text(out, 2, "siamese-lab"), 3, version.Version)
	out = message(out, 7, body)
	out = message(out, 8, number(text(nil, 1, ""), 2, opset))
	for i, key := range keys {
		if about[i] != "" {
			out = message(out, 14, text(text(nil, 1, key), 2, about[i]))
		}
	}
	return out
}

// rows encodes the ValueInfoProto of float32 values [N, width], N being any number.
func rows(name string, width int) []byte {
	shape := message(message(nil, 1, text(nil, 2, "N")), 1, number(nil, 1, width))
	return message(text(nil, 1, name), 2, message(nil, 1, message(number(nil, 1, float), 2, shape)))
}

// number, text and message append a field to an encoded message.
func number(to []byte, field protowire.Number, v int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, field, protowire.VarintType), uint64(v))
}

func text(to []byte, field protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(to, field, protowire.BytesType), v)
}

func message(to []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, field, protowire.BytesType), v)
}
