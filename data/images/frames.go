package images

import "encoding/binary"

// bigEndian reads a whole number of 32 bits, as PNG stores all of its numbers.
func bigEndian(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// pngChunk returns the data of the first chunk of that name in a PNG file, nil when there is none. They share memory
// with the file.
func pngChunk(file []byte, name string) []byte {
	return chunk(file[8:], name, func(head []byte) (string, uint32, int) {
		return string(head[4:8]), bigEndian(head), 4 // after the data: a checksum
	})
}

// riffChunk is pngChunk for the chunks of a RIFF file, such as WebP; chunks begins with the first one.
func riffChunk(chunks []byte, name string) []byte { return chunk(chunks, name, riffHead) }

// riffHead reads the head of a chunk of a RIFF file: its name, the bytes of its data, and those of padding behind them.
func riffHead(head []byte) (string, uint32, int) {
	n := binary.LittleEndian.Uint32(head[4:])
	return string(head[:4]), n, int(n & 1) // padded to even lengths
}

// gifFrames counts the pictures of a GIF file, without decoding them, and reports whether the first may have
// transparent pixels. A file is a head, with a table of colours, and blocks: extensions (21), pictures (2c) and an end
// (3b); their data come in pieces, each after its length, the last being empty (GIF89a, 1990). A damaged file has the
// pictures before the damage.
func gifFrames(file []byte) (frames int, alpha bool) {
	if len(file) < 13 {
		return 0, false
	}
	screen := string(file[6:10]) // width and height
	skip := func(n int) bool {
		if n > len(file) {
			return false
		}
		file = file[n:]
		return true
	}
	table := func(flags byte) int { // bytes of a table of colours
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	pieces := func() bool {
		for len(file) > 0 {
			n := int(file[0])
			if !skip(1+n) || n == 0 {
				return n == 0
			}
		}
		return false
	}
	if !skip(13 + table(file[10])) {
		return 0, false
	}
	for len(file) > 0 {
		switch file[0] {
		case 0x21:
			const control = 0xf9 // its first bit says that a colour is transparent
			if len(file) > 3 && file[1] == control && frames == 0 && file[3]&1 == 1 {
				alpha = true
			}
			if !skip(2) || !pieces() {
				return frames, alpha
			}
		case 0x2c:
			if len(file) < 10 {
				return frames, alpha
			}
			// What the first picture leaves of the screen is transparent; width and height lie behind its place.
			if frames == 0 && string(file[5:9]) != screen {
				alpha = true
			}
			frames++
			if !skip(10+table(file[9])+1) || !pieces() {
				return frames, alpha
			}
		default:
			return frames, alpha
		}
	}
	return frames, alpha
}
