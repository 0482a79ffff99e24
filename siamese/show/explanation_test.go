package show

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/stats"
)

func TestExplanation(t *testing.T) {
	x := &siamese.PairExplanation{Left: "a", Right: nasty, Cosine: 0.8123, Baseline: 0.25,
		Blocks: []siamese.BlockPart{{Name: "hog", Part: 0.7}, {Name: nasty, Part: -0.1377}}}
	for range 2 { // without features and with some
		svg, err := ExplanationSVG(x)
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(texts(t, svg), "|")
		has(t, all, "Cosine 0.812, any two items 0.250", "hog", "&lt;script&gt;", "more similar", "less similar", "part of the cosine")
		if strings.Index(all, "&lt;script") > strings.Index(all, "hog") {
			t.Error("ticks go up, so that the first bar comes last")
		}
		if len(x.Features) > 0 {
			has(t, all, "The 10 features with the largest parts", "hog/b9")
			has(t, svg, `viewBox="0 0 662.4 216"`)
		}
		for k := range 10 {
			x.Features = append(x.Features, siamese.FeaturePart{Name: fmt.Sprintf("hog/b%d", k), Part: 0.1 / (float64(k) - 4.5)})
		}
	}
	zero := &siamese.PairExplanation{Blocks: []siamese.BlockPart{{Name: "hog"}}}
	svg, err := ExplanationSVG(zero)
	if err != nil {
		t.Fatal(err)
	}
	texts(t, svg)
	for _, bad := range []*siamese.PairExplanation{
		{}, {Blocks: []siamese.BlockPart{{Name: "x", Part: math.NaN()}}},
		{Blocks: zero.Blocks, Features: []siamese.FeaturePart{{Name: "x", Part: math.Inf(1)}}},
	} {
		if _, err := ExplanationSVG(bad); err == nil || Explanation(bad) == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
	if err := Explanation(x); err != nil { // outside of a notebook it shows nothing
		t.Error(err)
	}
}

func TestBlocks(t *testing.T) {
	x := &siamese.BlockExplanation{Items: 20, Classes: 2, Pairs: 8, Background: 64, Similarities: []siamese.BlocksOf{
		{Name: "no training", Blocks: []siamese.BlockEffect{{Name: "hog"}}},
		{Name: nasty, Whole: siamese.Separation{MAPAtR: 0.7569, ROCAUC: 0.9879}, Baseline: 0.1, Same: 0.9, Different: 0.05, Blocks: []siamese.BlockEffect{
			{Name: "hog", Columns: 1296, Without: siamese.Separation{MAPAtR: 0.466}, Alone: siamese.Separation{ROCAUC: 0.9798}, Carried: siamese.Carried{Same: 0.6671, Different: -0.0518, ApartError: 0.0234}},
			{Name: "glcm", Columns: 480},
		}},
	}}
	content := BlocksHTML(x)
	wellFormed(t, content)
	selfContained(t, content)
	has(t, content, "20 items of 2 classes", ">0.757<", ">+0.850<", ">0.466<", ">0.980<", ">+0.667<", ">-0.052<", ">+0.719 ± 0.023<", "hog (1296 columns)<", ": all blocks<", "&lt;script&gt;")
	if n := strings.Count(content, "<tr>"); n != 6 {
		t.Errorf("%d lines, want a header, one for each kind and one for each block of it", n)
	}
	if strings.Contains(content, "How figures change") {
		t.Error("changes without intervals")
	}
	of := func(v float64) stats.Difference {
		return stats.Difference{Interval: stats.Interval{Value: v, Low: v - 0.0111, High: v + 0.0123, Level: 0.95}}
	}
	x.Similarities[1].Blocks[0].Change = &siamese.Change{MAPAtR: of(-0.29), ROCAUC: of(0.004)}
	content = BlocksHTML(x)
	wellFormed(t, content)
	has(t, content, "How figures change; in brackets: 95 % intervals", "&lt;script&gt;", ": without hog<", `>-0.290 <span style="white-space:nowrap">[-0.301, -0.278]</span><`, "+0.004")
	if n := strings.Count(content, "<tr>"); n != 8 {
		t.Errorf("%d lines, want a header and the block that has a change in a second table", n)
	}
	Blocks(x) // outside of a notebook it does nothing
}
