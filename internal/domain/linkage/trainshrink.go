package linkage

import "math"

// halfPairs is how many pairs beyond doubt, or labelled as one, it takes for what they say to count as much as the model a training
// begins with. Few pairs move it little: the numbers of a model that somebody set, or that was fitted to pairs of other lists, stand for
// many pairs, and some forty pairs of one list hold hardly any of the errors that decide. With several hundred little of it is left.
const halfPairs = 100

// trust gives how much what so many pairs say counts beside the model, from 0 to 1. It rises with the square of their number: what is
// uncertain about a share among n pairs falls so against what the model is off by.
func trust(pairs float64) float64 { return pairs * pairs / (pairs*pairs + halfPairs*halfPairs) }

// shrink draws the numbers of a training to those of the model it began with, comparison by comparison by the pairs each was counted
// on, and the prior by all pairs: the mean of the weights, which are what a model decides by.
func (e *Engine) shrink(t *Training) {
	for k, c := range t.given {
		part := trust(t.pairs[k])
		for j, l := range c.Levels {
			t.m[k][j] = between(l.M, t.m[k][j], part)
			t.u[k][j] = between(l.U, t.u[k][j], part)
		}
	}
	given := e.model.file.Prior.Duplicates
	if e.sources[1] != nil {
		given = e.model.file.Prior.Listed
	}
	t.Prior = between(given, t.Prior, trust(float64(t.Sure))) // the matches stay those that were found
}

// between gives the number whose logarithm lies by a part of the way from one to another.
func between(from, to, part float64) float64 {
	return math.Exp((1-part)*math.Log(from) + part*math.Log(to))
}
