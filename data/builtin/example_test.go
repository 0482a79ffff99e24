package builtin_test

import (
	"fmt"

	"github.com/go-siamese/lab/data/builtin"
)

func ExampleImages() {
	images, err := builtin.Images()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(images.N(), "images")
	for _, i := range []int{0, 10_000} {
		fmt.Println(images.IDs[i], "is a", images.Labels[i], "of", images.Items[i].W, "x", images.Items[i].H, "pixels")
	}
	// Output:
	// 20000 images
	// digits/00000 is a digits/7 of 28 x 28 pixels
	// fashion/00000 is a fashion/ankle-boot of 28 x 28 pixels
}
