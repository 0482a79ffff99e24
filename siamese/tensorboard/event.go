package tensorboard

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// record frames data as a TFRecord: its length (8 bytes, little-endian), the checksum of those bytes, data and
// the checksum of data.
func record(data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, len(data)+16), uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, masked(b))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, masked(data))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked returns the CRC-32C of b, rotated and shifted by a constant as TFRecord wants it: the CRC of data that holds a
// CRC of itself is a weak check.
func masked(b []byte) uint32 {
	crc := crc32.Checksum(b, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// event is a tensorboard.Event: when and where, and one of the three things that it can hold here: version, start or
// value. One with none of them is valid and says nothing.
type event struct {
	wallTime float64 // seconds since 1970
	step     int64
	version  string // of the file format, in a file's first event
	start    bool   // values of this step and later ones, written before, are void
	value    []byte // an encoded tensorboard.Summary.Value
}

// encode returns the protocol buffer. Field numbers are those of tensorboard/compat/proto/event.proto. The few fields
// are encoded by hand: generated code would bring all of TensorFlow's messages.
func (e event) encode() []byte {
	b := appendDouble(nil, 1, e.wallTime)
	b = appendVarint(b, 2, uint64(e.step))
	if e.version != "" {
		b = appendBytes(b, 3, []byte(e.version))
	}
	if e.value != nil {
		b = appendBytes(b, 5, appendBytes(nil, 1, e.value)) // a Summary of one value
	}
	if e.start {
		const statusStart = 1
		b = appendBytes(b, 7, appendVarint(nil, 1, statusStart)) // a SessionLog
	}
	return b
}

// scalarValue returns a Summary.Value (summary.proto) with a simple_value, the form that needs no metadata of a plugin.
func scalarValue(tag string, value float32) []byte {
	b := protowire.AppendTag(appendBytes(nil, 1, []byte(tag)), 2, protowire.Fixed32Type)
	return protowire.AppendFixed32(b, math.Float32bits(value))
}

// histogramValue returns a Summary.Value with a HistogramProto (histogram.proto): fields 1 to 5 are numbers, 6 and 7
// packed lists.
func histogramValue(tag string, h *histogram) []byte {
	var b []byte
	for i, v := range []float64{h.min, h.max, h.num, h.sum, h.sumSquares} {
		b = appendDouble(b, protowire.Number(i+1), v)
	}
	for i, list := range [][]float64{h.limits, h.counts} {
		var packed []byte
		for _, v := range list {
			packed = protowire.AppendFixed64(packed, math.Float64bits(v))
		}
		b = appendBytes(b, protowire.Number(i+6), packed)
	}
	return appendBytes(appendBytes(nil, 1, []byte(tag)), 5, b)
}

// textValue returns a Summary.Value with a tensor of one string (tensor.proto), for the plugin that shows text.
func textValue(tag, text string) []byte {
	const typeString = 7
	shape := appendBytes(nil, 2, appendVarint(nil, 1, 1)) // one dimension of size 1
	tensor := appendBytes(appendVarint(nil, 1, typeString), 2, shape)
	tensor = appendBytes(tensor, 8, []byte(text))
	plugin := appendBytes(nil, 1, []byte("text"))
	b := appendBytes(appendBytes(nil, 1, []byte(tag)), 8, tensor)
	return appendBytes(b, 9, appendBytes(nil, 1, plugin)) // SummaryMetadata with its plugin_data
}

// appendBytes, appendVarint and appendDouble append a field of that wire type to a message.
func appendBytes(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func appendVarint(b []byte, field protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), v)
}

func appendDouble(b []byte, field protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(v))
}
