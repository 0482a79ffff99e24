package encoder

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes/bfloat16"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
)

// TestProducts holds a product and its gradients against sums in float64, of numbers that were rounded or not. A
// product of rounded numbers can be told from one of the numbers themselves: the tolerance is a hundredth of what
// rounding does.
func TestProducts(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		rng := rand.New(rand.NewPCG(6, 1))
		for _, size := range [][3]int{{1, 1, 1}, {2, 3, 5}, {13, 17, 7}, {256, 33, 40}, {64, 128, 96}} {
			n, in, out := size[0], size[1], size[2]
			// v is the gradient of the product
			x, w, v := labtest.Normals(rng, n*in, 1), labtest.Normals(rng, in*out, 1), labtest.Normals(rng, n*out, 1)
			for _, short := range []bool{false, true} {
				t.Run(fmt.Sprint(size, short), func(t *testing.T) {
					got := devicetest.Run1(t, backend, func(p []*Node) []*Node {
						y := product(p[0], p[1], short)
						return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, p[2])), p[0], p[1])...)
					}, tensortest.Matrix(x, n, in), tensortest.Matrix(w, in, out), tensortest.Matrix(v, n, out))
					y, dx, dw := make([]float64, n*out), make([]float64, n*in), make([]float64, in*out)
					at := func(values []float32, i int) float64 {
						if short {
							return float64(bfloat16.FromFloat32(values[i]).Float32())
						}
						return float64(values[i])
					}
					for i := range n {
						for j := range in {
							for k := range out {
								y[i*out+k] += at(x, i*in+j) * at(w, j*out+k)
								dx[i*in+j] += at(v, i*out+k) * at(w, j*out+k)
								dw[j*out+k] += at(x, i*in+j) * at(v, i*out+k)
							}
						}
					}
					labtest.WantNear(t, "product", got[0], y, 2e-5)
					labtest.WantNear(t, "gradient of x", got[1], dx, 2e-5)
					labtest.WantNear(t, "gradient of the weights", got[2], dw, 2e-5)
				})
			}
		}
	})
}
