package images_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/internal/labtest/imagestest"
)

// Pictures that are decoded at once share the memory of one of the largest that are allowed: of large ones there is one
// at a time on any number of cores, of small ones there are several.
func TestBudget(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	dir := t.TempDir()
	for i := range 12 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.png", i)), imagestest.SomePNG(t, uint64(i), 60, 50),
			0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := images.List(t.Context(), dir, images.FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := make([]int, len(f.Files))
	for i := range all {
		all[i] = i
	}
	// most runs all pictures and returns how many were there at once. Each stays for a time, or until there were two.
	most := func(maxPixels int, stay time.Duration) (at int) {
		t.Helper()
		var mu sync.Mutex
		several, two := context.WithCancel(t.Context())
		defer two()
		now := 0
		count := func(by int) {
			mu.Lock()
			defer mu.Unlock()
			now += by
			if at = max(at, now); at > 1 {
				two()
			}
		}
		err := f.Each(t.Context(), all, images.DecodeOptions{MaxPixels: maxPixels},
			func() func(int, *images.Image, error) error {
				return func(_ int, _ *images.Image, err error) error {
					count(1)
					select {
					case <-several.Done():
					case <-time.After(stay):
					}
					count(-1)
					return err
				}
			})
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	if n := most(60*50, 5*time.Millisecond); n != 1 { // 7 of 8 bytes a pixel
		t.Errorf("%d of the largest pictures at once, want 1", n)
	}
	if n := most(0, time.Minute); n < 2 {
		t.Errorf("%d small pictures at once, want several", n)
	}

	// Waiting ends with the context, and is no fault of a file.
	ctx, cancel := context.WithCancel(t.Context())
	err = f.Each(ctx, all, images.DecodeOptions{MaxPixels: 60 * 50}, func() func(int, *images.Image, error) error {
		return func(int, *images.Image, error) error {
			cancel()
			time.Sleep(20 * time.Millisecond)
			return nil
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
