package metric

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"
)

type golden struct {
	Embeddings [][]float64 `json:"embeddings"`
	Labels     []int32     `json:"labels"`
	ROCAUC     float64     `json:"roc_auc"`
	AP         float64     `json:"average_precision"`
	EER        float64     `json:"eer_interpolated"`
	MAPAtR     float64     `json:"map_at_r"`
	RPrecision float64     `json:"r_precision"`
	Recall1    float64     `json:"recall_at_1"`
	Recall5    float64     `json:"recall_at_5"`
	Recall10   float64     `json:"recall_at_10"`
}

func readGolden(t *testing.T) golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// near fails unless got is within tol of want.
func near(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.12g, want %.12g within %g", name, got, want, tol)
	}
}

// The float32 scores of AllPairs order the golden pairs as float64 ones do, so even its metrics agree to rounding.
func TestGoldenAllPairs(t *testing.T) {
	g := readGolden(t)
	var emb []float32
	for _, row := range g.Embeddings {
		for _, x := range row {
			emb = append(emb, float32(x))
		}
	}
	r, err := AllPairs(context.Background(), emb, g.Labels, Options{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ROC-AUC", r.Verification.ROCAUC, g.ROCAUC, 1e-9)
	near(t, "average precision", r.Verification.Natural.AveragePrecision, g.AP, 1e-9)
	near(t, "EER", r.Verification.EER, g.EER, 1e-9)
	near(t, "MAP@R", r.Retrieval.MAPAtR, g.MAPAtR, 1e-9)
	near(t, "R-Precision", r.Retrieval.RPrecision, g.RPrecision, 1e-9)
	for k, want := range map[int]float64{1: g.Recall1, 5: g.Recall5, 10: g.Recall10} {
		got, ok := r.Retrieval.Recall(k)
		if !ok {
			t.Fatalf("Recall(%d) was not computed", k)
		}
		near(t, "Recall@K", got, want, 1e-9)
	}
	if r.Retrieval.Lone != 1 || !r.Retrieval.Warnings.Has(LoneQuery) {
		t.Errorf("Lone = %d, warnings %v: want the one lone query reported", r.Retrieval.Lone, r.Retrieval.Warnings)
	}
}

// Scored pairs in float64, as the golden file's own scores were.
func TestGoldenVerify(t *testing.T) {
	g := readGolden(t)
	var scores []float64
	var same []bool
	for i, a := range g.Embeddings {
		for j := i + 1; j < len(g.Embeddings); j++ {
			b := g.Embeddings[j]
			var ab, aa, bb float64
			for k := range a {
				ab += a[k] * b[k]
				aa += a[k] * a[k]
				bb += b[k] * b[k]
			}
			scores = append(scores, ab/math.Sqrt(aa)/math.Sqrt(bb))
			same = append(same, g.Labels[i] == g.Labels[j])
		}
	}
	v, err := Verify(scores, same, nil, VerificationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ROC-AUC", v.ROCAUC, g.ROCAUC, 1e-12)
	near(t, "average precision", v.Natural.AveragePrecision, g.AP, 1e-12)
	near(t, "EER", v.EER, g.EER, 1e-12)
}
