package listing

import (
	"fmt"
	"strings"
	"unicode"
)

// FrontMatter is what stands before a Markdown text, as YAML: pairs of name and value, in their order.
type FrontMatter [][2]any

// String writes it. Texts are quoted whatever they hold, so that none is taken for anything else; empty ones are left out.
func (f FrontMatter) String() string {
	var b strings.Builder
	b.WriteString("---\n")
	for _, pair := range f {
		switch value := pair[1].(type) {
		case string:
			if value != "" {
				fmt.Fprintf(&b, "%s: %s\n", pair[0], yamlText(value))
			}
		case []string:
			if len(value) > 0 {
				fmt.Fprintf(&b, "%s:\n", pair[0])
			}
			for _, one := range value {
				fmt.Fprintf(&b, "  - %s\n", yamlText(one))
			}
		default: // numbers
			fmt.Fprintf(&b, "%s: %v\n", pair[0], value)
		}
	}
	b.WriteString("---\n")
	return b.String()
}

// yamlText is a double-quoted scalar of YAML 1.2: on one line, and nothing in it that YAML calls unprintable.
func yamlText(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r >= 0x7f && r <= 0xa0:
			fmt.Fprintf(&b, `\x%02x`, r)
		case !unicode.IsPrint(r) && r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Plainly is a text within Markdown, on one line, of which nothing is taken for markup.
func Plainly(text string) string {
	var b strings.Builder
	counting := true // only digits so far: "1." would begin a list
	for _, r := range oneLine(text) {
		if strings.ContainsRune("\\`*_{}[]<>#|~&$^!", r) || b.Len() == 0 && strings.ContainsRune("+-=:", r) || counting && strings.ContainsRune(".)", r) {
			b.WriteByte('\\')
		}
		counting = counting && unicode.IsDigit(r)
		b.WriteRune(r)
	}
	return b.String()
}
