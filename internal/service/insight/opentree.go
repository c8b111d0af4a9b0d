package insight

import "tepat/internal/domain/area"

// openNode is one area in a tree of public numbers: a village, or an area whose number is the sum of those below.
//
// What is published is a system of equations: every shown sum less what is shown below it gives the sum of what is hidden
// below it. These sums share no hidden number, so that each can be looked at by itself: one is safe when it holds at least
// two hidden numbers, and is large enough that none of them is known to within four.
type openNode struct {
	code   area.Code
	n, of  int64
	known  bool
	hidden bool
	below  []*openNode
}

func (o *openNode) each(f func(*openNode)) {
	f(o)
	for _, b := range o.below {
		b.each(f)
	}
}

// fill takes one column's numbers, and hides those that are small by themselves.
func (o *openNode) fill(got figures, c openCount) {
	own := got.at(o.code)
	o.n, o.of, o.known = c.n(own), c.of(own), own != nil
	o.hidden = o.known && Value{N: o.n, Of: o.of}.small()
	for _, b := range o.below {
		b.fill(got, c)
	}
}

func (o *openNode) shown() Value {
	switch {
	case !o.known:
		return Value{None: true}
	case o.hidden:
		return hidden()
	}
	return Value{N: o.n}
}

// protect hides further numbers until no hidden one follows from those that are shown.
func (o *openNode) protect() {
	for o.protectOnce() {
	}
}

// protectOnce mends the first place that tells too much, and reports whether there was one.
func (o *openNode) protectOnce() bool {
	for _, b := range o.below {
		if b.protectOnce() {
			return true
		}
	}
	switch {
	case len(o.below) == 0 || o.safe():
		return false
	case o.hideBelow():
		return true
	case o.hidden:
		return false
	}
	o.hidden = true
	return true
}

// free gives the hidden villages whose sum the nearest shown area above tells: those not below another shown sum.
func (o *openNode) free() (out []*openNode) {
	for _, b := range o.below {
		switch {
		case !b.hidden || !b.known:
		case len(b.below) == 0:
			out = append(out, b)
		default:
			out = append(out, b.free()...)
		}
	}
	return out
}

// safe reports whether the numbers below an area tell no hidden one.
func (o *openNode) safe() bool {
	free := o.free()
	if o.hidden {
		return o.n == 0 || len(free) > 0
	}
	if len(free) == 0 {
		return true
	}
	var sum int64
	for _, f := range free {
		sum += f.n
	}
	if len(free) < 2 || sum-int64(len(free)) < smallest-1 {
		return false
	}
	for _, b := range o.below { // a hidden sum must not be all that is hidden here
		if b.hidden && len(b.below) > 0 && len(b.free()) == len(free) {
			return false
		}
	}
	return true
}

// hideBelow hides the smallest number right below that is shown and not nothing, and reports whether there was one.
func (o *openNode) hideBelow() bool {
	var least *openNode
	for _, b := range o.below {
		if !b.hidden && b.known && b.n > 0 && (least == nil || b.n < least.n) {
			least = b
		}
	}
	if least != nil {
		least.hidden = true
	}
	return least != nil
}
