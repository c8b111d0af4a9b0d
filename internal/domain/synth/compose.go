package synth

import "tepat/internal/domain/person"

// casting draws who lives in a family: relations, sexes, ages and marital statuses, but no names.
// The shares are rough guesses (unverified).
type casting struct {
	r       *random
	members []human
}

func (c *casting) add(relation person.Relation, sex person.Sex, age int, marital person.MaritalStatus) *human {
	c.members = append(c.members, human{relation: relation, sex: sex, age: min(max(age, 0), oldest), marital: marital})
	return &c.members[len(c.members)-1]
}

// oldest is the greatest age in years: above it a slip in the year of a NIK points to nobody.
const oldest = 91

// cast fills a family of the size, appending to the members.
func (c *casting) cast(size int) {
	switch {
	case size == 1:
		c.alone()
	case size == 2:
		c.pair()
	default:
		c.several(size)
	}
}

// alone is an old person (mostly a widow), or a younger one who lives by herself.
func (c *casting) alone() {
	r := c.r
	if r.permille(600) {
		sex := c.sex(720)
		c.add(person.Head, sex, r.between(60, 75)+r.below(16), pick(r, person.Widowed, 800, person.Divorced, 120, person.NeverMarried))
		return
	}
	c.add(person.Head, c.sex(450), r.between(20, 59), pick(r, person.NeverMarried, 550, person.Divorced, 270, person.Widowed))
}

// pair is a couple, a parent with a child, or two relatives.
func (c *casting) pair() {
	r := c.r
	switch kind := r.below(100); {
	case kind < 50:
		age := 22 + r.below(30) + r.below(32)
		c.couple(age)
	case kind < 82:
		c.single(1)
	case kind < 91:
		c.add(person.Head, c.sex(750), r.between(58, 80), person.Widowed)
		c.add(person.Grandchild, c.sex(500), r.between(4, 22), person.NeverMarried)
	default:
		age := r.between(24, 50)
		c.add(person.Head, c.sex(450), age, pick(r, person.NeverMarried, 600, person.Divorced, 300, person.Widowed))
		c.add(person.Parent, c.sex(750), age+r.between(20, 34), person.Widowed)
	}
}

// several is a couple or a lone parent with children, with others where the family is extended.
func (c *casting) several(size int) {
	switch kind := c.r.below(100); {
	case kind < 13:
		c.single(size - 1)
	case kind < 25:
		c.extended(size)
	default:
		c.married(size - 2)
	}
}

func (c *casting) sex(womenPermille int) person.Sex {
	if c.r.permille(womenPermille) {
		return person.Female
	}
	return person.Male
}

// couple adds husband and wife; age is hers.
func (c *casting) couple(age int) {
	c.add(person.Head, person.Male, min(age+c.r.between(-2, 9), oldest), person.Married)
	c.add(person.Wife, person.Female, age, person.Married)
}

// married adds a couple with children.
func (c *casting) married(children int) {
	age := c.motherAge(children)
	c.couple(age)
	c.children(age, children)
}

// single adds a lone parent, mostly a mother, with children.
func (c *casting) single(children int) {
	age := c.motherAge(children) + 2
	marital := pick(c.r, person.Widowed, 520, person.Divorced, 440, person.NeverMarried)
	if c.r.permille(820) {
		c.add(person.Head, person.Female, age, marital)
	} else {
		c.add(person.Head, person.Male, age+c.r.below(8), pick(c.r, person.Widowed, 600, person.Divorced, 400, person.Widowed))
	}
	c.children(age, children)
}

// motherAge draws the age of a mother of so many children.
func (c *casting) motherAge(children int) int {
	return 19 + 2*children + c.r.below(20) + c.r.below(17)
}

// children adds children of a mother of the age, the oldest first: none older than her age less
// seventeen years, none born after she was forty-five, and twins now and then.
func (c *casting) children(mother, count int) {
	r := c.r
	ages := make([]int, 0, largestFamily)
	youngest := max(0, mother-45)
	room := mother - 18 - 3*(count-1) - youngest
	age := youngest + r.below(min(max(room, 1), 22))
	for range count {
		ages = append(ages, min(age, mother-17))
		age += r.between(1, 5)
	}
	for i := count - 1; i >= 0; i-- {
		child := c.add(person.Child, c.sex(487), ages[i], person.NeverMarried)
		child.order = count - 1 - i
		if child.order > 0 && r.permille(12) {
			elder := &c.members[len(c.members)-2]
			child.age, child.second = elder.age, true
			if r.permille(600) {
				child.sex = elder.sex
			}
		}
	}
}

// extended adds a couple with children and a parent, an in-law, or the family of a child.
func (c *casting) extended(size int) {
	r := c.r
	switch kind := r.below(100); {
	case size >= 5 && kind < 35:
		c.threeGenerations(size)
	case kind < 75:
		others := size - 3
		c.married(others)
		head := c.members[len(c.members)-others-2].age
		relation := [2]person.Relation{person.Parent, person.ParentInLaw}[r.below(2)]
		c.add(relation, c.sex(720), head+r.between(20, 32), person.Widowed)
	default:
		c.married(size - 3)
		c.add(person.OtherKin, c.sex(500), r.between(8, 45), person.NeverMarried)
	}
}

// threeGenerations adds a couple, a grown child with husband or wife, and grandchildren.
func (c *casting) threeGenerations(size int) {
	r := c.r
	mother := r.between(44, 62)
	c.couple(mother)
	sex := c.sex(500)
	age := mother - r.between(20, 24)
	c.add(person.Child, sex, age, person.Married)
	inLaw := person.Male
	if sex == person.Male {
		inLaw = person.Female
	}
	c.add(person.ChildInLaw, inLaw, age+r.between(-3, 4), person.Married)
	for i := range size - 4 {
		child := c.add(person.Grandchild, c.sex(487), r.below(min(age-18, 12)), person.NeverMarried)
		child.order = i
	}
}

// pick draws the first value in a per mille of the cases, the second in b, else the third.
func pick[T any](r *random, first T, a int, second T, b int, third T) T {
	switch n := r.below(1000); {
	case n < a:
		return first
	case n < a+b:
		return second
	}
	return third
}
