package explore

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
)

// mostListed bounds the judged pairs that the page lists.
const mostListed = 200

// listed is a judged pair as the script has it.
type listed struct {
	Left    item   `json:"left"`
	Right   item   `json:"right"`
	Verdict string `json:"verdict"`
	Against bool   `json:"against"` // the labels say otherwise
}

// told are the judged pairs as the script has them.
type told struct {
	File    string   `json:"file"`
	List    []listed `json:"list"` // the newest first
	Total   int      `json:"total"`
	Summary string   `json:"summary"`
	Against int      `json:"against"` // pairs whose labels say otherwise
	Code    string   `json:"code"`    // Go that trains on them; "" = they are too few
}

// told returns the judged pairs for the script. e.mu is held.
func (e *Explorer) told() told {
	j := e.judged
	out := told{File: j.name, List: []listed{}}
	all := j.list()
	out.Total = len(all)
	count := map[string]int{}
	for k := len(all) - 1; k >= 0; k-- {
		p := all[k]
		count[p.verdict()]++
		one := listed{Left: e.item(int(p.left)), Right: e.item(int(p.right)), Verdict: p.verdict()}
		says := agrees(one.Left.Label, one.Right.Label)
		if one.Against = says != "" && (says == same && one.Verdict == different ||
			says == different && one.Verdict == same); one.Against {
			out.Against++
		}
		if len(out.List) < mostListed {
			out.List = append(out.List, one)
		}
	}
	out.Summary = fmt.Sprintf("%d same, %d different, %d not sure", count[same], count[different], count[unsure])
	if count[same] > 0 && count[different] > 0 {
		out.Code = j.code(e.ctx)
	}
	return out
}

// code returns the Go that trains on the pairs, with the options that reading the table needs.
func (j *judged) code(ctx context.Context) string {
	options := ""
	var set []string
	if j.frame.Numbered {
		set = append(set, "o.ByRow = true")
	}
	// Most judgements against the labels look like a table whose 0 means same.
	opt := table.PairOptions{ByRow: j.frame.Numbered}
	if _, _, err := table.OpenPairs(ctx, j.path, j.frame, opt); err != nil {
		set = append(set, `o.Same = "1"`)
	}
	if len(set) > 0 {
		options = ", func(o *session.PairOptions) { " + strings.Join(set, "; ") + " }"
	}
	return fmt.Sprintf("items.Pairs(%q%s).Train()", quote.Line(j.name), options)
}
