package session

import (
	"context"
	"encoding/json"
)

// Item returns the item with an id as a value that says what it has in each block of features, and shows its picture and
// the drawing of its HOG, where there are these.
func (f *Frame) Item(ctx context.Context, id string) (*Value, error) {
	i := &Value{}
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
