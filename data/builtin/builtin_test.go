package builtin

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/images"
)

func TestImages(t *testing.T) {
	all, err := Images()
	if err != nil {
		t.Fatal(err)
	}
	if err := all.Validate(); err != nil {
		t.Fatal(err)
	}
	if all.N() != 20_000 {
		t.Fatalf("%d items, want 20000", all.N())
	}
	classes, domains := map[string]int{}, map[string]int{}
	for i := range all.Items {
		classes[all.Labels[i]]++
		domains[all.Domains[i]]++
		if !strings.HasPrefix(all.Labels[i], all.Domains[i]+"/") || !strings.HasPrefix(all.IDs[i], all.Domains[i]+"/") {
			t.Fatalf("item %d: id %q and label %q do not belong to domain %q", i, all.IDs[i], all.Labels[i],
				all.Domains[i])
		}
		if m := all.Items[i]; m.W != 28 || m.H != 28 || m.C != 1 {
			t.Fatalf("item %d is %dx%dx%d", i, m.W, m.H, m.C)
		}
	}
	// Items per class of the two test splits: MNIST is uneven, Fashion-MNIST has 1,000 each.
	want := map[string]int{"digits/0": 980, "digits/1": 1135, "digits/2": 1032, "digits/3": 1010, "digits/4": 982,
		"digits/5": 892, "digits/6": 958, "digits/7": 1028, "digits/8": 974, "digits/9": 1009}
	for _, c := range builtinClasses[1].classes {
		want["fashion/"+c] = 1000
	}
	if diff := cmp.Diff(want, classes); diff != "" {
		t.Error("classes (-want +got)", diff)
	}
	if diff := cmp.Diff(map[string]int{"digits": 10_000, "fashion": 10_000}, domains); diff != "" {
		t.Error("domains (-want +got)", diff)
	}
	// The first items of the two splits are well known: a seven, and an ankle boot.
	for i, want := range map[int][2]string{
		0: {"digits/00000", "digits/7"}, 9_999: {"digits/09999", "digits/6"},
		10_000: {"fashion/00000", "fashion/ankle-boot"},
	} {
		if got := [2]string{all.IDs[i], all.Labels[i]}; got != want {
			t.Errorf("item %d is %v, want %v", i, got, want)
		}
	}
}

func TestSample(t *testing.T) {
	digest := func(s *images.Images) string {
		return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(s.IDs, " "))))
	}
	a, err := Sample(7, 1)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for i, label := range a.Labels {
		counts[label]++
		if i > 0 && a.IDs[i] <= a.IDs[i-1] {
			t.Fatalf("ids not in the order of the set: %s after %s", a.IDs[i], a.IDs[i-1])
		}
	}
	if len(counts) != 20 {
		t.Fatalf("%d classes, want 20", len(counts))
	}
	for label, n := range counts {
		if n != 7 {
			t.Errorf("%d items of %s, want 7", n, label)
		}
	}
	b, _ := Sample(7, 1)
	c, _ := Sample(7, 2)
	if digest(a) != digest(b) {
		t.Error("the same seed drew other items")
	}
	if digest(a) == digest(c) {
		t.Error("another seed drew the same items")
	}
	for _, n := range []int{0, -1, 893} {
		if _, err := Sample(n, 1); err == nil {
			t.Errorf("Sample(%d) gave no error", n)
		}
	}
}

// TestOwned: what a caller does to its images changes nobody else's.
func TestOwned(t *testing.T) {
	get := map[string]func() (*images.Images, error){"all": Images,
		"some": func() (*images.Images, error) { return Sample(3, 1) }}
	for name, get := range get {
		a, err := get()
		if err != nil {
			t.Fatal(err)
		}
		first := a.Items[0].Pix[0]
		for i := range a.Items {
			a.Items[i].Pix[0]++
			a.IDs[i], a.Labels[i], a.Domains[i] = "", "", ""
		}
		a.Items[1] = images.Image{}
		b, err := get()
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Validate(); err != nil || b.Items[0].Pix[0] != first || b.Labels[0] == "" || b.Domains[0] == "" {
			t.Errorf("%s: another caller's images were changed: %v", name, err)
		}
	}
}

func TestAttribution(t *testing.T) {
	text := Attribution()
	for _, want := range []string{"LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "Zalando", "arXiv 1708.07747", "MIT"} {
		if !strings.Contains(text, want) {
			t.Errorf("the attribution does not name %q", want)
		}
	}
}
