package openfile

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// Hash returns the size in bytes and the SHA-256, in hexadecimal, of the content of the regular file at path. It reads
// the file in pieces, and tells nobody that it is read: who uses the content does.
func Hash(path string) (size int64, sum string, err error) {
	file, err := Part(path)
	if err != nil {
		return 0, "", err
	}
	defer file.Close()
	h := sha256.New()
	if size, err = io.Copy(h, file); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}
