package serve

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/go-siamese/lab/data/quote"
)

// routes returns what answers requests: each is counted, and all but the one for /healthz are let in by their token.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, do := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /v1/model":   s.about,
		"POST /v1/embed":  s.embedItems,
		"POST /v1/score":  s.score,
		"POST /v1/search": s.neighbours,
		"GET /metrics":    s.metrics,
	} {
		_, path, _ := strings.Cut(pattern, " ")
		mux.Handle(pattern, s.counted(path, s.guarded(do)))
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_ = answer(w, map[string]string{"status": "ok"})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Answers are data: no browser should take them for anything else, or keep them.
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// guarded returns do behind the token, the bounds of body and time, and with its errors answered.
func (s *Server) guarded(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	// Hashes have one length, so that comparing takes the same time for every token.
	want := sha256.Sum256([]byte(s.opt.Token))
	return func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(token))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			s.fail(w, r, statusError{http.StatusUnauthorized,
				errors.New("the header Authorization: Bearer TOKEN with the server's token is missing")})
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), s.opt.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		if r.ContentLength > s.opt.MaxBytes {
			s.fail(w, r, badBody(&http.MaxBytesError{Limit: s.opt.MaxBytes}))
			return
		}
		size := r.ContentLength
		if size < 0 { // not said
			size = s.opt.MaxBytes
		}
		if err := s.bodies.Acquire(ctx, size); err != nil {
			s.fail(w, r, errBusy)
			return
		}
		defer s.bodies.Release(size)
		r.Body = http.MaxBytesReader(w, r.Body, s.opt.MaxBytes)
		if err := do(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// fail answers with an error. What is the server's own fault is logged, and the client gets no details.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusInternalServerError, "the server failed; its log says how"
	var known statusError
	switch {
	case errors.As(err, &known):
		status, text = known.status, known.Error()
	case errors.Is(err, errBusy), errors.Is(err, errClosed):
		status, text = http.StatusServiceUnavailable, err.Error()
		w.Header().Set("Retry-After", "1")
	case errors.Is(err, context.DeadlineExceeded):
		status, text = http.StatusServiceUnavailable, fmt.Sprintf("it took longer than %v: send fewer items", s.opt.Timeout)
	case errors.Is(err, context.Canceled): // nobody reads this
		status, text = 499, "cancelled"
	default:
		if s.opt.Log != nil {
			s.opt.Log.Printf("%s %s: %s", r.Method, quote.Text(r.URL.Path), quote.Error(err))
		}
	}
	body, _ := json.Marshal(map[string]string{"error": quote.Lines(text)}) //nolint:errchkjson // texts
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// counted returns do with its requests counted and timed under the name path.
func (s *Server) counted(path string, do http.Handler) http.Handler {
	seconds := s.stats.NewPrometheusHistogram(fmt.Sprintf("siamese_request_seconds{path=%q}", path))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun, noted := time.Now(), &noted{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			seconds.UpdateDuration(begun)
			s.stats.GetOrCreateCounter(fmt.Sprintf("siamese_requests_total{path=%q,status=\"%d\"}", path, noted.status)).Inc()
		}()
		do.ServeHTTP(noted, r)
	})
}

// noted notes the status of an answer.
type noted struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status and sends it.
func (n *noted) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap is for package http.
func (n *noted) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// metrics answers with all counters.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	s.stats.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
	return nil
}
