// Command bench is the Go side of ../bench_table.py: it loads or scans one table and prints, as JSON, what it took.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
)

type result struct {
	Seconds float64 `json:"seconds"`
	Rows    int     `json:"rows"`
	Columns int     `json:"columns"`
	Sum     float64 `json:"sum"` // of the first and last value of every row
	Cached  bool    `json:"cached"`
	Memory  uint64  `json:"memory"` // bytes that the process ever took from the system
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: bench open|cached|scan PATH, or bench make PATH ROWS COLUMNS")
	}
	path := os.Args[2]
	if os.Args[1] == "make" {
		if len(os.Args) < 5 {
			log.Fatal("usage: bench make PATH ROWS COLUMNS")
		}
		if err := write(path, os.Args[3], os.Args[4]); err != nil {
			log.Fatal(err)
		}
		return
	}
	r, err := load(os.Args[1], path)
	if err != nil {
		log.Fatal(err)
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	r.Memory = stats.Sys
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		log.Fatal(err)
	}
}

func load(how, path string) (result, error) {
	ctx := context.Background()
	var r result
	start := time.Now()
	switch how {
	case "open", "cached":
		f, e, err := table.Open(ctx, path, table.Options{NoCache: how == "open",
			CacheDir: filepath.Join(filepath.Dir(path), "cache")})
		if err != nil {
			return r, err
		}
		r.Seconds, r.Cached = time.Since(start).Seconds(), e.Cached
		r.add(f)
	case "scan":
		for f, err := range table.Scan(ctx, path, table.Options{}) {
			if err != nil {
				return r, err
			}
			r.add(f)
		}
		r.Seconds = time.Since(start).Seconds()
	default:
		return r, fmt.Errorf("%q is none of open, cached, scan", how)
	}
	return r, nil
}

func (r *result) add(f *data.Frame) {
	r.Rows, r.Columns = r.Rows+f.N(), f.F()
	for i := range f.N() {
		row := f.Row(i)
		r.Sum += float64(row[0]) + float64(row[len(row)-1])
	}
}

// write makes a table of small numbers of many digits, in the format that path names.
func write(path, rowText, columnText string) error {
	rows, err := strconv.Atoi(rowText)
	if err != nil {
		return err
	}
	columns, err := strconv.Atoi(columnText)
	if err != nil {
		return err
	}
	f := &data.Frame{X: make([]float32, rows*columns), IDs: make([]string, rows),
		Blocks: []data.Block{{Name: "f", Start: 0, End: columns}}}
	for j := range columns {
		f.Columns = append(f.Columns, "f/"+strconv.Itoa(j))
	}
	for i := range rows {
		f.IDs[i] = strconv.Itoa(i)
	}
	state := uint64(1)
	for k := range f.X { // xorshift64 (Marsaglia, 2003)
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		f.X[k] = float32(int64(state)) / (1 << 63)
	}
	return table.Save(path, f)
}
