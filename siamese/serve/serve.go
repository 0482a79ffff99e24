// Package serve answers questions about similarity over HTTP: a model, and if wanted a gallery of items, for programs
// that are not written in Go.
//
// The gallery may be an index of package search; then searches that are approximate say how good they are.
//
// [New] makes a [Server], [Server.Run] serves a listener until its context ends, and [Server.Handler] is for a server of
// one's own. Bodies are JSON; items may also come as a table in any format that package table reads.
//
//	GET  /v1/model   what the model is: columns, width, threshold
//	POST /v1/embed   embeddings of items
//	POST /v1/score   how similar pairs of items are
//	POST /v1/search  the items of the gallery that are most similar to others
//	GET  /metrics    counters and times, as Prometheus reads them
//	GET  /healthz    whether it is up; needs no token
//
// A search takes {"labels": […]} and {"domains": […]} too, and finds such items alone.
//
// Items are {"rows": [[…], …]}, the features in the order of the model's columns, null where a value is missing; with
// {"columns": […]} in any other order; or {"ids": […]} of the gallery. Answers agree with those of [siamese.Model] and
// package embedding; what these refuse is refused with status 400 and {"error": TEXT}, where rows count from 0.
//
// Every request but that for /healthz needs the header "Authorization: Bearer TOKEN". Requests are bounded in bytes,
// items, number and time. Encryption is not here: where others can listen, put a proxy with TLS in front.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/gomlx/compute"
	"golang.org/x/sync/semaphore"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/search"
)

// Options are those of [New]. Zero means the default, but Token has none.
type Options struct {
	// Token is what a request must show. At least 16 characters.
	Token string
	// Gallery has the items that /v1/search finds, and whose ids requests may name; nil = none, or those of Index.
	Gallery *data.Frame
	// Index has them instead, embedded by this model before; nil = none. It is the caller's to close, after the server.
	// Where its answers are approximate their recall is measured by [New], on some of its items, and told with answers.
	Index search.Index
	// MaxBytes bounds the body of a request; 0 = 64 MiB. All bodies together may have eight times as much.
	MaxBytes int64
	// MaxRows bounds the items of a request; 0 = 10,000.
	MaxRows int
	// MaxNeighbours bounds k of a search; 0 = 1,000.
	MaxNeighbours int
	// MaxWaiting bounds the requests that wait for the model; more are told to come back (status 503). 0 = 256.
	MaxWaiting int
	// Timeout bounds the time of a request; 0 = 30 s.
	Timeout time.Duration
	// Prevalence is the share of same pairs that probabilities assume, see [siamese.Model.Probability]; 0 = that of the
	// model's calibration.
	Prevalence float64
	// Log gets a line for every request that failed within the server; nil = nowhere.
	Log *log.Logger
}

// LeastToken is the number of characters that a token has at least.
const LeastToken = 16

// withDefaults returns o with defaults for zeros, or an error about one that is out of range.
func (o Options) withDefaults() (Options, error) {
	if len(o.Token) < LeastToken {
		return o, fmt.Errorf("the token has %d characters, want %d at least", len(o.Token), LeastToken)
	}
	if o.Gallery != nil && o.Index != nil {
		return o, errors.New("there are a gallery and an index: one of them has the items")
	}
	if o.MaxNeighbours > search.MaxK {
		return o, fmt.Errorf("at most %d neighbours: %d are more than a search finds", search.MaxK, o.MaxNeighbours)
	}
	if o.MaxBytes < 0 || o.MaxRows < 0 || o.MaxNeighbours < 0 || o.MaxWaiting < 0 || o.Timeout < 0 {
		return o, errors.New("a bound is negative; 0 = the default")
	}
	if !(o.Prevalence >= 0 && o.Prevalence < 1) {
		return o, fmt.Errorf("prevalence %v is not in [0, 1)", o.Prevalence)
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.MaxRows == 0 {
		o.MaxRows = 10_000
	}
	if o.MaxNeighbours == 0 {
		o.MaxNeighbours = 1_000
	}
	if o.MaxWaiting == 0 {
		o.MaxWaiting = 256
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	return o, nil
}

// Server answers requests with one model. Its methods are safe for concurrent use. Close it in the end.
type Server struct {
	opt     Options
	model   *siamese.Model
	batches *batcher
	gallery search.Index        // nil = none
	recall  *search.Certificate // of searches in it; nil = they are exact
	bodies  *semaphore.Weighted // bytes of bodies that are being read or answered
	search  *semaphore.Weighted // searches, which take memory
	stats   *metrics.Set
	handler http.Handler
}

// New returns a server for m on backend, after embedding the gallery. Errors are those of [siamese.Model.Embed] about
// the gallery, ids that occur twice, and options out of range.
func New(ctx context.Context, backend compute.Backend, m *siamese.Model, opt Options) (*Server, error) {
	opt, err := opt.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, err
	}
	s := &Server{opt: opt, model: m, bodies: semaphore.NewWeighted(8 * opt.MaxBytes),
		search: semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0))), stats: metrics.NewSet()}
	if s.gallery = opt.Index; opt.Gallery != nil {
		if s.gallery, err = indexOf(ctx, backend, m, opt.Gallery); err != nil {
			return nil, fmt.Errorf("the gallery: %w", err)
		}
	}
	if opt.Index != nil {
		if s.recall, err = measured(ctx, opt.Index, m.E()); err != nil {
			return nil, err
		}
	}
	s.batches = startBatches(m, backend, opt.MaxWaiting, s.stats)
	s.handler = s.routes()
	return s, nil
}

// String says what is served.
func (s *Server) String() string {
	text := fmt.Sprintf("a model of %d features", s.model.F())
	if s.gallery != nil {
		text += fmt.Sprintf(" and a gallery of %d items", s.gallery.Stats().Items)
	}
	if s.recall != nil {
		text += fmt.Sprintf(", searched approximately: %s of its items", s.recall)
	}
	return text
}

// Handler answers the requests of the package's list, and any other with status 404.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends the server's own work; requests that wait for the model fail. It does not close the model.
func (s *Server) Close() { s.batches.close() }

// patience is how long [Server.Run] waits for requests that have begun when its context ends.
const patience = 10 * time.Second

// Run serves l until ctx ends, then takes no more requests, finishes those that have begun, up to 10 s, and returns nil.
// An error of the listener ends it earlier. l is closed.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       s.opt.Timeout,
		WriteTimeout:      2 * s.opt.Timeout, // of reading and answering
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          s.opt.Log,
	}
	if server.ErrorLog == nil {
		server.ErrorLog = log.New(discard{}, "", 0)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(wait); err != nil { // some did not finish: cut them
		_ = server.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// discard is a log that keeps nothing.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
