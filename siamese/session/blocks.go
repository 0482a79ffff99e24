package session

import "context"

// Blocks explains the model on the test items of a split by blocks of features, as explain.Blocks does: how well it does
// without each block and with it alone, and what each adds to cosines. each is told the progress; nil = silent.
func (m *Model) Blocks(ctx context.Context, split *Split, each func(Work)) (*Value, error) {
	v := &Value{}
	args := map[string]string{"model": m.Key, "split": split.Key}
	return give(v, m.session.want(ctx, "blocks", args, v, working(each)))
}
