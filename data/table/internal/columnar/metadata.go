package columnar

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// ErrClaims is the error for metadata with a length beyond its own end.
var ErrClaims = errors.New("the metadata claims more than it holds")

// GuardMetadata turns a panic into an error in *err: of flatbuffers, or of a walk, at an
// offset beyond the metadata. Defer it. Walks over untrusted bytes rely on it instead of
// checking every offset.
func GuardMetadata(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("the metadata is damaged: %w", tableerr.Caught(cause))
	}
}
