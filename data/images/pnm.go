package images

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// pnmHead is the head of a PNM file: PBM, PGM and PPM as text (P1 to P3) or bytes (P4 to P6), or floating-point numbers
// (Pf and PF). Behind it come the values (Netpbm's formats, 1988 to 2013; PFM as Debevec wrote it).
type pnmHead struct {
	kind     byte
	w, h, c  int
	most     int     // value of white
	scale    float64 // of floating-point numbers: below 0 = the lowest byte comes first
	data     []byte
	isFloats bool
}

// isPNM recognises a head: P, a kind and a blank.
func isPNM(head []byte) bool {
	return len(head) > 3 && head[0] == 'P' && (head[1] >= '1' && head[1] <= '6' || head[1] == 'f' || head[1] == 'F') &&
		(isBlank(head[2]) || head[2] == '#') &&
		(isBlank(head[3]) || head[3] >= '0' && head[3] <= '9' || head[3] == '#' ||
			head[2] == '#')
}

// isBlank reports whether a byte parts the numbers of a PNM file.
func isBlank(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' }

// pnmWord cuts the next word, which blanks and comments (from # to the end of the line) precede.
func pnmWord(data []byte) (word string, rest []byte) {
	for len(data) > 0 && (isBlank(data[0]) || data[0] == '#') {
		if data[0] == '#' {
			for len(data) > 0 && data[0] != '\n' {
				data = data[1:]
			}
			continue
		}
		data = data[1:]
	}
	n := 0
	for n < len(data) && !isBlank(data[n]) && data[n] != '#' {
		n++
	}
	return string(data[:n]), data[n:]
}

// readPNM reads the head of a PNM file.
func readPNM(file []byte) (p pnmHead, err error) {
	p = pnmHead{kind: file[1], c: 1, most: 1, data: file[2:], isFloats: file[1] == 'f' || file[1] == 'F'}
	if p.kind == '3' || p.kind == '6' || p.kind == 'F' {
		p.c = 3
	}
	number := func(most int) int {
		word, rest := pnmWord(p.data)
		p.data = rest
		v, wrong := strconv.Atoi(word)
		if wrong != nil || v < 0 || v > most {
			err = errors.Join(err, fmt.Errorf("%q in its head is no number from 0 to %d", word, most))
		}
		return v
	}
	p.w, p.h = number(math.MaxInt32), number(math.MaxInt32)
	switch {
	case p.isFloats:
		word, rest := pnmWord(p.data)
		p.data = rest
		if p.scale, err = strconv.ParseFloat(word, 64); err != nil || p.scale == 0 {
			err = errors.Join(err, fmt.Errorf("the scale %q in its head is no number", word))
		}
	case p.kind != '1' && p.kind != '4':
		if p.most = number(65535); p.most == 0 {
			err = errors.Join(err, errors.New("its head says that white is 0"))
		}
	}
	if len(p.data) > 0 { // one blank ends the head
		p.data = p.data[1:]
	}
	return p, err
}

// pnmHeader is the header of a PNM file.
func pnmHeader(file []byte) (header, error) {
	p, err := readPNM(file)
	h := header{w: p.w, h: p.h, mode: "grey", bits: 8, float: p.isFloats}
	if p.c == 3 {
		h.mode = "RGB"
	}
	if p.most > 255 {
		h.bits = 16
	}
	if p.isFloats {
		h.bits = 32
	}
	return h, err
}

// decodePNM returns the picture. Values of 8 bits or fewer are spread over 0 to 255; others are deep, and the range is
// that of the head.
func decodePNM(file []byte, _ sheet) (*Image, error) {
	p, err := readPNM(file)
	if err != nil {
		return nil, err
	}
	// Text needs a byte a bit and two a number, at least; what is claimed must be there before memory is taken.
	if n := p.w * p.h * p.c; p.kind != '4' && n > len(p.data) {
		return nil, io.ErrUnexpectedEOF
	}
	values, err := p.values()
	if err != nil {
		return nil, err
	}
	m := &Image{W: p.w, H: p.h, C: p.c}
	if p.isFloats {
		m.Deep, m.Range = values, [2]float64{0, 1}
		return m, nil
	}
	for i, v := range values {
		if v > float32(p.most) {
			return nil, fmt.Errorf("value %d is %v, above the %d of white", i, v, p.most)
		}
	}
	if p.most > 255 {
		m.Deep, m.Range = values, [2]float64{0, float64(p.most) + 1}
		return m, nil
	}
	m.Pix = make([]uint8, len(values))
	for i, v := range values {
		m.Pix[i] = uint8(math.Round(float64(v) * 255 / float64(p.most)))
	}
	return m, nil
}

// values returns all numbers, top row first; of bits black is 0 and white 1.
func (p pnmHead) values() ([]float32, error) {
	n := p.w * p.h * p.c
	bytesOf := map[byte]int{'4': (p.w + 7) / 8 * p.h, '5': n, '6': n, 'f': 4 * n, 'F': 4 * n}[p.kind]
	if (p.kind == '5' || p.kind == '6') && p.most > 255 {
		bytesOf *= 2
	}
	if len(p.data) < bytesOf {
		return nil, io.ErrUnexpectedEOF
	}
	out := make([]float32, n)
	for i := range out {
		switch {
		case p.kind == '4':
			x, y := i%p.w, i/p.w
			out[i] = 1 - float32(p.data[y*((p.w+7)/8)+x/8]>>(7-x%8)&1)
		case p.isFloats: // the bottom row comes first
			row := p.w * p.c
			at := ((p.h-1-i/row)*row + i%row) * 4
			bits := binary.BigEndian.Uint32(p.data[at:])
			if p.scale < 0 {
				bits = binary.LittleEndian.Uint32(p.data[at:])
			}
			out[i] = math.Float32frombits(bits)
		case p.kind >= '5' && p.most > 255:
			out[i] = float32(binary.BigEndian.Uint16(p.data[2*i:]))
		case p.kind >= '5':
			out[i] = float32(p.data[i])
		case p.kind == '1': // digits need no blanks between them
			for len(p.data) > 0 && p.data[0] != '0' && p.data[0] != '1' {
				if !isBlank(p.data[0]) {
					return nil, fmt.Errorf("pixel %d is %q, want 0 or 1", i, p.data[0])
				}
				p.data = p.data[1:]
			}
			if len(p.data) == 0 {
				return nil, io.ErrUnexpectedEOF
			}
			out[i] = 1 - float32(p.data[0]-'0')
			p.data = p.data[1:]
		default:
			word, rest := pnmWord(p.data)
			if word == "" {
				return nil, io.ErrUnexpectedEOF
			}
			v, err := strconv.ParseUint(word, 10, 16)
			if err != nil {
				return nil, fmt.Errorf("value %d is %q, want a whole number", i, word)
			}
			out[i], p.data = float32(v), rest
		}
	}
	return out, nil
}
