package columnar

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

var ErrClaims = errors.New("the metadata claims more than it holds")

// GuardMetadata turns an offset that leads out of the metadata, where flatbuffers panics, into
// an error.
func GuardMetadata(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("the metadata is damaged: %w", tableerr.Caught(cause))
	}
}
