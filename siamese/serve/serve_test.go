package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/search"
	"github.com/go-siamese/lab/siamese/stats"
)

const token = "0123456789abcdef"

// fixture is a server of a small model, and what it should answer.
type fixture struct {
	t       testing.TB
	server  *Server
	model   *siamese.Model
	backend compute.Backend
	frame   *data.Frame // the gallery
	z       *embedding.Embeddings
}

func newFixture(t testing.TB, change func(*Options)) *fixture {
	f := labtest.Toy("i", 4, 10, 6, 0.5, 1)
	c := siamese.DefaultConfig()
	c.Layers = []int{16, 5}
	all := make([]int, f.N())
	for i := range all {
		all[i] = i
	}
	fitted, err := preprocess.Fit(context.Background(), f, all, c.Preprocess)
	if err != nil {
		t.Fatal(err)
	}
	m := &siamese.Model{Config: c, Transform: fitted, Standard: fitted, Threshold: 0.8,
		Layers:      encoder.Init(f.F(), c.Layers, 3),
		Calibration: &stats.Calibration{Method: stats.Platt, Slope: 4, Offset: -3, Pairs: 100, Fitted: 0.5, Prevalence: 0.5}}
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backend.Finalize)
	opt := Options{Token: token, Gallery: f}
	if change != nil {
		change(&opt)
	}
	s, err := New(context.Background(), backend, m, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	z, err := m.Embed(context.Background(), backend, f)
	if err != nil {
		t.Fatal(err)
	}
	return &fixture{t, s, m, backend, f, z}
}

// ask sends a request and fails unless it is answered with status; into, unless nil, gets the JSON.
func (f *fixture) ask(method, path, body string, status int, into any, headers ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.server.Handler().ServeHTTP(w, r)
	if w.Code != status {
		f.t.Errorf("%s %s %.80s: status %d, want %d: %s", method, path, body, w.Code, status, w.Body)
	} else if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			f.t.Errorf("%s %s: %v in %s", method, path, err, w.Body)
		}
	}
	return w
}

