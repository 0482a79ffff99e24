package loss_test

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/siamese/loss"
)

// The oracle: every loss from its definition, in loops over float64, without any care for speed or overflow.

// oracle returns the loss of the task.
func oracle(k task) float64 { return oracleFrozen(k, k) }

// oracleFrozen returns the loss of the task, with the weights that carry no gradient (Circle's) from another.
func oracleFrozen(k, frozen task) float64 {
	s, f := similarities(k), similarities(frozen)
	columns := 1
	if !k.listed {
		columns = len(k.refs())
	}
	o := table{s: rowsOf(s, len(k.left)), p: rowsOf(k.p, len(k.left)), q: rowsOf(k.q, len(k.left)), m: columns}
	switch spec := k.spec; spec.Name {
	case "mse":
		return o.pairMean(func(s, y float64) float64 { return (y - s) * (y - s) })
	case "bce":
		return o.pairMean(func(s, y float64) float64 {
			x := spec.Scale * (s - spec.Base)
			return y*math.Log1p(math.Exp(-x)) + (1-y)*math.Log1p(math.Exp(x))
		})
	case "contrastive":
		return o.pairMean(func(s, y float64) float64 {
			d := -s
			if spec.Similarity == loss.Cosine {
				d = 1 - s
			}
			return (y*math.Pow(max(0, d-spec.PositiveMargin), 2) + (1-y)*math.Pow(max(0, spec.Margin-d), 2)) / 2
		})
	case "cosine-embedding":
		return o.pairMean(func(s, y float64) float64 { return y*(1-s) + (1-y)*max(0, s-spec.Margin) })
	case "contrastive-hinge":
		var far, near mean
		o.each(func(i, j int) {
			far.addAbove0(o.p[i][j], spec.PositiveMargin-o.s[i][j])
			near.addAbove0(o.q[i][j], o.s[i][j]-spec.Margin)
		})
		return far.value() + near.value()
	case "triplet":
		return o.triplet(spec)
	case "ntxent":
		return o.ntxent(spec.Temperature)
	case "supcon":
		return o.supcon(spec.Temperature)
	case "multi-similarity":
		return o.multiSimilarity(spec)
	case "circle":
		return o.circle(spec, rowsOf(f, len(k.left)))
	case "proxy-anchor":
		return o.proxyAnchor(spec)
	case "arcface":
		return o.arcface(spec)
	case "cross-entropy":
		return o.crossEntropy(spec.Temperature)
	}
	panic(fmt.Sprintf("no oracle for %q", k.spec.Name))
}

// similarities returns those of all pairs of the task, row by row.
func similarities(k task) (out []float64) {
	for i, a := range k.left {
		if k.listed {
			out = append(out, similarity(k.spec, a, k.refs()[i]))
			continue
		}
		for _, b := range k.refs() {
			out = append(out, similarity(k.spec, a, b))
		}
	}
	return out
}

func similarity(spec loss.Spec, a, b []float64) float64 {
	length := func(x []float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum += v * v
		}
		return math.Sqrt(sum)
	}
	unit := func(x []float64) []float64 {
		l := length(x)
		x = slices.Clone(x)
		for i := range x {
			if l > 0 {
				x[i] /= l
			}
		}
		return x
	}
	if spec.Normalize || spec.Similarity == loss.Cosine {
		a, b = unit(a), unit(b)
	}
	dot, difference := 0.0, make([]float64, len(a))
	for i := range a {
		dot += a[i] * b[i]
		difference[i] = a[i] - b[i]
	}
	if spec.Similarity == loss.Euclidean {
		return -length(difference)
	}
	return dot
}

// table has the similarities and weights of pairs, in rows; listed pairs are rows of one.
type table struct {
	s, p, q [][]float64
	m       int
}

func (o table) each(visit func(i, j int)) {
	for i := range o.s {
		for j := range o.m {
			visit(i, j)
		}
	}
}

// mean is a weighted mean; 0 of nothing.
type mean struct{ sum, weight float64 }

func (m *mean) add(w, x float64) { m.sum += w * x; m.weight += w }

func (m *mean) addAbove0(w, x float64) {
	if x > 0 {
		m.add(w, x)
	}
}

func (m *mean) value() float64 {
	if m.weight == 0 {
		return 0
	}
	return m.sum / m.weight
}

func (o table) pairMean(f func(s, y float64) float64) float64 {
	var all mean
	o.each(func(i, j int) {
		if w := o.p[i][j] + o.q[i][j]; w > 0 {
			all.add(w, f(o.s[i][j], o.p[i][j]/w))
		}
	})
	return all.value()
}

// mixed returns whether there is a positive and a negative anywhere.
func (o table) mixed() bool {
	return slices.ContainsFunc(o.p, hasAny) && slices.ContainsFunc(o.q, hasAny)
}

func hasAny(w []float64) bool { return slices.Max(w) > 0 }

func (o table) triplet(spec loss.Spec) float64 {
	var all mean
	for i, s := range o.s {
		if spec.Mining == loss.MineBatchHard {
			far, near := -1, -1
			for j := range s {
				if o.p[i][j] > 0 && (far < 0 || s[j] < s[far]) {
					far = j
				}
				if o.q[i][j] > 0 && (near < 0 || s[j] > s[near]) {
					near = j
				}
			}
			if far >= 0 && near >= 0 {
				all.addAbove0(o.p[i][far]*o.q[i][near], s[near]-s[far]+spec.Margin)
			}
			continue
		}
		for j := range s {
			for k := range s {
				if spec.Mining == loss.MineAll || s[k] < s[j] {
					all.addAbove0(o.p[i][j]*o.q[i][k], s[k]-s[j]+spec.Margin)
				}
			}
		}
	}
	return all.value()
}

