// Package markup turns what people write (Markdown) into safe HTML, and finds the people and items that it names.
package markup

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Version of the rendering, stored beside the HTML so that old texts can be found and rendered anew.
const Version = 1

// Target is what a mention or a reference leads to.
type Target struct{ Href, Text string }

// Targets say what the names in a text lead to; a name that is not among them stays plain text.
type Targets struct {
	Mentions   map[string]Target    // by handle
	References map[Reference]Target // as written
}

// Render makes safe HTML of Markdown. Raw HTML is shown as typed; pictures become links; headings start below the page's own.
func Render(source string, to Targets) string {
	src := []byte(shallow(source))
	doc := markdown.Parser().Parse(text.NewReader(src))
	shape(doc, src, to)
	var out bytes.Buffer
	if err := markdown.Renderer().Render(&out, src, doc); err != nil {
		return "<p>" + html.EscapeString(source) + "</p>" // a buffer does not fail; if it did, the words stay
	}
	return strings.TrimSpace(policy.Sanitize(out.String()))
}

// deep is the beginning of a line that would open more quotations or lists inside one another than a page can show.
var deep = regexp.MustCompile(`(?m)^((?:[ \t]*(?:>|[-+*][ \t]|[0-9]{1,9}[.)][ \t])){16})([ \t]*)`)

// shallow lets what follows sixteen nested marks at the beginning of a line stand as typed.
func shallow(source string) string { return deep.ReplaceAllString(source, "$1 \u200b") }

var markdown = goldmark.New(
	goldmark.WithParser(boundedParser()),
	goldmark.WithExtensions(
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
		extension.Strikethrough,
		extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:", "mailto:"})),
	),
	goldmark.WithParserOptions(parser.WithASTTransformers()),
	goldmark.WithRendererOptions(ghtml.WithHardWraps(), renderer.WithNodeRenderers(util.Prioritized(asTyped{}, 1))),
)

var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "h3", "h4", "h5", "ul", "li", "blockquote", "pre", "code", "em", "strong", "del", "hr",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(mention|reference)$`)).OnElements("a")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnFullyQualifiedLinks(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}()

// asTyped shows raw HTML as the characters that were typed: nothing runs and nothing vanishes.
type asTyped struct{}

func (asTyped) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindRawHTML, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			raw := node.(*ast.RawHTML)
			for i := range raw.Segments.Len() {
				segment := raw.Segments.At(i)
				_, _ = w.WriteString(html.EscapeString(string(segment.Value(source))))
			}
		}
		return ast.WalkSkipChildren, nil
	})
	r.Register(ast.KindHTMLBlock, func(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			block := node.(*ast.HTMLBlock)
			_, _ = w.WriteString("<p>")
			for i := range block.Lines().Len() {
				line := block.Lines().At(i)
				_, _ = w.WriteString(html.EscapeString(string(line.Value(source))))
			}
			if block.HasClosure() {
				_, _ = w.WriteString(html.EscapeString(string(block.ClosureLine.Value(source))))
			}
			_, _ = w.WriteString("</p>\n")
		}
		return ast.WalkSkipChildren, nil
	})
}