// rows returns items of the gallery as JSON.
func (f *fixture) rows(items ...int) string {
	var rows [][]float32
	for _, i := range items {
		rows = append(rows, f.frame.Row(i))
	}
	text, err := json.Marshal(rows)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

func (f *fixture) near(what string, got, want []float32) {
	f.t.Helper()
	if len(got) != len(want) {
		f.t.Fatalf("%s has %d numbers, want %d", what, len(got), len(want))
	}
	for i := range want {
		if d := math.Abs(float64(got[i] - want[i])); !(d < 1e-6) {
			f.t.Fatalf("%s: number %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestEmbed(t *testing.T) {
	f := newFixture(t, nil)
	var got embedded
	f.ask("POST", "/v1/embed", `{"rows": `+f.rows(3, 7)+`}`, 200, &got)
	f.near("rows", slices.Concat(got.Embeddings...), f.z.Select([]int{3, 7}).Values)
	f.ask("POST", "/v1/embed", `{"ids": ["`+f.frame.IDs[5]+`"]}`, 200, &got)
	f.near("ids", slices.Concat(got.Embeddings...), f.z.Row(5))
	f.ask("POST", "/v1/embed", `{"rows": []}`, 200, &got)
	if len(got.Embeddings) != 0 {
		t.Errorf("no rows give %v", got)
	}

	// Columns by name, in another order.
	turned := slices.Clone(f.frame.Columns)
	slices.Reverse(turned)
	row := slices.Clone(f.frame.Row(2))
	slices.Reverse(row)
	body, _ := json.Marshal(map[string]any{"columns": turned, "rows": [][]float32{row}})
	f.ask("POST", "/v1/embed", string(body), 200, &got)
	f.near("columns", slices.Concat(got.Embeddings...), f.z.Row(2))
}

func TestTables(t *testing.T) {
	f := newFixture(t, nil)
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	some := f.frame.Select([]int{4, 9, 1})
	for ending, kind := range map[string]string{".npy": npy, ".parquet": "application/vnd.apache.parquet",
		".arrow": "application/octet-stream", ".csv": "text/csv"} {
		path := filepath.Join(dir, "t"+ending)
		if err := table.Save(path, some); err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var got embedded
		f.ask("POST", "/v1/embed", string(body), 200, &got, "Content-Type", kind)
		f.near(ending, slices.Concat(got.Embeddings...), f.z.Select([]int{4, 9, 1}).Values)

		w := f.ask("POST", "/v1/embed", string(body), 200, nil, "Content-Type", kind, "Accept",
			"application/vnd.apache.arrow.file;q=1, application/json")
		out := filepath.Join(dir, "z.arrow")
		if err := os.WriteFile(out, w.Body.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		back, _, err := table.Open(t.Context(), out, table.Options{NoCache: true})
		if err != nil {
			t.Fatalf("%s: %v", ending, err)
		}
		f.near(ending+" as Arrow", back.X, f.z.Select([]int{4, 9, 1}).Values)
		if ending != ".npy" && (!slices.Equal(back.IDs, some.IDs) || !slices.Equal(back.Labels, some.Labels)) {
			t.Errorf("%s: ids %q, labels %q", ending, back.IDs, back.Labels)
		}
		var list found
		f.ask("POST", "/v1/search?k=1", string(body), 200, &list, "Content-Type", kind)
		for q, i := range []int{4, 9, 1} {
			if len(list.Neighbours[q]) != 1 || list.Neighbours[q][0].ID != f.frame.IDs[i] {
				t.Errorf("%s: query %d finds %v", ending, q, list.Neighbours[q])
			}
		}
	}
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), "siamese-body-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	w := f.ask("POST", "/v1/embed", "a,b\n1,2\n", 400, nil, "Content-Type", "text/csv")
	if text := w.Body.String(); strings.Contains(text, "siamese-body") || !strings.Contains(text, "missing") {
		t.Errorf("other columns: %s", text)
	}
	f.ask("POST", "/v1/embed", "\x93NUMPY\x01\x00garbage", 400, nil, "Content-Type", npy)
	f.ask("POST", "/v1/embed", `{"rows": []}`, 406, nil, "Accept", "image/png")
}

func TestScore(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Prevalence = 0.1 })
	var got scores
	f.ask("POST", "/v1/score", `{"left": {"rows": `+f.rows(0, 1)+`}, "right": {"ids": ["`+f.frame.IDs[2]+`", "`+
		f.frame.IDs[30]+`"]}}`, 200, &got)
	for i, want := range []float64{f.z.Cosine(0, 2), f.z.Cosine(1, 30)} {
		p, err := f.model.Probability(want, 0.1)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Cosines[i]-want) > 1e-6 || got.Same[i] != (want >= 0.8) ||
			math.Abs(got.Probabilities[i]-p) > 1e-5 {
			t.Errorf("pair %d: %+v, want %v with probability %v", i, got, want, p)
		}
	}
	if got.Threshold != 0.8 || got.Prevalence != 0.1 {
		t.Errorf("%+v", got)
	}
	w := f.ask("POST", "/v1/score", `{"left": {"rows": `+f.rows(0)+`}, "right": {"rows": `+f.rows(0, 1)+`}}`, 400, nil)
	if !strings.Contains(w.Body.String(), "1 items on the left and 2 on the right") {
		t.Error(w.Body)
	}
	w = f.ask("POST", "/v1/score", `{"left": {"ids": ["<b>"]}, "right": {"rows": `+f.rows(0)+`}}`, 400, nil)
	if !strings.Contains(w.Body.String(), "left: the gallery has no item") {
		t.Error(w.Body)
	}
}

func TestSearch(t *testing.T) {
	f := newFixture(t, nil)
	want, err := embedding.Nearest(f.z, f.z, 3, true)
	if err != nil {
		t.Fatal(err)
	}
	var got found
	f.ask("POST", "/v1/search", `{"ids": ["`+f.frame.IDs[11]+`"], "k": 3}`, 200, &got)
	for i, n := range want[11] {
		one := got.Neighbours[0][i]
		if one.ID != f.frame.IDs[n.Item] || one.Label != f.frame.Labels[n.Item] ||
			math.Abs(one.Cosine-float64(n.Cosine)) > 1e-6 || one.Same != (one.Cosine >= 0.8) || one.Probability == nil {
			t.Errorf("neighbour %d is %+v, want %v", i, one, n)
		}
	}
	// As a row it is an item like any other, and finds itself.
	f.ask("POST", "/v1/search", `{"rows": `+f.rows(11)+`, "k": 1000}`, 200, &got)
	if list := got.Neighbours[0]; len(list) != f.frame.N() || list[0].ID != f.frame.IDs[11] {
		t.Errorf("%d neighbours, the first %+v", len(list), list[0])
	}
	// Of a label, those alone that have it.
	label := f.frame.Labels[3]
	got.Neighbours = nil
	f.ask("POST", "/v1/search", `{"rows": `+f.rows(11)+`, "k": 1000, "labels": ["`+label+`"]}`, 200, &got)
	if list := got.Neighbours[0]; len(list) != 10 || list[0].Label != label || list[9].Label != label {
		t.Errorf("of %s: %+v", label, list)
	}
	for _, k := range []string{"0", "-1", "1001", "1.5", `"x"`} {
		f.ask("POST", "/v1/search", `{"ids": ["`+f.frame.IDs[1]+`"], "k": `+k+`}`, 400, nil)
	}
}

// An index takes the place of a gallery: the same ids find the same items, and where answers are approximate they say
// how good they are. Another model's is refused.
func TestIndexed(t *testing.T) {
	f := newFixture(t, nil)
	x, err := search.New(f.z.E, search.Config{Storage: search.Int8})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Add(t.Context(), f.z, f.frame); err != nil {
		t.Fatal(err)
	}
	indexed := newFixture(t, func(o *Options) { o.Gallery, o.Index = nil, x })
	body := `{"ids": ["` + f.frame.IDs[11] + `", "` + f.frame.IDs[2] + `"], "k": 4}`
	var want, got found
	f.ask("POST", "/v1/search", body, 200, &want)
	indexed.ask("POST", "/v1/search", body, 200, &got)
	if !reflect.DeepEqual(want.Neighbours, got.Neighbours) || len(got.Neighbours[1]) != 4 {
		t.Errorf("%+v, want %+v", got.Neighbours, want.Neighbours)
	}
	if want.Recall != nil || got.Recall == nil || got.Recall.K != 10 || got.Recall.Queries != f.frame.N() ||
		got.Recall.Recall.Value < .9 {
		t.Errorf("recall %+v, and without an index %+v", got.Recall, want.Recall)
	}
	if text := indexed.server.String(); !strings.Contains(text, "40 items, searched approximately: recall@10") {
		t.Error(text)
	}
	// The recall is that of the items that are left.
	if err := x.Delete(f.frame.IDs[0], f.frame.IDs[20]); err != nil {
		t.Fatal(err)
	}
	left := newFixture(t, func(o *Options) { o.Gallery, o.Index = nil, x })
	left.ask("POST", "/v1/search", `{"ids": ["`+f.frame.IDs[2]+`"]}`, 200, &got)
	if got.Recall.Queries != f.frame.N()-2 {
		t.Errorf("recall %+v of %d items", got.Recall, f.frame.N()-2)
	}
	narrow, err := search.New(3, search.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, opt := range []Options{{Token: token, Index: narrow}, {Token: token, Index: x, Gallery: f.frame},
		{Token: token, MaxNeighbours: search.MaxK + 1}} {
		if _, err := New(t.Context(), f.backend, f.model, opt); err == nil {
			t.Errorf("%+v was taken", opt)
		}
	}
}

// Without a gallery there is nothing to search, and ids mean nothing.
func TestNoGallery(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Gallery = nil })
	f.ask("POST", "/v1/search", `{"rows": `+f.rows(1)+`}`, 404, nil)
	f.ask("POST", "/v1/embed", `{"ids": ["x"]}`, 400, nil)
	var got about
	f.ask("GET", "/v1/model", "", 200, &got)
	if got.Gallery != 0 || got.Width != 5 || got.Threshold != 0.8 || !slices.Equal(got.Columns, f.frame.Columns) ||
		got.Prevalence != 0.5 || got.Imputes {
		t.Errorf("%+v", got)
	}
}