func (o table) ntxent(temperature float64) float64 {
	if !o.mixed() {
		return 0
	}
	var all mean
	o.each(func(i, j int) {
		own, rivals := math.Exp(o.s[i][j]/temperature), 0.0
		for k := range o.m {
			rivals += o.q[i][k] * math.Exp(o.s[i][k]/temperature)
		}
		all.add(o.p[i][j], -math.Log(own/(own+rivals)))
	})
	return all.value()
}

func (o table) supcon(temperature float64) float64 {
	if !o.mixed() {
		return 0
	}
	var all mean
	for i, s := range o.s {
		var row mean
		for j := range s {
			if o.p[i][j] == 0 {
				continue
			}
			total := 0.0
			for k := range s {
				total += (o.p[i][k] + o.q[i][k]) * math.Exp(s[k]/temperature)
			}
			row.add(o.p[i][j], -math.Log((o.p[i][j]+o.q[i][j])*math.Exp(s[j]/temperature)/total))
		}
		all.addAbove0(1, row.value())
	}
	return all.value()
}

func (o table) multiSimilarity(spec loss.Spec) float64 {
	var all mean
	for i, s := range o.s {
		if !hasAny(o.p[i]) && !hasAny(o.q[i]) {
			continue
		}
		pull, push := 1.0, 1.0
		for j := range s {
			pull += o.p[i][j] * math.Exp(-spec.Alpha*(s[j]-spec.Base))
			push += o.q[i][j] * math.Exp(spec.Beta*(s[j]-spec.Base))
		}
		all.add(1, math.Log(pull)/spec.Alpha+math.Log(push)/spec.Beta)
	}
	return all.value()
}

func (o table) circle(spec loss.Spec, frozen [][]float64) float64 {
	var all mean
	for i, s := range o.s {
		pull, push := 0.0, 0.0
		for j := range s {
			a, b := max(0, 1+spec.Margin-frozen[i][j]), max(0, frozen[i][j]+spec.Margin)
			pull += o.p[i][j] * math.Exp(-spec.Scale*a*(s[j]-1+spec.Margin))
			push += o.q[i][j] * math.Exp(spec.Scale*b*(s[j]-spec.Margin))
		}
		if pull > 0 && push > 0 {
			all.addAbove0(1, math.Log1p(pull*push))
		}
	}
	return all.value()
}

func (o table) proxyAnchor(spec loss.Spec) float64 {
	pulls, pushes, with := 0.0, 0.0, 0.0
	for c := range o.m {
		pull, push, any := 1.0, 1.0, false
		for i := range o.s {
			pull += o.p[i][c] * math.Exp(-spec.Scale*(o.s[i][c]-spec.Margin))
			push += o.q[i][c] * math.Exp(spec.Scale*(o.s[i][c]+spec.Margin))
			any = any || o.p[i][c] > 0
		}
		pulls += math.Log(pull)
		pushes += math.Log(push)
		with += indicator(any)
	}
	return pulls/max(with, 1) + pushes/float64(o.m)
}

func (o table) arcface(spec loss.Spec) float64 {
	var all mean
	o.each(func(i, c int) {
		angle := math.Acos(max(-1, min(1, o.s[i][c])))
		target := math.Cos(angle + spec.Margin)
		if angle > math.Pi-spec.Margin {
			target = math.Cos(angle) - spec.Margin*math.Sin(spec.Margin)
		}
		rivals := 0.0
		for k := range o.m {
			rivals += o.q[i][k] * math.Exp(spec.Scale*o.s[i][k])
		}
		own := math.Exp(spec.Scale * target)
		all.add(o.p[i][c], -math.Log(own/(own+rivals)))
	})
	return all.value()
}

func (o table) crossEntropy(temperature float64) float64 {
	var all mean
	for i, s := range o.s {
		for c := range s {
			total := math.Exp(s[c] / temperature)
			for k := range s {
				total += o.q[i][k] * math.Exp(s[k]/temperature)
			}
			all.add(o.p[i][c], math.Log(total)-s[c]/temperature)
		}
	}
	return all.value()
}

// differences returns the gradient of the oracle by central differences, with respect to left and, where it
// is given, right. Weights without gradient stay those of the task.
func differences(k task) (left, right [][]float64) {
	const step = 1e-6
	sides := func(rows [][]float64) [][]float64 {
		out := make([][]float64, len(rows))
		for i, row := range rows {
			out[i] = make([]float64, len(row))
			for j, v := range row {
				row[j] = v + step
				up := oracleFrozen(k, fixed(k, rows, i, j, v))
				row[j] = v - step
				down := oracleFrozen(k, fixed(k, rows, i, j, v))
				row[j] = v
				out[i][j] = (up - down) / (2 * step)
			}
		}
		return out
	}
	left = sides(k.left)
	if k.right != nil {
		right = sides(k.right)
	}
	return left, right
}

// fixed returns the task with rows[i][j] as it was, v.
func fixed(k task, rows [][]float64, i, j int, v float64) task {
	copied := slices.Clone(rows)
	copied[i] = slices.Clone(rows[i])
	copied[i][j] = v
	if &rows[0] == &k.left[0] {
		k.left = copied
	} else {
		k.right = copied
	}
	return k
}
