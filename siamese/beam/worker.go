package beam

import (
	"fmt"
	"sync"

	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
)

// loaded is a model with the backend that it runs on.
type loaded struct {
	model   *siamese.Model
	backend *siamese.Backend
	one     sync.Mutex // XLA uses all cores for a unit; two at a time would only take twice the memory
}

// models are those that this process has loaded, by path, digest and backend: a worker has many bundles, and one model.
var models sync.Map // of func() (*loaded, error)

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
		b, err := siamese.OpenBackend(backend)
		if err != nil {
			return nil, err
		}
		return &loaded{model: m, backend: b}, nil
	}))
	return once.(func() (*loaded, error))() //nolint:forcetypeassert // nothing else is stored
}
