package csv

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

func BenchmarkReadCSV(b *testing.B) {
	for _, size := range [][2]int{{2_000, 2_000}, {200_000, 20}} {
		var text bytes.Buffer
		if err := Write(&text, datatest.Table(size[0], size[1])); err != nil {
			b.Fatal(err)
		}
		name := fmt.Sprintf("N=%d/F=%d", size[0], size[1])
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				if _, _, err := Read(b.Context(), bytes.NewReader(text.Bytes()), "bench",
					reading.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		// The plain way: encoding/csv and strconv, one core.
		b.Run(name+"/plain", func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(text.Bytes()))
				r.ReuseRecord = true
				if _, err := r.Read(); err != nil {
					b.Fatal(err)
				}
				var x []float32
				for {
					row, err := r.Read()
					if err == io.EOF {
						break
					}
					for _, cell := range row[2:] {
						v, err := strconv.ParseFloat(cell, 32)
						if err != nil {
							b.Fatal(err)
						}
						x = append(x, float32(v))
					}
				}
				if len(x) == 0 {
					b.Fatal("nothing read")
				}
			}
		})
	}
}

func BenchmarkWriteCSV(b *testing.B) {
	f := datatest.Table(2_000, 2_000)
	var text bytes.Buffer
	if err := Write(&text, f); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if err := Write(io.Discard, f); err != nil {
			b.Fatal(err)
		}
	}
}
