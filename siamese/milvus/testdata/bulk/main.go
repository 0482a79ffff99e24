// Command bulk measures a load of many items into a collection, which it makes anew, and what the loading program
// takes: rows for each second of processor time, and memory.
//
//	milvus-lite server --data-dir=DIR --host=127.0.0.1 --port=19530 &
//	go run ./testdata/bulk --rows=1000000 --width=256
//
// Items are random and of unit length, made while they are loaded. The numbers are about this program, not the server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"log"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/stop"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/milvus"
)

func main() {
	log.SetFlags(0)
	address := flag.String("address", "127.0.0.1:19530", "of the server")
	rows, width := flag.Int("rows", 1_000_000, "items"), flag.Int("width", 256, "numbers of each")
	cursor := flag.String("cursor", "", "file, to measure the cursor too")
	batch := flag.Int("batch", 1000, "items at a time")
	flag.Parse()
	if err := load(stop.OnSignal(context.Background()), *address, *rows, *width, *batch, *cursor); err != nil {
		log.Fatal(err)
	}
}

func load(ctx context.Context, address string, rows, width, batch int, cursor string) error {
	config := milvus.Config{Address: address, Collection: "siamese_bulk", Timeout: 2 * time.Minute}
	if old, err := milvus.Open(ctx, config); err == nil {
		if err := errors.Join(old.Drop(ctx), old.Close()); err != nil {
			return err
		}
	}
	x, err := milvus.Create(ctx, width, "", config)
	if err != nil {
		return err
	}
	defer x.Close()
	begun, before, told := time.Now(), cpu(), 0
	tell := func(done int) {
		if done-told < rows/10 && done < rows {
			return
		}
		told = done
		fmt.Printf("%9d rows, %7.1f s, %6.1f s of processor (%.0f rows a second of it), %s now, %s at most\n", done,
			time.Since(begun).Seconds(), (cpu() - before).Seconds(), float64(done)/(cpu()-before).Seconds(),
			memory("VmRSS"), memory("VmHWM"))
	}
	_, err = x.Load(ctx, made(rows, width), milvus.LoadOptions{Progress: tell, Batch: batch, Cursor: cursor})
	if err != nil {
		return err
	}
	stats, err := x.Stats(ctx)
	fmt.Println(stats)
	return err
}

// made returns frames of random items.
func made(rows, width int) iter.Seq2[*data.Frame, error] {
	return func(yield func(*data.Frame, error) bool) {
		rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
		columns := make([]string, width)
		for i := range columns {
			columns[i] = fmt.Sprintf("embedding/%d", i)
		}
		for from := 0; from < rows; from += 4096 {
			n := min(4096, rows-from)
			z := &embedding.Embeddings{N: n, E: width, Values: make([]float32, n*width)}
			f := &data.Frame{Columns: columns, X: z.Values}
			for i := range z.Values {
				z.Values[i] = rng.Float32() - .5
			}
			z.ToUnit()
			for i := range n {
				f.IDs = append(f.IDs, fmt.Sprintf("item-%08d", from+i))
				f.Labels = append(f.Labels, fmt.Sprintf("class-%d", (from+i)%100))
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// cpu returns the processor time of this program.
func cpu() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		log.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// memory returns a line of what Linux says of this program's memory.
func memory(name string) string {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "?"
	}
	_, rest, _ := strings.Cut(string(text), name+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}
