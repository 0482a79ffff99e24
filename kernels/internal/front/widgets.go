package front

import (
	"encoding/json"
)

// beginWidgets tells the widgets that a cell begins. A cell is known by the id that front ends send, else by its code.
func (k *kernel) beginWidgets(x *execution) {
	if k.widgets == nil || x.Silent {
		return
	}
	var meta struct {
		Cell string `json:"cellId"`
	}
	if json.Unmarshal(x.request.Metadata, &meta) != nil || meta.Cell == "" {
		meta.Cell = x.Code
	}
	if err := k.widgets.Begin(x.request.Head, meta.Cell, !x.AllowStdin); err != nil {
		k.o.Log("widgets: %v", err)
	}
}

// endWidgets tells the widgets that a cell has ended, before front ends learn it.
func (k *kernel) endWidgets(x *execution) {
	if k.widgets == nil || x.Silent {
		return
	}
	if err := k.widgets.End(x.request.Head); err != nil {
		k.o.Log("widgets: %v", err)
	}
}
