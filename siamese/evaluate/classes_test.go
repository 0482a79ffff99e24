package evaluate

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/signtest"
	"github.com/go-siamese/lab/siamese/stats"
)

// newClassItems returns items of n classes that no model of trained has seen, one of them without a label.
func newClassItems(n int) *data.Frame {
	all := labtest.Toy("e", 4+n, 8, 9, 0.5, 5)
	var items []int
	for i := 4 * 8; i < all.N(); i++ {
		items = append(items, i)
	}
	f := all.Select(items)
	f.Labels[2] = ""
	return f
}

// naiveByClass returns the MAP@R of every class's items, and the ROC-AUC of the pairs with one of them, in loops.
func naiveByClass(t *testing.T, z *embedding.Embeddings, f *data.Frame) (byMAP, byAUC []float64) {
	t.Helper()
	names, labels := itemset.ClassNumbers(f)
	all, err := metric.AllPairs(t.Context(), z.Values, labels, metric.Options{PerQuery: true})
	if err != nil {
		t.Fatal(err)
	}
	for c := range int32(len(names)) {
		var sum, n float64
		var same, other []float64
		for i := range z.N {
			if labels[i] != c {
				continue
			}
			sum, n = sum+all.Retrieval.PerQuery[i].APAtR, n+1
			for j := range z.N {
				switch {
				case labels[j] != c:
					other = append(other, z.Cosine(i, j))
				case j < i:
					same = append(same, z.Cosine(i, j))
				}
			}
		}
		wins := 0.0
		for _, a := range same {
			for _, b := range other {
				if a > b {
					wins++
				} else if a == b { // such as 0, of zero embeddings
					wins += 0.5
				}
			}
		}
		byMAP, byAUC = append(byMAP, sum/n), append(byAUC, wins/float64(len(same)*len(other)))
	}
	return byMAP, byAUC
}

