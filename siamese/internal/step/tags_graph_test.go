package step

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/loss"
)

// The relation in the graph is that of the labels: between items of a batch, with a memory and with centres.
func TestTagsGraph(t *testing.T) {
	f := labtest.Tagged("i", 24, 3, 1, 1)
	l := itemset.LabelsOf(f, "|")
	items := []int32{9, 3, 0, 19, 7, 8, 12, 4}
	classes := len(l.Names)
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		n := len(items)
		numbers := make([]int32, 0, n*l.Most)
		for _, v := range l.Numbers(items) {
			numbers = append(numbers, int32(v))
		}
		out := devicetest.Run1(t, backend, func(in []*Node) []*Node {
			tags := tagsGraph(in[0], l.Most, classes)
			rel := loss.FromTags(tags, tags, 0).WithoutSelf()
			return []*Node{tags, ConvertDType(rel.Positive, tags.DType()), ConvertDType(rel.Negative, tags.DType())}
		}, tensors.FromFlatDataAndDimensions(numbers, len(numbers)))
		for a, i := range items {
			for c := range classes {
				if has := itemset.Intersect(l.Of[i], []int32{int32(c)}); (out[0][a*classes+c] == 1) != has {
					t.Errorf("item %d of class %d: %v", i, c, out[0][a*classes+c])
				}
			}
			for b, j := range items {
				same, known := l.Relation(int(i), int(j))
				if k := a*n + b; a != b && ((out[1][k] == 1) != same || (out[2][k] == 1) != (known && !same)) ||
					a == b && out[1][k]+out[2][k] != 0 {
					t.Errorf("%q and %q: positive %v, negative %v", f.Labels[i], f.Labels[j], out[1][k], out[2][k])
				}
			}
		}
	})
}
