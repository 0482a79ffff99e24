package widget_test

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/kernels/widget"
)

// A form of three widgets. Outside of the kernel, as here, their values are printed.
func ExampleShow() {
	epochs := &widget.IntSlider{Name: "epochs", Min: 1, Max: 50, Default: 10}
	rate := &widget.FloatLogSlider{Name: "rate", Min: 1e-5, Max: 1e-1, Default: 1e-3}
	loss := &widget.Dropdown{Name: "loss", Options: []string{"contrastive", "triplet"}}
	form := &widget.VBox{Children: []widget.Widget{epochs, rate, loss}}
	if err := widget.Show(context.Background(), form); err != nil {
		fmt.Println(err)
	}
	fmt.Println("training for", epochs.Value(), "epochs")
	// Output:
	// epochs = 10
	// rate = 0.001
	// loss = "contrastive"
	// training for 10 epochs
}