// What cannot be read for certain is refused, with a sentence that says what to send.
func TestRefused(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.MaxRows, o.MaxBytes = 3, 2000 })
	for body, want := range map[string]string{
		``:                                  "EOF",
		`{`:                                 "EOF",
		`[]`:                                "array",
		`{}`:                                "give rows, or ids",
		`{"row": [[]]}`:                     "unknown field",
		`{"rows": [[1, 2]]}`:                "row 0 has 2 numbers, want 6",
		`{"rows": [[1, 2, 3, 4, 5, "6"]]}`:  "no number",
		`{"rows": [[1, 2, 3, 4, 5, 1e39]]}`: "fits into 32 bits",
		`{"rows": [[1, 2, 3, 4, 5, null]]}`: "row 0: column " + f.frame.Columns[5] + " is missing",
		`{"rows": [[1, 2, 3, 4, 5, 3e38]]}`: "row 0",
		`{"rows": [], "ids": []}`:           "not both",
		`{"ids": ["a"], "columns": ["b"]}`:  "columns are for rows",
		`{"rows": [[1]], "columns": ["x"]}`: "missing",
		`{"rows": []} {}`:                   "more after",
		`{"ids": ["` + strings.Repeat("x", 1900) + `"]}`:     "no item",
		`{"ids": ["\u001b[31m", "` + f.frame.IDs[0] + `"]} `: "no item",
	} {
		w := f.ask("POST", "/v1/embed", body, 400, nil)
		var got struct{ Error string }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || !strings.Contains(got.Error, want) ||
			strings.ContainsRune(got.Error, 0x1b) {
			t.Errorf("%.60s: %q, want %q (%v)", body, got.Error, want, err)
		}
	}
	f.ask("POST", "/v1/embed", `{"rows": `+f.rows(0, 1, 2, 3)+`}`, 413, nil)
	f.ask("POST", "/v1/embed", `{"ids": ["`+strings.Repeat("x", 3000)+`"]}`, 413, nil)
	f.ask("GET", "/v1/embed", ``, 405, nil)
	f.ask("POST", "/", ``, 404, nil)
}

