package markup

import (
	"regexp"
	"strconv"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Reference names an item as people write it: C-7, or Basel C-7 from elsewhere.
type Reference struct {
	City   string // the word before it, which may be a community's name; often empty
	Series string // T, M, D, A, E, C or R
	Number int
}

// Kinds of items by the letter of their series.
var Kinds = map[string]string{"T": "discussion", "M": "meeting", "D": "decision", "A": "action", "E": "entry", "C": "criterion", "R": "round"}

// Names are the people and items that a text names, each once, in order.
type Names struct {
	Mentions   []string
	References []Reference
}

const maxNames = 50 // one text calls at most so many people, and as many items

var named = regexp.MustCompile(`(?:(\p{Lu}[\p{L}-]{1,39}) )?\b([TMDAECR])-([1-9][0-9]{0,6})\b|@([a-z0-9]+(?:-[a-z0-9]+)*)`)

// Find reads the names out of a text; what stands in code or in a link does not count.
func Find(source string) Names {
	src := []byte(shallow(source))
	doc := markdown.Parser().Parse(text.NewReader(src))
	var names Names
	people, items := map[string]bool{}, map[Reference]bool{}
	for _, t := range texts(doc) {
		for _, m := range matches(t.Segment.Value(src)) {
			switch {
			case m.handle != "" && !people[m.handle] && len(people) < maxNames:
				people[m.handle] = true
				names.Mentions = append(names.Mentions, m.handle)
			case m.handle == "" && !items[m.reference] && len(items) < maxNames:
				items[m.reference] = true
				names.References = append(names.References, m.reference)
			}
		}
	}
	return names
}

type match struct {
	from, to  int
	bare      int // where the reference itself begins, without the city's name
	handle    string
	reference Reference
}

func matches(b []byte) []match {
	var found []match
	for _, at := range named.FindAllSubmatchIndex(b, -1) {
		part := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return string(b[at[2*n]:at[2*n+1]])
		}
		m := match{from: at[0], to: at[1], handle: part(4)}
		if m.handle != "" {
			if at[0] > 0 && isWord(b[at[0]-1]) {
				continue // an address like name@example.org
			}
		} else {
			number, err := strconv.Atoi(part(3))
			if err != nil {
				continue
			}
			m.bare = at[4]
			m.reference = Reference{City: part(1), Series: part(2), Number: number}
		}
		found = append(found, m)
	}
	return found
}

func isWord(c byte) bool {
	return c == '.' || c == '-' || c == '_' || c == '/' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// texts are the text nodes that may hold names, collected first because linking changes the tree.
func texts(doc ast.Node) []*ast.Text {
	var found []*ast.Text
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.AutoLink, *ast.CodeSpan, *ast.FencedCodeBlock, *ast.CodeBlock, *ast.Image:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			joinNext(n)
			found = append(found, n)
		}
		return ast.WalkContinue, nil
	})
	return found
}

// joinNext makes one of a text and those that follow it without a gap: the parser cuts where an address might have begun, between "Basel" and "C-7" too.
func joinNext(n *ast.Text) {
	for {
		next, ok := n.NextSibling().(*ast.Text)
		if !ok || n.SoftLineBreak() || n.HardLineBreak() || n.IsRaw() || next.IsRaw() || next.Segment.Start != n.Segment.Stop || next.Segment.Padding > 0 {
			return
		}
		n.Segment = n.Segment.WithStop(next.Segment.Stop)
		n.SetSoftLineBreak(next.SoftLineBreak())
		n.SetHardLineBreak(next.HardLineBreak())
		next.Parent().RemoveChild(next.Parent(), next)
	}
}
