package loss_test

import (
	"fmt"
	"log"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/loss"
)

// The supervised contrastive loss of four items in two classes, and its gradient.
func ExampleSupCon() {
	backend, err := openGo() // siamese.OpenBackend("go") in a program
	if err != nil {
		log.Fatal(err)
	}
	exec, err := NewExec(backend, func(z, class *Node) (value, gradient *Node) {
		value = loss.SupCon(loss.All(loss.Cosine, z, z), loss.FromClasses(class, class).WithoutSelf(), 0.1)
		return value, Gradient(value, z)[0]
	})
	if err != nil {
		log.Fatal(err)
	}
	embeddings := [][]float32{{1, 0}, {0.8, 0.6}, {0, 1}, {-0.6, 0.8}}
	out, err := exec.Call(embeddings, []int32{0, 0, 1, 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("loss %.3f, gradient %s\n", out[0].Value(), out[1].Shape())
	// Output: loss 0.064, gradient (Float32)[4, 2]
}

// Items with several tags: a tag in common makes a positive pair, none a negative one. The last item has no tags yet:
// all of its pairs are unknown, so that no gradient reaches it. A weight halves what the first pair counts.
func ExampleFromTags() {
	backend, err := openGo() // siamese.OpenBackend("go") in a program
	if err != nil {
		log.Fatal(err)
	}
	exec, err := NewExec(backend, func(z, tags, weight *Node) (value, gradient *Node) {
		rel := loss.FromTags(tags, tags, 0).WithoutSelf().Weighted(weight)
		value = loss.SupCon(loss.All(loss.Cosine, z, z), rel, 0.1)
		return value, Gradient(value, z)[0]
	})
	if err != nil {
		log.Fatal(err)
	}
	embeddings := [][]float32{{1, 0}, {0.8, 0.6}, {0, 1}, {-0.6, 0.8}}
	tags := [][]float32{{1, 0, 0}, {1, 1, 0}, {0, 1, 0}, {0, 0, 0}}
	weights := [][]float32{{1, .5, 1, 1}, {.5, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}}
	out, err := exec.Call(embeddings, tags, weights)
	if err != nil {
		log.Fatal(err)
	}
	gradient := out[1].Value().([][]float32)
	fmt.Printf("loss %.3f, gradient of the last item %v\n", out[0].Value(), gradient[3])
	// Output: loss 0.371, gradient of the last item [0 0]
}

// The same choice as data, for a configuration file.
func ExampleSpec() {
	spec, err := loss.Default("supcon")
	if err != nil {
		log.Fatal(err)
	}
	spec.Temperature = 0.3
	spec.Margin = 0.2
	fmt.Println(spec)
	fmt.Println(spec.Validate())
	// Output:
	// {"name":"supcon","similarity":"cosine","margin":0.2,"temperature":0.3}
	// margin: 0.2 is given, but loss supcon has no such parameter: leave it out
}