// On new classes the verdict is about other classes: by signs where there are few, by intervals where there are many.
func TestNewClasses(t *testing.T) {
	backend := devicetest.Go(t)
	m, val := toymodel.Trained(t)
	defer m.Close()
	for _, n := range []int{3, 7, 21} {
		test := newClassItems(n)
		rep, err := itemsOf(t.Context(), backend, m, "unseen classes", val, test, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !rep.NewClasses || rep.Classes != n || (rep.ClassChanges == nil) != (n == 21) {
			t.Fatalf("%d classes: %+v", n, rep)
		}
		finiteJSON(t, rep)
		verdict, text := rep.Verdict(), rep.String()
		if !strings.Contains(text, "for other items of these classes: ") ||
			strings.Contains(text, "for other classes: MAP@R") {
			t.Errorf("%d classes: %s", n, text)
		}
		if n == 21 {
			if !strings.HasSuffix(verdict, "(95 % intervals by classes, one run)") ||
				!strings.Contains(verdict, report.Change(rep.ComparisonByClass.Differences[stats.MAPAtR])) {
				t.Errorf("many classes: %s", verdict)
			}
			continue
		}
		raw, err := embedding.UnitRows(t.Context(), m.Standard, test)
		if err != nil {
			t.Fatal(err)
		}
		byMAP, byAUC := naiveByClass(t, toymodel.Embed(t, m, backend, test), test)
		rawMAP, rawAUC := naiveByClass(t, raw, test)
		for c := range n {
			byMAP[c] -= rawMAP[c]
			byAUC[c] -= rawAUC[c]
		}
		want := &report.ClassChanges{Confidence: 0.95}
		if want.MAPAtR, err = signtest.Of(byMAP); err != nil {
			t.Fatal(err)
		}
		if want.ROCAUC, err = signtest.Of(byAUC); err != nil {
			t.Fatal(err)
		}
		// A pair of 3,000 is 3e-4: some embeddings here lie so near the same direction that float32 ranks them
		// otherwise.
		if diff := cmp.Diff(want, rep.ClassChanges, cmpopts.EquateApprox(0, 1e-3)); diff != "" {
			t.Errorf("%d classes: %s", n, diff)
		}
		part := fmt.Sprintf("MAP@R higher in %d of %d classes [", want.MAPAtR.Above, n)
		if !strings.Contains(verdict, part) ||
			(n == 3) != strings.HasPrefix(verdict, "nothing can be said for other classes, with 3 in the test: ") {
			t.Errorf("%s", verdict)
		}
	}
	// Classes of validation items are not new, unless training items say so; without intervals there are no changes.
	same := labtest.Toy("e", 4, 8, 9, 0.5, 5)
	for _, c := range []struct {
		train, test *data.Frame
		want        bool
	}{{nil, same, false}, {labtest.Toy("t", 4, 8, 9, 0.5, 6), same, false}, {newClassItems(3), same, true}} {
		if c.train != nil {
			c.train.IDs = labtest.Toy("other", 12, 8, 9, 0.5, 1).IDs[:c.train.N()]
		}
		report, err := itemsOf(t.Context(), backend, m, "items", val, c.test,
			Options{Train: c.train, NoIntervals: true})
		if err != nil {
			t.Fatal(err)
		}
		if report.NewClasses != c.want || report.ClassChanges != nil ||
			!strings.Contains(report.Verdict(), "no interval") {
			t.Errorf("new classes: %v, want %v; %s", report.NewClasses, c.want, report.Verdict())
		}
	}
}

// Models are compared with one another on new classes as one is against its features, and a file keeps what was found.
func TestCompareOnNewClasses(t *testing.T) {
	backend := devicetest.Go(t)
	a, val := toymodel.Trained(t)
	defer a.Close()
	b := toymodel.Identity(val.Columns)
	defer b.Close()
	for n, want := range map[int]string{
		3:  "with 3 in the test: b (unseen classes) beside a (unseen classes): MAP@R higher in ",
		7:  "for other classes b (unseen classes) is ",
		21: "(95 % intervals by classes, one run each)",
	} {
		test := newClassItems(n)
		compared, err := modelsOf(t.Context(), backend, []*siamese.Model{a, b}, []string{"a", "b"}, "unseen classes",
			val, test, Options{})
		if err != nil {
			t.Fatal(err)
		}
		verdicts := compared.Verdicts()
		if len(verdicts) != 2 || !strings.Contains(verdicts[0], "intervals by items, one run each") ||
			!strings.Contains(verdicts[1], want) {
			t.Errorf("%d classes: %q, want %q in the second", n, verdicts, want)
		}
		path := filepath.Join(t.TempDir(), "both.json")
		if err := compared.Save(path); err != nil {
			t.Fatal(err)
		}
		again, err := report.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(compared, again); diff != "" {
			t.Errorf("%d classes, after a file: %s", n, diff)
		}
		if n == 21 {
			if compared.ClassChanges != nil || len(compared.ByClass) != 1 {
				t.Errorf("many classes: %+v", compared)
			}
			continue
		}
		byMAP, byAUC := naiveByClass(t, toymodel.Embed(t, b, backend, test), test)
		fromMAP, fromAUC := naiveByClass(t, toymodel.Embed(t, a, backend, test), test)
		for c := range n {
			byMAP[c] -= fromMAP[c]
			byAUC[c] -= fromAUC[c]
		}
		naive := &report.ClassChanges{Confidence: 0.95}
		if naive.MAPAtR, err = signtest.Of(byMAP); err != nil {
			t.Fatal(err)
		}
		if naive.ROCAUC, err = signtest.Of(byAUC); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*report.ClassChanges{naive}, compared.ClassChanges,
			cmpopts.EquateApprox(0, 1e-3)); diff != "" {
			t.Errorf("%d classes: %s", n, diff)
		}
	}
	if err := (&report.Compared{}).Save(filepath.Join(t.TempDir(), "none", "x.json")); err == nil ||
		!strings.Contains(err.Error(), "saving") {
		t.Errorf("%v", err)
	}
}