// Nothing is said to who has not the token; a length that is not told is bounded as well.
func TestGuard(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.MaxBytes = 100 })
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer " + token[:15], "Bearer " + token + "0",
		"Basic " + token, token} {
		for _, path := range []string{"GET /v1/model", "POST /v1/embed", "POST /v1/score", "POST /v1/search", "GET /metrics"} {
			method, path, _ := strings.Cut(path, " ")
			w := f.ask(method, path, "{}", 401, nil, "Authorization", header)
			if strings.Contains(w.Body.String(), token) || w.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("%q: %s", header, w.Body)
			}
		}
	}
	f.ask("GET", "/healthz", "", 200, nil, "Authorization", "")
	f.ask("GET", "/v1/model", "", 200, nil, "Authorization", "bearer "+token)
	r := httptest.NewRequest(http.MethodPost, "/v1/embed", io.MultiReader(strings.NewReader(`{"ids": ["`),
		strings.NewReader(strings.Repeat("x", 200))))
	r.Header.Set("Authorization", "Bearer "+token)
	r.ContentLength = -1
	w := httptest.NewRecorder()
	f.server.Handler().ServeHTTP(w, r)
	if w.Code != 413 || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	for _, opt := range []Options{{}, {Token: token[:15]}, {Token: token, MaxRows: -1}, {Token: token, Prevalence: 1},
		{Token: token, Gallery: twice(f.frame)}} {
		if _, err := New(t.Context(), f.backend, f.model, opt); err == nil {
			t.Errorf("%+v was taken", opt)
		}
	}
}

