package lab

import (
	"github.com/go-siamese/lab/kernels/cell"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

func init() {
	cell.Draws(func(v any) (bool, error) {
		switch v := v.(type) {
		case config.Config:
			return true, cell.Display(configOutput(v))
		case *config.Config:
			return true, cell.Display(configOutput(*v))
		case shown: // a handle of the session itself
			return true, v.Display(stopped())
		}
		return false, nil
	})
}

// Value shows values as the kernel does with what stands in last place in a cell: see [cell.Value].
func Value(values ...any) { cell.Value(values...) }

// configOutput is a table of what differs from the default configuration.
func configOutput(c config.Config) cell.Output {
	text, content := tables.Config(c)
	data := map[string]any{"text/plain": text}
	if content != "" {
		data["text/html"] = content
	}
	return cell.Output{Data: data}
}
