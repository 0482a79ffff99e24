package tensorboard

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// The reader shares nothing with the writer: a checksum bit by bit, and protocol buffers by hand.

// slowCRC is CRC-32C as its definition says, a bit at a time.
func slowCRC(b []byte) uint32 {
	crc := ^uint32(0)
	for _, v := range b {
		crc ^= uint32(v)
		for range 8 {
			low := crc & 1
			if crc >>= 1; low == 1 {
				crc ^= 0x82f63b78
			}
		}
	}
	return ^crc
}

func unmask(v uint32) uint32 {
	v -= 0xa282ead8
	return v>>17 | v<<15
}

// field is a field of a protocol buffer: a number or bytes.
type field struct {
	number uint64
	bits   uint64
	bytes  []byte
}

func fields(b []byte) ([]field, error) {
	var out []field
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, fmt.Errorf("a broken key in % x", b)
		}
		f, size := field{number: key >> 3}, 0
		switch b = b[n:]; key & 7 {
		case 0:
			f.bits, size = binary.Uvarint(b)
		case 1:
			f.bits, size = binary.LittleEndian.Uint64(b), 8
		case 2:
			length, n := binary.Uvarint(b)
			f.bytes, size = b[n:n+int(length)], n+int(length)
		case 5:
			f.bits, size = uint64(binary.LittleEndian.Uint32(b)), 4
		}
		if size <= 0 {
			return nil, fmt.Errorf("field %d of wire type %d", f.number, key&7)
		}
		out, b = append(out, f), b[size:]
	}
	return out, nil
}

// readEvent is an event in words that tests compare: "start", "version …" or the value of a tag.
type readEvent struct {
	Wall float64
	Step int64
	Tag  string
	Has  string
}

// readFile returns the events of a file, and an error when a length, a checksum or a field is wrong.
func readFile(path string) ([]readEvent, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var events []readEvent
	for len(b) > 0 {
		if len(b) < 12 {
			return events, fmt.Errorf("%d bytes behind the last record", len(b))
		}
		length := int(binary.LittleEndian.Uint64(b))
		if unmask(binary.LittleEndian.Uint32(b[8:])) != slowCRC(b[:8]) {
			return events, fmt.Errorf("event %d: checksum of the length", len(events))
		}
		if len(b) < length+16 {
			return events, fmt.Errorf("event %d is cut off", len(events))
		}
		data := b[12 : 12+length]
		if unmask(binary.LittleEndian.Uint32(b[12+length:])) != slowCRC(data) {
			return events, fmt.Errorf("event %d: checksum of the data", len(events))
		}
		e, err := parseEvent(data)
		if err != nil {
			return events, fmt.Errorf("event %d: %w", len(events), err)
		}
		events, b = append(events, e), b[16+length:]
	}
	return events, nil
}

func parseEvent(data []byte) (e readEvent, err error) {
	all, err := fields(data)
	if err != nil {
		return e, err
	}
	for _, f := range all {
		switch f.number {
		case 1:
			e.Wall = math.Float64frombits(f.bits)
		case 2:
			e.Step = int64(f.bits)
		case 3:
			e.Has = "version " + string(f.bytes)
		case 5:
			e.Tag, e.Has, err = parseValue(f.bytes[1+lengthOf(f.bytes[1:]):]) // the only value of the summary
		case 7:
			e.Has = map[string]string{"\x08\x01": "start"}[string(f.bytes)]
		default:
			return e, fmt.Errorf("field %d of the event", f.number)
		}
	}
	return e, err
}

// lengthOf returns how many bytes the length at the start of b takes.
func lengthOf(b []byte) int {
	_, n := binary.Uvarint(b)
	return n
}

func parseValue(data []byte) (tag, has string, err error) {
	all, err := fields(data)
	for _, f := range all {
		switch f.number {
		case 1:
			tag = string(f.bytes)
		case 2:
			has = fmt.Sprint(math.Float32frombits(uint32(f.bits)))
		case 5:
			has, err = parseHistogram(f.bytes)
		case 8: // dtype 7, a shape of [1], and the string
			const head = "\x08\x07\x12\x04\x12\x02\x08\x01\x42"
			rest, ok := strings.CutPrefix(string(f.bytes), head)
			if !ok {
				return "", "", fmt.Errorf("tensor % x", f.bytes)
			}
			has = "text " + rest[lengthOf([]byte(rest)):]
		case 9:
			if string(f.bytes) != "\x0a\x06\x0a\x04text" {
				return "", "", fmt.Errorf("metadata %q", f.bytes)
			}
		}
	}
	return tag, has, err
}

func parseHistogram(data []byte) (string, error) {
	all, err := fields(data)
	var b strings.Builder
	for _, f := range all {
		name := []string{"", "min", "max", "num", "sum", "squares", "limits", "counts"}[f.number]
		if f.bytes == nil {
			fmt.Fprintf(&b, "%s %v ", name, math.Float64frombits(f.bits))
			continue
		}
		fmt.Fprintf(&b, "%s ", name)
		for at := 0; at < len(f.bytes); at += 8 {
			fmt.Fprintf(&b, "%v ", math.Float64frombits(binary.LittleEndian.Uint64(f.bytes[at:])))
		}
	}
	return strings.TrimSpace(b.String()), err
}

func mustRead(t *testing.T, path string) []readEvent {
	t.Helper()
	events, err := readFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return events
}

func TestChecksum(t *testing.T) {
	// RFC 3720, B.4: 32 zeros.
	if got := slowCRC(make([]byte, 32)); got != 0x8a9136aa {
		t.Errorf("CRC-32C of 32 zeros is %#x", got)
	}
	for _, text := range []string{"", "a", "123456789"} {
		if got, want := unmask(masked([]byte(text))), slowCRC([]byte(text)); got != want {
			t.Errorf("%q: %#x, want %#x", text, got, want)
		}
	}
}
