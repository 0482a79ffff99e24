package milvus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	grpc_retry "github.com/grpc-ecosystem/go-grpc-middleware/retry"
	"github.com/milvus-io/milvus/client/v2/milvusclient"
	"github.com/milvus-io/milvus/pkg/v2/log"
	"github.com/milvus-io/milvus/pkg/v2/util/merr"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/go-siamese/lab/data/quote"
)

// The client prints warnings to standard output, about errors that it returns. Who wants them sets another level.
func init() { log.SetLevel(zapcore.FatalLevel) }

// server is a connection. Requests go through do.
type server struct {
	*milvusclient.Client
	config Config
}

// connect reaches the server: it is there, and takes the secret.
func connect(ctx context.Context, config Config) (*server, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config.Timeout = cmp.Or(config.Timeout, defaultTimeout)
	config.Retries = max(0, cmp.Or(config.Retries, defaultRetries))
	transport, err := config.transport()
	if err != nil {
		return nil, err
	}
	// Without blocking until there is a connection: requests then say what is in the way, not that time is up.
	dial := []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc_retry.Disable())}
	if transport != nil {
		dial = append(dial, grpc.WithTransportCredentials(transport)) // the client's own trusts the system alone
	}
	s := &server{config: config}
	err = s.do(ctx, "connecting", 1, func(ctx context.Context) error {
		s.Client, err = milvusclient.New(ctx, &milvusclient.ClientConfig{Address: config.Address, DBName: config.Database,
			APIKey: config.Token, Username: config.Username, Password: config.Password, EnableTLSAuth: transport != nil,
			DialOptions: dial})
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// do sends a request that may be sent twice: again, after a pause that doubles, where the server cannot be reached, is
// busy, or does not answer within so many times the timeout. what names it for errors.
func (s *server) do(ctx context.Context, what string, times int, request func(context.Context) error) error {
	limit := time.Duration(times) * s.config.Timeout
	for try := 0; ; try++ {
		within, cancel := context.WithTimeout(ctx, limit)
		err := request(within)
		late := within.Err() != nil
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, merr.ErrCollectionNotLoaded) && try < s.config.Retries:
			// A server that was started again has it on its disk alone.
			if again := s.bring(ctx); again != nil {
				return again
			}
			continue
		case !late && !passing(err):
			return &Error{what, s.config.Address, err}
		case try == s.config.Retries || late && times > 1:
			if late {
				err = fmt.Errorf("no answer within %v", limit)
			}
			return &Error{what, s.config.Address, fmt.Errorf("%w, in %d tries: is the server running, and is this its "+
				"address? A longer Timeout or more Retries wait longer", err, try+1)}
		}
		pause := min(5*time.Second, 200*time.Millisecond<<min(try, 10))
		pause = pause/2 + rand.N(pause/2) //nolint:gosec // so that clients do not come back together
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// passing returns whether what failed may succeed later.
func passing(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable:
		// A certificate that is not trusted, and a server without TLS, stay so.
		return !badHandshake(err)
	case codes.ResourceExhausted, codes.Aborted, codes.DeadlineExceeded:
		return true
	}
	return merr.IsRetryableErr(err) || errors.Is(err, merr.ErrServiceRateLimit)
}

// Error is what a server says, or that it says nothing.
type Error struct {
	Doing, Address string
	Err            error
}

// Error returns what was done where and what came of it.
func (e *Error) Error() string {
	text := quote.Line(e.Err.Error())
	switch {
	case badHandshake(e.Err):
		text += ": the encryption does not fit; is TLS on at both ends, and the certificate trusted (CA)?"
	case status.Code(e.Err) == codes.Unauthenticated, status.Code(e.Err) == codes.PermissionDenied,
		errors.Is(e.Err, merr.ErrPrivilegeNotAuthenticated), errors.Is(e.Err, merr.ErrNeedAuthenticate):
		text += ": the server does not take this user and secret"
	}
	return fmt.Sprintf("milvus %s: %s: %s", quote.Text(e.Address), e.Doing, text)
}

// Unwrap returns what the client says.
func (e *Error) Unwrap() error { return e.Err }
