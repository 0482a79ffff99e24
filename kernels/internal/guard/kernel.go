package main

import "github.com/go-siamese/lab/kernels/internal/link"

// kernel is the guard's connection to the kernel. Its methods may be called by several goroutines.
type kernel struct {
	*link.Caller
	// orders has what the kernel wants: [link.KindInterrupt] or [link.KindKill]. It is closed when the kernel is gone.
	orders chan link.Kind
}

// dial connects to the kernel of the environment; the error matches [link.ErrNoKernel] where there is none.
func dial() (*kernel, error) {
	conn, err := link.Dial()
	if err != nil {
		return nil, err
	}
	orders := make(chan link.Kind, 16)
	k := &kernel{orders: orders}
	k.Caller = link.NewCaller(conn, func(m link.Message) {
		if m.Kind == link.KindInterrupt || m.Kind == link.KindKill {
			select {
			case orders <- m.Kind:
			default: // sixteen wait already
			}
		}
	})
	go func() {
		<-k.Gone() // after the last order
		close(orders)
	}()
	return k, nil
}
