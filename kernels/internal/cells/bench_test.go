package cells_test

import (
	"fmt"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// BenchmarkCell is what the kernel does with a cell beside GoNB, on top of 200 names that earlier cells declare: it looks
// for traps, writes the program and remembers the cell.
func BenchmarkCell(b *testing.B) {
	var m cells.Memory
	for i := range 100 {
		m.Add(cells.Parse(fmt.Sprintf("var name%d = %d\n\n// f%d adds.\nfunc f%d(n int) int {\n\tif n > name%d {\n\t\tn++\n\t}\n"+
			"\treturn n + name%d\n}", i, i, i, i, i, i)))
	}
	c := cells.Parse("items := lab.Builtin(4)\nsplit := items.Split(lab.Seed(name7))\nfmt.Println(f3(name5))\nsplit")
	m.Add(c)
	m.Keep(c)
	const code = "fmt.Println(f3(name5))\nsplit.Train()"
	for b.Loop() {
		c := cells.Parse(code)
		if traps := m.Traps(c); len(traps) > 0 {
			b.Fatal(traps)
		}
		if _, trap := m.Program(c, func(string, string, string, bool) (int, bool) { return 1, true }); trap != nil {
			b.Fatal(trap)
		}
		m.Add(c)
		m.Keep(c)
	}
}
