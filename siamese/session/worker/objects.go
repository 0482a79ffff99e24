package worker

import (
	"sync"

	"github.com/go-siamese/lab/data/memory"
)

// object is a value in memory. Several calls may use one at once.
type object interface {
	bytes() int64 // an estimate
	close()       // gives back what the garbage collector does not know of
}

// objects are the values in memory, by key, as many as fit: those not used for longest go first. What a call holds is
// closed when it lets go.
type objects struct {
	most int64

	mu   sync.Mutex
	held map[string]*held
	list []*held // the one used last is last
	sum  int64
}

// held is an object with its users.
type held struct {
	key     string
	object  object
	size    int64
	users   int
	dropped bool
}

// newObjects returns an empty list; most is its bound in bytes, 0 = half of what is free.
func newObjects(most int64) *objects {
	if most == 0 {
		most = 4 << 30
		if free, known := memory.Free(); known {
			most = free / 2
		}
	}
	return &objects{most: most, held: map[string]*held{}}
}

// get returns the object with a key, and what ends its use; nil if it is not in memory.
func (o *objects) get(key string) (object, func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	h := o.held[key]
	if h == nil {
		return nil, nil
	}
	o.touch(h)
	return h.object, o.use(h)
}

// put adds an object and returns the one that has the key, which may be another's that was faster, with what ends its
// use.
func (o *objects) put(key string, x object) (object, func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if h := o.held[key]; h != nil {
		if h.object != x {
			x.close()
		}
		o.touch(h)
		return h.object, o.use(h)
	}
	h := &held{key: key, object: x, size: x.bytes()}
	o.held[key], o.list, o.sum = h, append(o.list, h), o.sum+h.size
	done := o.use(h)
	o.trim()
	return x, done
}

// use counts a user. o.mu is held.
func (o *objects) use(h *held) func() {
	h.users++
	return sync.OnceFunc(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		h.users--
		if h.users == 0 && h.dropped {
			h.object.close()
		}
		o.trim()
	})
}

// touch moves an object to the end of the list. o.mu is held.
func (o *objects) touch(h *held) {
	for i, other := range o.list {
		if other == h {
			o.list = append(append(o.list[:i:i], o.list[i+1:]...), h)
			return
		}
	}
}

// trim drops objects without users until the others fit. o.mu is held.
func (o *objects) trim() {
	for i := 0; i < len(o.list) && o.sum > o.most; {
		if o.list[i].users > 0 {
			i++
			continue
		}
		o.drop(o.list[i])
	}
}

// drop takes an object from the list. o.mu is held.
func (o *objects) drop(h *held) {
	for i, other := range o.list {
		if other == h {
			o.list = append(o.list[:i:i], o.list[i+1:]...)
			break
		}
	}
	delete(o.held, h.key)
	o.sum -= h.size
	h.dropped = true
	if h.users == 0 {
		h.object.close()
	}
}

// forget drops the object with a key, if there is one.
func (o *objects) forget(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if h := o.held[key]; h != nil {
		o.drop(h)
	}
}

// clear drops all objects.
func (o *objects) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.list) > 0 {
		o.drop(o.list[0])
	}
}

// size returns the bytes of all objects, and their bound.
func (o *objects) size() (sum, most int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.sum, o.most
}
