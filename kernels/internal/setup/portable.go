package setup

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/go-siamese/lab/kernels/plugin"
)

// xlaFlags is a variable that XLA reads. Portable bits follow from it.
const xlaFlags = "XLA_FLAGS"

// portable looks whether a backend with portable bits opens on this processor, where XLA's kernel is in order, and
// computes with it. They are needed only where an execution is to give the same bits as one elsewhere.
func (e *examiner) portable(ctx context.Context) {
	if !e.xlaOK || e.how.Portable == nil {
		return // what is lacking of XLA is said
	}
	e.look(ctx, "portable bits", false, mendPortable(), longer, func(ctx context.Context) (string, error) {
		_, garbled := plugin.WantsPortable()
		switch {
		case garbled != nil:
			return "", garbled
		case !e.avx2:
			return "", errors.New("they need a processor with AVX2 and FMA, which this one does not have")
		case e.how.Quick || !e.pythonOK || !e.toolsOK:
			return "not tried; the processor has AVX2 and FMA", nil
		}
		said, err := e.how.Portable(ctx, e.python)
		return plugin.PortableEnv + "=1: " + said, err
	})
}

// mendPortable returns the line that mends what the environment keeps from portable bits; a processor cannot be mended.
func mendPortable() string {
	_, garbled := plugin.WantsPortable()
	switch {
	case garbled != nil:
		return "unset " + plugin.PortableEnv
	case strings.TrimSpace(os.Getenv(xlaFlags)) != "":
		return "unset " + xlaFlags
	}
	return "go without: unset " + plugin.PortableEnv
}
