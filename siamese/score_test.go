package siamese

import (
	"fmt"
	"math"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

func TestScore(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		a := labtest.FrameOf("a", nil, []float32{1, 0}, []float32{1, 1})
		b := labtest.FrameOf("b", nil, []float32{0, 2}, []float32{5, 0}, []float32{3, 3})
		b.Columns[0], b.Columns[1] = "x/1", "x/0" // in another order
		m := identity(a.Columns)
		defer m.Close()
		m.Threshold = math.Sqrt(0.5) - 1e-6
		want := [][]float64{{1, 0, math.Sqrt(0.5)}, {math.Sqrt(0.5), math.Sqrt(0.5), 1}}
		za, zb := embed(t, m, backend, a), embed(t, m, backend, b)
		for i := range a.N() {
			for j := range b.N() {
				score, err := m.Score(t.Context(), backend, a, i, b, j)
				if err != nil {
					t.Fatal(err)
				}
				if !labtest.Near(score.Cosine, want[i][j], 1e-6) || score.Cosine > 1 ||
					score.Same != (want[i][j] > 0.7) || score.Warnings != nil {
					t.Errorf("items %d and %d: %+v, want cosine %v", i, j, score, want[i][j])
				}
				if !labtest.Near(score.Cosine, embedding.Dot(za.Row(i), zb.Row(j)), 1e-6) {
					t.Errorf("items %d and %d: cosine %v, %v when embedded with others", i, j, score.Cosine,
						embedding.Dot(za.Row(i), zb.Row(j)))
				}
			}
		}
		for _, at := range [][2]int{{-1, 0}, {2, 0}, {0, -1}, {0, 3}} {
			_, err := m.Score(t.Context(), backend, a, at[0], b, at[1])
			labtest.WantError(t, err, fmt.Sprint(at[0]), fmt.Sprint(at[1]), "2 and 3 items")
		}
		_, err := m.Score(t.Context(), backend, a, 0, nil, 0)
		labtest.WantError(t, err, "nil")
		b.Columns[0] = "y"
		_, err = m.Score(t.Context(), backend, a, 0, b, 0)
		labtest.WantError(t, err, "right", `"x/1"`)
	})
}
