package extract

import (
	"context"
	"math"
	"sync"

	"github.com/go-siamese/lab/data/images"
)

// resolve makes the configuration what it is for the images (see features.Config.Resolved), and tells Found what it
// returns. Only where their range is needed are deep images decoded; those that cannot be read are left for later.
func (o *Options) resolve(ctx context.Context, files *images.Folder) (*images.Inventory, error) {
	about, err := files.Inventory(ctx, o.Folder.DecodeOptions)
	if err != nil {
		return nil, err
	}
	deep := about.Deep()
	low, high := math.Inf(1), math.Inf(-1)
	if o.Features.NeedsRange() && len(deep) > 0 {
		var mu sync.Mutex // guards low and high
		err := files.Each(ctx, deep, o.Folder.DecodeOptions, func() func(int, *images.Image, error) error {
			return func(_ int, m *images.Image, bad error) error {
				if bad != nil {
					return nil //nolint:nilerr // it is reported when its features are computed
				}
				a, b := m.MinMax()
				mu.Lock()
				defer mu.Unlock()
				low, high = min(low, a), max(high, b)
				return nil
			}
		})
		if err != nil {
			return nil, err
		}
		if low > high { // none could be read
			deep = nil
		}
	}
	o.Features = o.Features.Resolved(len(deep) > 0, low, high)
	if o.Found != nil {
		return about, o.Found(about, o.Features)
	}
	return about, nil
}
