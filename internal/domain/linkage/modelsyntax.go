package linkage

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"tepat/internal/kit/fail"
)

var (
	unknownField = regexp.MustCompile(`^line (\d+): field (\S+) not found`)
	otherKind    = regexp.MustCompile(`^line (\d+): cannot unmarshal .* into linkage\.modelFile$`)
)

// syntax says in words what the reader of YAML found wrong: a file that is empty or no model at all, a field that does
// not exist, by its line and name, or what else makes it no YAML. Errors: linkage.model_empty, linkage.model_other,
// linkage.model_field (facts line, field), linkage.model_syntax (fact detail).
func syntax(err error) error {
	if errors.Is(err, io.EOF) {
		return fail.Invalid("linkage.model_empty")
	}
	said := detail(err)
	if m := unknownField.FindStringSubmatch(said); m != nil {
		line, _ := strconv.Atoi(m[1])
		return fail.Invalid("linkage.model_field", "line", line, "field", m[2])
	}
	if otherKind.MatchString(strings.ReplaceAll(said, "\n", " ")) {
		return fail.Invalid("linkage.model_other")
	}
	return fail.Invalid("linkage.model_syntax", "detail", said).Because(err)
}
