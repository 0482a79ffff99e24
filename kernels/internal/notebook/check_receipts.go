package notebook

import (
	"encoding/json"

	"github.com/go-siamese/lab/siamese/version"
)

// checkReceipts calls add for everything that the receipts do not vouch for. Text cells may be edited at any time.
func (n *Notebook) checkReceipts(add func(cell int, format string, args ...any)) {
	const mend = ": use `run --inplace`"
	whole := n.Receipt()
	switch made := n.Version(); {
	case made == "":
		add(0, "it does not say with which version of the lab it was executed"+mend)
	case made != version.Version:
		add(0, "it was executed with version %s of the lab, this is %s"+mend, made, version.Version)
	case whole == nil:
		add(0, "it has no receipt, which says how its outputs were made"+mend)
	case whole.Lab.Version != made:
		add(0, "its receipt is of version %s of the lab, the outputs of %s"+mend, whole.Lab.Version, made)
	}
	if whole == nil {
		return
	}
	// Facts and marked texts are what programs tell.
	private := func(cell int, r any) {
		if text, err := json.Marshal(r); err == nil {
			if m := machinePath.Find(text); m != nil {
				add(cell, "its receipt names a path of a machine: %s", m)
			}
		}
	}
	private(0, whole)
	for i, c := range n.Cells {
		if c.Type() != "code" || c.Empty() {
			continue
		}
		r := c.Receipt()
		if r == nil {
			add(i+1, "it has no receipt, which says how its outputs were made"+mend)
			continue
		}
		private(i+1, r)
		if is := c.CodeDigest(); r.Code != is {
			add(i+1, "its code is not what was executed: digest %.12s, in the receipt %.12s"+mend, is, r.Code)
		}
		if is := c.OutputsDigest(); r.Outputs != is {
			add(i+1, "its outputs are not those that were executed: digest %.12s, in the receipt %.12s"+mend, is, r.Outputs)
		}
	}
}
