package beam

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
)

// loaded is a model with the backend that it runs on.
type loaded struct {
	model   *siamese.Model // nil = there is none
	backend *siamese.Backend
	bits    string        // what the bits of embeddings depend on beside the model
	one     chan struct{} // XLA uses all cores for a unit; two at a time would only take twice the memory
}

// lock waits until no other unit is embedded, or the context ends.
func (l *loaded) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case l.one <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// unlock lets the next unit in.
func (l *loaded) unlock() { <-l.one }

// extractor stands for a model where features are written as they are.
var extractor = &loaded{one: make(chan struct{}, 1)}

// What this process has opened: a worker has many bundles, and one backend and model.
var (
	backends sync.Map // of func() (*siamese.Backend, error), by name
	models   sync.Map // of func() (*loaded, error), by path, digest and backend
)

// open returns a backend, which it opens once a process.
func open(name string) (*siamese.Backend, error) {
	once, _ := backends.LoadOrStore(name, sync.OnceValues(func() (*siamese.Backend, error) {
		return siamese.OpenBackend(name)
	}))
	return once.(func() (*siamese.Backend, error))() //nolint:forcetypeassert // nothing else is stored
}

// resolved returns the name of a backend that is the same one in every process: "" is what this machine has.
func resolved(name string) (string, error) {
	if name == "" {
		name = os.Getenv(compute.ConfigEnvVar)
	}
	if name != "" {
		return name, nil
	}
	b, err := open("")
	if err != nil {
		return "", err
	}
	kind, portable := strings.CutSuffix(siamese.OriginOf(b).Backend, ",portable")
	name, _, _ = strings.Cut(kind, ":")
	if portable {
		name += ",portable"
	}
	backends.LoadOrStore(name, func() (*siamese.Backend, error) { return b, nil })
	return name, nil
}

// bitsOf returns the kind of a backend and which plugin it is, as "xla:cpu 1f3a5c7e": what bits depend on.
func bitsOf(b *siamese.Backend) string {
	o := siamese.OriginOf(b)
	if o.Plugin == nil {
		return o.Backend
	}
	if len(o.Plugin.SHA) < 8 {
		return o.Backend + " " + o.Plugin.Name
	}
	return o.Backend + " " + o.Plugin.SHA[:8]
}

// load returns a model, which it reads once a process. Another file than that of the digest is an error: workers would
// embed by different models.
func load(path, digest, backend string) (*loaded, error) {
	once, _ := models.LoadOrStore(path+"\x00"+digest+"\x00"+backend, sync.OnceValues(func() (*loaded, error) {
		_, sum, err := openfile.Hash(path)
		if err != nil {
			return nil, err
		}
		if sum != digest {
			return nil, fmt.Errorf("%s is another model than the one that the pipeline was started with", quote.Text(path))
		}
		m, err := siamese.Load(path)
		if err != nil {
			return nil, err
		}
		b, err := open(backend)
		if err != nil {
			return nil, err
		}
		return &loaded{model: m, backend: b, bits: bitsOf(b), one: make(chan struct{}, 1)}, nil
	}))
	return once.(func() (*loaded, error))() //nolint:forcetypeassert // nothing else is stored
}
