package eligibility

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/letters"
)

// Limits of a rule's text. They keep the slowest rule to some microseconds: the language has no loops
// here (macros are off), so the work of a rule is bounded by its text.
const (
	MaxRuleLength = 2000 // bytes
	MaxRuleCost   = 250  // CEL cost units, the static worst case
	maxTextSize   = 64   // assumed longest text of a fact, for the estimate
)

// newEnv makes the rule language: the standard operators over flat typed variables. Comprehension macros
// are cleared, so that no rule loops.
func newEnv(facts []Fact) (*cel.Env, error) {
	options := []cel.EnvOption{cel.ClearMacros(), cel.CrossTypeNumericComparisons(true)}
	kinds := map[Type]*cel.Type{TypeBool: cel.BoolType, TypeInteger: cel.IntType, TypeNumber: cel.DoubleType, TypeText: cel.StringType}
	for _, f := range facts {
		options = append(options, cel.Variable(f.Name, kinds[f.Type]))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, fmt.Errorf("eligibility: rule language: %w", err)
	}
	return env, nil
}

// Rule is a compiled rule. It may be evaluated by many workers at a time.
type Rule struct {
	text       string
	level      Level
	reads      []string
	cost       uint64
	single     string // the fact the whole rule consists of, when it is just one
	vocabulary *Vocabulary
	program    cel.Program
	tracing    cel.Program // keeps the value of every part, for explanations
	tree       ast.Expr
}

// Compile reads a rule about a person or a family. Errors, all to be mended in its text:
// criterion.too_long (facts length, limit), criterion.syntax (facts line, column, problem),
// criterion.unknown_fact (facts fact, near: the most similar name), criterion.level (fact: a person's
// fact in a rule about a family), criterion.type (facts line, column, problem), criterion.not_boolean,
// criterion.cost (facts cost, limit).
func (v *Vocabulary) Compile(text string, level Level) (*Rule, error) {
	if len(text) > MaxRuleLength {
		return nil, fail.Invalid("criterion.too_long", "length", len(text), "limit", MaxRuleLength).On("when")
	}
	parsed, issues := v.env.Parse(text)
	if issues.Err() != nil {
		return nil, located("criterion.syntax", issues)
	}
	r := &Rule{text: text, level: level, vocabulary: v, tree: parsed.NativeRep().Expr()}
	if err := r.collect(); err != nil {
		return nil, err
	}
	checked, issues := v.env.Check(parsed)
	if issues.Err() != nil {
		return nil, located("criterion.type", issues)
	}
	if checked.OutputType() != cel.BoolType {
		return nil, fail.Invalid("criterion.not_boolean", "type", checked.OutputType().String()).On("when")
	}
	r.tree = checked.NativeRep().Expr()
	return r, r.plan(checked)
}

func located(code string, issues *cel.Issues) error {
	e := fail.Invalid(code, "line", 1, "column", 1, "problem", "").On("when").Because(issues.Err())
	if list := issues.Errors(); len(list) > 0 {
		e.Facts[0].Value, e.Facts[1].Value = list[0].Location.Line(), list[0].Location.Column()+1
		e.Facts[2].Value = list[0].Message
	}
	return e
}

// collect finds the facts the rule reads and refuses names that are no fact, or not one of this level.
func (r *Rule) collect() error {
	for _, name := range names(r.tree, nil) {
		f, ok := r.vocabulary.Fact(name)
		if !ok {
			return fail.Invalid("criterion.unknown_fact", "fact", name, "near", r.vocabulary.nearest(name)).On("when")
		}
		if r.level == LevelFamily && f.Level == LevelPerson {
			return fail.Invalid("criterion.level", "fact", name).On("when")
		}
		if !slices.Contains(r.reads, name) {
			r.reads = append(r.reads, name)
		}
	}
	slices.Sort(r.reads)
	if r.tree.Kind() == ast.IdentKind {
		r.single = r.tree.AsIdent()
	}
	return nil
}

