package session

import (
	"context"
	"encoding/json"
	"fmt"
)

// Item is one item of a frame.
type Item struct {
	Value  `json:"-"`
	Item   string      `json:"item"` // its id
	Label  string      `json:"label,omitempty"`
	Domain string      `json:"domain,omitempty"`
	Blocks []ItemBlock `json:"blocks"`
}

// ItemBlock is what an item has in a block of features.
type ItemBlock struct {
	Name     string  `json:"name"`
	Features int     `json:"features"`
	Zero     int     `json:"zero"`    // that are 0
	Missing  int     `json:"missing"` // that are NaN
	Mean     float64 `json:"mean"`    // of those that are there, like Low and High; 0 where none is
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// String returns the block in a line.
func (b ItemBlock) String() string {
	return fmt.Sprintf("%s: %d features, mean %.4g, from %.4g to %.4g", b.Name, b.Features, b.Mean, b.Low, b.High)
}

// Item returns what is known of the item with an id: its picture, where there is one, and its features by block.
func (f *Frame) Item(ctx context.Context, id string) (*Item, error) {
	i := &Item{}
	return give(i, f.session.want(ctx, "item", map[string]string{"frame": f.Key, "id": id}, i, nil))
}

// Save writes the frame to a table whose format its ending says, as table.Save does: with ids, labels, domains and
// blocks, so that it opens as the same frame.
func (f *Frame) Save(ctx context.Context, path string) error {
	return f.write(ctx, map[string]string{"path": path})
}

// SavePicture writes the picture of an item as PNG. An item without one is an error.
func (f *Frame) SavePicture(ctx context.Context, id, path string) error {
	return f.write(ctx, map[string]string{"path": path, "id": id})
}

// write has the worker write the frame, or the picture of an item.
func (f *Frame) write(ctx context.Context, args map[string]string) error {
	var err error
	if args["path"], err = absolute(args["path"]); err != nil {
		return err
	}
	args["frame"] = f.Key
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	_, err = f.session.call(ctx, "write", body, nil)
	return err
}