// twice returns a frame in which an id occurs twice.
func twice(f *data.Frame) *data.Frame {
	out := f.Select([]int{0, 1})
	out.IDs[1] = out.IDs[0]
	return out
}

// Many requests at once are answered as they are one after the other, and a faulty one takes no other with it.
func TestTogether(t *testing.T) {
	f := newFixture(t, nil)
	var group sync.WaitGroup
	for i := range 60 {
		group.Go(func() {
			if i%10 == 9 { // finite, and infinite once it is standardised
				f.ask("POST", "/v1/embed", `{"rows": [[3e38, 3e38, 3e38, 3e38, 3e38, 3e38]]}`, 400, nil)
				return
			}
			var got embedded
			f.ask("POST", "/v1/embed", `{"rows": `+f.rows(i%40, (i+1)%40)+`}`, 200, &got)
			f.near(fmt.Sprint("request ", i), slices.Concat(got.Embeddings...), f.z.Select([]int{i % 40, (i + 1) % 40}).Values)
		})
	}
	group.Wait()
	text := f.ask("GET", "/metrics", "", 200, nil).Body.String()
	for _, want := range []string{`siamese_requests_total{path="/v1/embed",status="200"} 54`,
		`siamese_requests_total{path="/v1/embed",status="400"} 6`, `siamese_request_seconds_count{path="/v1/embed"} 60`,
		"siamese_batch_rows_bucket", "siamese_waiting_requests 0"} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics have no %q:\n%s", want, text)
		}
	}
}

// Jobs of one batch are embedded together, each with its own warnings; those that nobody waits for are left out.
func TestBatch(t *testing.T) {
	f := newFixture(t, nil)
	b := f.server.batches
	jobs := []*job{}
	for _, items := range [][]int{{0}, {5, 6}, {2}} {
		jobs = append(jobs, &job{t.Context(), f.frame.Select(items), make(chan outcome, 1)})
	}
	if !b.together(jobs) {
		t.Fatal("not embedded together")
	}
	for k, want := range [][]int{{0}, {5, 6}, {2}} {
		if o := <-jobs[k].done; o.err != nil || !slices.Equal(o.z.Values, f.z.Select(want).Values) {
			t.Errorf("job %d: %+v", k, o)
		}
	}
}

// What waits when the server ends is told so, and a full queue says come back.
func TestEnd(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.MaxWaiting = 1 })
	held := &batcher{jobs: make(chan *job, 1), end: make(chan struct{}), done: make(chan struct{})} // nobody runs it
	held.jobs <- nil
	if _, err := held.embed(t.Context(), f.frame); !errors.Is(err, errBusy) {
		t.Errorf("a full queue: %v", err)
	}
	w := httptest.NewRecorder()
	f.server.fail(w, httptest.NewRequest(http.MethodGet, "/", nil), errBusy)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
	f.server.Close()
	f.ask("POST", "/v1/embed", `{"rows": `+f.rows(0)+`}`, 503, nil)
	f.server.Close() // a second time
}

