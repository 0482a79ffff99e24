package advise_test

import (
	"context"
	"fmt"
	"log"

	"github.com/go-siamese/lab/siamese/advise"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

func ExampleRun() {
	items := labtest.Toy("item", 4, 12, 6, 0.3, 1)
	items.Labels[0] = items.Labels[12] // somebody's slip
	advice, err := advise.Run(context.Background(), items, advise.Options{Seed: 42, NoCurves: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range advice.Labels.Suspects {
		fmt.Printf("%s is called %s, and looks like %s\n", s.ID, s.Label, s.Suggested)
	}
	// Output: item0 is called class 1, and looks like class 0
}
