package lab

import (
	"fmt"

	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/session"
)

// At is the id of the item that an explorer begins with. Without it that is the first test item.
func At(id string) Option[session.ExploreOptions] {
	return func(o *session.ExploreOptions) { o.At = id }
}

// Judged names the table in which an explorer keeps the pairs that are judged in it. Without it that is judged.csv,
// beside the notebook.
func Judged(path string) Option[session.ExploreOptions] {
	return func(o *session.ExploreOptions) { o.Judged = path }
}

// Explore shows an explorer below the cell: type an item's id or click on an item, and see those most similar to it, by
// the model, its encoder or features alone. It goes on when its cell has ended. Pairs that you mark as same or different
// are kept at once in a table that trains:
//
//	model.Explore(lab.At("a-17"))
//	items.Pairs("judged.csv").Train()
//
// Where nobody is there to use it, as in `kernels run`, it shows the neighbours of its first item.
func (m *Model) Explore(options ...Option[session.ExploreOptions]) {
	opt := change(session.ExploreOptions{}, options)
	e := result(during("exploring", func(func(session.Work)) (*session.Explored, error) {
		return m.model.Explore(stopped(), m.items.frame, opt)
	}))
	if !cell.Here() {
		fmt.Println(e)
	}
}
