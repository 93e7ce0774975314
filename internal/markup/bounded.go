package markup

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mostMarks are tried in one paragraph.
const mostMarks = 1000

// bounded lets an inline parser try so many marks of one paragraph; those beyond stand as typed. To find which mark belongs to which takes
// time that grows with the square of their number, and a text full of them would keep the server for seconds.
type bounded struct {
	parser.InlineParser
	tried parser.ContextKey
}

// tried are the marks of a paragraph so far.
type tried struct {
	in ast.Node
	n  int
}

// Parse what begins at a mark; nil leaves it as typed.
func (b bounded) Parse(in ast.Node, block text.Reader, pc parser.Context) ast.Node {
	t, _ := pc.Get(b.tried).(*tried)
	if t == nil || t.in != in {
		t = &tried{in: in}
		pc.Set(b.tried, t)
	}
	if t.n++; t.n > mostMarks {
		return nil
	}
	return b.InlineParser.Parse(in, block, pc)
}

// CloseBlock lets the parser end what it has begun.
func (b bounded) CloseBlock(in ast.Node, block text.Reader, pc parser.Context) {
	if c, ok := b.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(in, block, pc)
	}
}

// boundedParser is goldmark's own, but for the bounds.
func boundedParser() parser.Parser {
	var inline []util.PrioritizedValue
	for _, p := range parser.DefaultInlineParsers() {
		if in, ok := p.Value.(parser.InlineParser); ok && (p.Priority == 200 || p.Priority == 500) { // links and emphasis
			p.Value = bounded{in, parser.NewContextKey()}
		}
		inline = append(inline, p)
	}
	return parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...), parser.WithInlineParsers(inline...), parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))
}