// names appends the variables of an expression in the order they stand. A selection such as a.b reads a.
func names(e ast.Expr, list []string) []string {
	switch e.Kind() {
	case ast.IdentKind:
		return append(list, e.AsIdent())
	case ast.SelectKind:
		return names(e.AsSelect().Operand(), list)
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() {
			list = names(call.Target(), list)
		}
		for _, a := range call.Args() {
			list = names(a, list)
		}
	case ast.ListKind:
		for _, a := range e.AsList().Elements() {
			list = names(a, list)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			list = names(entry.AsMapEntry().Value(), names(entry.AsMapEntry().Key(), list))
		}
	}
	return list
}

// plan checks the cost and makes the programs.
func (r *Rule) plan(checked *cel.Ast) error {
	estimate, err := r.vocabulary.env.EstimateCost(checked, textSizes{})
	if err != nil {
		return fmt.Errorf("eligibility: cost of a rule: %w", err)
	}
	if r.cost = estimate.Max; r.cost > MaxRuleCost {
		return fail.Invalid("criterion.cost", "cost", r.cost, "limit", MaxRuleCost).On("when")
	}
	if r.program, err = r.vocabulary.env.Program(checked, cel.EvalOptions(cel.OptOptimize)); err != nil {
		return fail.Invalid("criterion.syntax", "line", 1, "column", 1, "problem", "").On("when").Because(err)
	}
	if r.tracing, err = r.vocabulary.env.Program(checked, cel.EvalOptions(cel.OptExhaustiveEval)); err != nil {
		return fmt.Errorf("eligibility: plan a rule: %w", err)
	}
	return nil
}

// textSizes bounds the texts of facts for the estimate.
type textSizes struct{}

// EstimateSize gives the size of a variable.
func (textSizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	if len(node.Path()) == 0 {
		return nil
	}
	return &cost.SizeEstimate{Min: 0, Max: maxTextSize}
}

// EstimateCallCost leaves calls to the standard model.
func (textSizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// Text gives the rule as it was written.
func (r *Rule) Text() string { return r.text }

// Reads lists the facts the rule reads, sorted.
func (r *Rule) Reads() []string { return slices.Clone(r.reads) }

// Cost gives the static worst-case cost in CEL units.
func (r *Rule) Cost() uint64 { return r.cost }

// Verdict is the outcome of a rule.
type Verdict uint8

// The verdicts. The zero Verdict is no verdict.
const (
	Undecided Verdict = iota + 1 // a fact it needs is unknown
	No
	Yes
)

// String gives the stable word of the verdict.
func (v Verdict) String() string { return [...]string{"", "undecided", "no", "yes"}[min(v, Yes)] }

// Decide evaluates the rule. Error: criterion.evaluate when it cannot be computed on these facts, such as
// a division by zero.
func (r *Rule) Decide(f Facts) (Verdict, error) {
	if r.single != "" {
		v := f.Value(r.single)
		if !v.Known() {
			return Undecided, nil
		}
		return verdictOf(v.cel())
	}
	out, _, err := r.program.Eval(activation{r.vocabulary, f})
	if err != nil {
		return 0, fail.Invalid("criterion.evaluate").Because(err)
	}
	return verdictOf(out)
}

func verdictOf(out ref.Val) (Verdict, error) {
	switch out := out.(type) {
	case types.Bool:
		if out {
			return Yes, nil
		}
		return No, nil
	case *types.Unknown:
		return Undecided, nil
	}
	return 0, fail.Invalid("criterion.evaluate")
}

// nearest gives the fact with the most similar name, by the fewest changed letters, for "did you mean".
func (v *Vocabulary) nearest(name string) string {
	best, at := "", 0
	for _, f := range v.facts {
		if d := letters.Slips(name, f.Name); best == "" || d < at {
			best, at = f.Name, d
		}
	}
	return best
}
