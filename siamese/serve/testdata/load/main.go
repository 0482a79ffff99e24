// Command load sends requests to a running `siamese serve` and prints how long they take:
//
//	SIAMESE_TOKEN=… siamese serve model.safetensors items.parquet
//	SIAMESE_TOKEN=… go run ./siamese/serve/testdata/load --seconds 20 http://127.0.0.1:8765
//	SIAMESE_TOKEN=… go run ./siamese/serve/testdata/load --rate 10 --seconds 3600 http://127.0.0.1:8765
//
// Rows are drawn at random, one a request, in JSON; /v1/search is asked too where there is a gallery. One client waits
// for each answer before it asks again, so that 32 clients have 32 requests under way. With --rate one client asks so
// many times a second, now this and now that, and every minute's times are printed with the memory of the server.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

func main() {
	seconds := flag.Float64("seconds", 10, "of each measurement")
	rate := flag.Float64("rate", 0, "requests a second of one client; 0 = as many as there are answers")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("give the address, such as http://127.0.0.1:8765")
	}
	about := struct {
		Columns []string
		Gallery int
	}{}
	if err := json.Unmarshal(ask(http.MethodGet, flag.Arg(0)+"/v1/model", nil), &about); err != nil {
		log.Fatal(err)
	}
	paths := []string{"/v1/embed"}
	if about.Gallery > 0 {
		paths = append(paths, "/v1/search")
	}
	fmt.Printf("%d features, a gallery of %d items\n", len(about.Columns), about.Gallery)
	if *rate > 0 {
		steady(flag.Arg(0), paths, len(about.Columns), *rate, time.Duration(*seconds*float64(time.Second)))
		return
	}
	for _, path := range paths {
		for _, clients := range []int{1, 32} {
			times := measure(flag.Arg(0)+path, len(about.Columns), clients, time.Duration(*seconds*float64(time.Second)))
			fmt.Printf("%-11s %2d clients: %7.0f requests/s, p50 %v, p99 %v\n", path, clients,
				float64(len(times))/(*seconds), at(times, 0.5), at(times, 0.99))
		}
	}
}

// measure returns the times of requests that so many clients made within a time, sorted.
func measure(url string, features, clients int, within time.Duration) []time.Duration {
	var lock sync.Mutex
	var group sync.WaitGroup
	var all []time.Duration
	end := time.Now().Add(within)
	for client := range clients {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(client), 1))
			var own []time.Duration
			row := make([]float32, features)
			for time.Now().Before(end) {
				for j := range row {
					row[j] = rng.Float32()
				}
				body, err := json.Marshal(map[string]any{"rows": [][]float32{row}})
				if err != nil {
					log.Fatal(err)
				}
				begun := time.Now()
				ask(http.MethodPost, url, body)
				own = append(own, time.Since(begun))
			}
			lock.Lock()
			defer lock.Unlock()
			all = append(all, own...)
		})
	}
	group.Wait()
	slices.Sort(all)
	return all
}

// steady asks so many times a second, for each path in turn, and prints what every minute brought.
func steady(url string, paths []string, features int, rate float64, within time.Duration) {
	rng, ticks := rand.New(rand.NewPCG(1, 1)), time.Tick(time.Duration(float64(time.Second)/rate))
	row := make([]float32, features)
	begun, told := time.Now(), time.Now()
	var times []time.Duration
	for n := 0; time.Since(begun) < within; n++ {
		<-ticks
		for j := range row {
			row[j] = rng.Float32()
		}
		body, err := json.Marshal(map[string]any{"rows": [][]float32{row}})
		if err != nil {
			log.Fatal(err)
		}
		asked := time.Now()
		ask(http.MethodPost, url+paths[n%len(paths)], body)
		times = append(times, time.Since(asked))
		if now := time.Now(); now.Sub(told) >= time.Minute {
			slices.Sort(times)
			fmt.Printf("%3.0f min: %5d requests, p50 %v, p99 %v, the server holds %s MB\n", now.Sub(begun).Minutes(), len(times),
				at(times, 0.5), at(times, 0.99), resident(url))
			told, times = now, times[:0]
		}
	}
}

var residentMetric = regexp.MustCompile(`(?m)^process_resident_memory_bytes (\S+)$`)

// resident returns the megabytes of memory that the server has.
func resident(url string) string {
	found := residentMetric.FindSubmatch(ask(http.MethodGet, url+"/metrics", nil))
	if found == nil {
		return "?"
	}
	bytes, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		log.Fatal(err)
	}
	return fmt.Sprintf("%.0f", bytes/1e6)
}

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute}

// ask returns the body of an answer. Anything but success ends the program: times of failures say nothing.
func ask(method, url string, body []byte) []byte {
	r, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+os.Getenv("SIAMESE_TOKEN"))
	answered, err := client.Do(r)
	if err != nil {
		log.Fatal(err)
	}
	defer answered.Body.Close()
	text, err := io.ReadAll(answered.Body)
	if err != nil || answered.StatusCode != http.StatusOK {
		log.Fatalf("%s: %s %s (%v)", url, answered.Status, text, err)
	}
	return text
}

// at returns a quantile of sorted times, rounded.
func at(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	return times[int(q*float64(len(times)-1))].Round(10 * time.Microsecond)
}