// Run serves until its context ends, finishes what has begun and takes nothing more.
func TestRun(t *testing.T) {
	f := newFixture(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.server.Run(ctx, l) }()
	address := "http://" + l.Addr().String()
	send := func(body io.Reader) (*http.Response, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/v1/embed", body)
		if err != nil {
			return nil, err
		}
		r.Header.Set("Authorization", "Bearer "+token)
		return http.DefaultClient.Do(r)
	}
	answered, err := send(strings.NewReader(`{"rows": ` + f.rows(0) + `}`))
	if err != nil || answered.StatusCode != http.StatusOK {
		t.Fatal(answered, err)
	}
	answered.Body.Close()

	// A request whose body is half sent when the end comes.
	read, write := io.Pipe()
	type result struct {
		status int
		err    error
	}
	got := make(chan result, 1)
	go func() {
		answered, err := send(read)
		if err != nil {
			got <- result{0, err}
			return
		}
		answered.Body.Close()
		got <- result{answered.StatusCode, nil}
	}()
	if _, err := io.WriteString(write, `{"rows": `); err != nil { // it has been taken from the pipe
		t.Fatal(err)
	}
	// It has begun once its bytes are accounted for.
	for f.server.bodies.TryAcquire(8 * f.server.opt.MaxBytes) {
		f.server.bodies.Release(8 * f.server.opt.MaxBytes)
		time.Sleep(time.Millisecond)
	}
	cancel()
	if _, err := io.WriteString(write, f.rows(1)+`}`); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if r := <-got; r.status != 200 || r.err != nil {
		t.Errorf("the request that had begun: %+v", r)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
	if _, err := send(strings.NewReader("{}")); err == nil {
		t.Error("it still listens")
	}
}

// FuzzRequest sends bodies of any kind: each is answered, and none with the status of the server's own fault.
func FuzzRequest(f *testing.F) {
	fix := newFixture(f, func(o *Options) { o.MaxRows, o.MaxBytes = 50, 1<<16 })
	for _, seed := range []string{`{"rows": [[1,2,3,4,5,6]]}`, `{"ids": ["i0"], "k": 3}`, `{"left": {"ids": ["i0"]}}`,
		`{"left": {"ids": ["i0"]}, "right": {"rows": [[1,2,3,4,5,null]]}}`, "a,b\n1,2\n", "\x93NUMPY\x01\x00", "PAR1", "ARROW1"} {
		for kind := range 4 {
			f.Add(seed, kind)
		}
	}
	paths := []string{"/v1/embed", "/v1/score", "/v1/search?k=2"}
	f.Fuzz(func(t *testing.T, body string, kind int) {
		for _, path := range paths {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", []string{jsonType, npy, "text/csv", "application/octet-stream"}[kind&3])
			w := httptest.NewRecorder()
			fix.server.Handler().ServeHTTP(w, r)
			if w.Code >= 500 || w.Code == 0 {
				t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
			}
			if w.Code != 200 && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %s is no JSON", path, w.Body)
			}
		}
	})
}

// BenchmarkEmbed reports the times of requests of one item, with 1 and 32 clients at once.
func BenchmarkEmbed(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprint(clients, " clients"), func(b *testing.B) {
			f := newFixture(b, nil)
			server := httptest.NewServer(f.server.Handler())
			defer server.Close()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
			body := []byte(`{"rows": ` + f.rows(0) + `}`)
			times := make([]time.Duration, b.N)
			next := make(chan int)
			var group sync.WaitGroup
			for range clients {
				group.Go(func() {
					for i := range next {
						begun := time.Now()
						r, _ := http.NewRequest(http.MethodPost, server.URL+"/v1/embed", bytes.NewReader(body))
						r.Header.Set("Authorization", "Bearer "+token)
						answered, err := client.Do(r)
						if err != nil || answered.StatusCode != http.StatusOK {
							b.Error(answered, err)
							continue
						}
						_, _ = io.Copy(io.Discard, answered.Body)
						answered.Body.Close()
						times[i] = time.Since(begun)
					}
				})
			}
			b.ResetTimer()
			for i := range b.N {
				next <- i
			}
			close(next)
			group.Wait()
			b.StopTimer()
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
		})
	}
}
