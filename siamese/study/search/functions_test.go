package search

import (
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese/study/space"
)

// known function to minimise.
type knownFunction struct {
	space space.Space
	value func(s space.Space, at space.Point) float64
}

// function returns a function of testdata/golden.py, by name.
func function(name string) knownFunction {
	switch name {
	case "sphere":
		return knownFunction{box(3, -5, 5), func(_ space.Space, at space.Point) float64 {
			sum := 0.
			for _, v := range at {
				sum += (v - 1) * (v - 1)
			}
			return math.Log10(sum)
		}}
	case "branin":
		return knownFunction{space.Space{space.Range("x", -5, 10), space.Range("y", 0, 15)},
			func(_ space.Space, at space.Point) float64 {
				x, y := at["x"], at["y"]
				a := y - 5.1/(4*math.Pi*math.Pi)*x*x + 5/math.Pi*x - 6
				return math.Log10(a*a + 10*(1-1/(8*math.Pi))*math.Cos(x) + 10 - 0.397887)
			}}
	case "hartmann6":
		return knownFunction{box(6, 0, 1), hartmann6}
	case "mixed":
		return knownFunction{space.Space{
			space.Choice("kind", "a", "b"), space.LogRange("x", 1e-3, 1), space.IntRange("n", 1, 20),
			space.LogIntRange("m", 1, 1000), space.Choice("c", "p", "q", "r", "s"), space.Range("y", 0, 1).If("kind", "b"),
		}, mixed}
	}
	panic("no function is called " + name)
}

func box(n int, low, high float64) (s space.Space) {
	for i := range n {
		s = append(s, space.Range(fmt.Sprintf("x%d", i), low, high))
	}
	return s
}

func hartmann6(s space.Space, at space.Point) float64 {
	a := [4][6]float64{{10, 3, 17, 3.5, 1.7, 8}, {.05, 10, 17, .1, 8, 14}, {3, 3.5, 1.7, 10, 17, 8},
		{17, 8, .05, 10, .1, 14}}
	p := [4][6]float64{{1312, 1696, 5569, 124, 8283, 5886}, {2329, 4135, 8307, 3736, 1004, 9991},
		{2348, 1451, 3522, 2883, 3047, 6650}, {4047, 8828, 8732, 5743, 1091, 381}}
	total := 0.
	for i, weight := range []float64{1, 1.2, 3, 3.2} {
		sum := 0.
		for j := range s {
			d := at[s[j].Name] - 1e-4*p[i][j]
			sum += a[i][j] * d * d
		}
		total -= weight * math.Exp(-sum)
	}
	return total
}

func mixed(s space.Space, at space.Point) float64 {
	c, _ := s.Param("c")
	v := math.Pow(math.Log10(at["x"])+1.7, 2) + .1*math.Abs(at["n"]-7) + math.Abs(math.Log10(at["m"])-2) +
		map[string]float64{"p": .3, "q": 0, "r": .6, "s": .2}[c.Text(at["c"])]
	if y, ok := at["y"]; ok {
		return v + 4*(y-.3)*(y-.3) + .1
	}
	return v + .5
}
