package markup

import (
	"sort"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// shape fits a parsed text into a page: names become links, pictures become links, headings step down in order.
func shape(doc ast.Node, src []byte, to Targets) {
	var headings []*ast.Heading
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n := n.(type) {
			case *ast.Heading:
				headings = append(headings, n)
			case *ast.Image:
				pictures = append(pictures, n)
			}
		}
		return ast.WalkContinue, nil
	})
	stepDown(headings)
	for _, p := range pictures {
		linkPicture(p)
	}
	for _, t := range texts(doc) {
		linkNames(t, src, to)
	}
}

const firstHeading = 3 // the page has h1, its sections h2

// stepDown maps the levels used onto h3 to h5 without leaving one out on the way down.
func stepDown(headings []*ast.Heading) {
	used := map[int]int{}
	for _, h := range headings {
		used[h.Level] = 0
	}
	levels := make([]int, 0, len(used))
	for l := range used {
		levels = append(levels, l)
	}
	sort.Ints(levels)
	for rank, l := range levels {
		used[l] = min(firstHeading+rank, 5)
	}
	before := firstHeading - 1
	for _, h := range headings {
		h.Level = min(used[h.Level], before+1)
		before = h.Level
	}
}

func linkPicture(p *ast.Image) {
	parent := p.Parent()
	if insideLink(parent) {
		for child := p.FirstChild(); child != nil; child = p.FirstChild() {
			parent.InsertBefore(parent, p, child)
		}
		parent.RemoveChild(parent, p)
		return
	}
	link := ast.NewLink()
	link.Destination = p.Destination
	for child := p.FirstChild(); child != nil; child = p.FirstChild() {
		link.AppendChild(link, child)
	}
	if !link.HasChildren() {
		link.AppendChild(link, ast.NewString(p.Destination))
	}
	parent.ReplaceChild(parent, p, link)
}

func insideLink(n ast.Node) bool {
	for ; n != nil; n = n.Parent() {
		if n.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}

// linkNames splits a text node around the names that lead somewhere.
func linkNames(t *ast.Text, src []byte, to Targets) {
	words := t.Segment.Value(src)
	parent, start := t.Parent(), 0
	for _, m := range matches(words) {
		target, class, from := Target{}, "reference", m.from
		if m.handle != "" {
			target, class = to.Mentions[m.handle], "mention"
		} else if target = to.References[m.reference]; target.Href == "" && m.reference.City != "" {
			here := m.reference
			here.City = ""
			target, from = to.References[here], m.bare
		}
		if target.Href == "" {
			continue
		}
		link := ast.NewLink()
		link.Destination = []byte(target.Href)
		link.SetAttributeString("class", []byte(class))
		link.AppendChild(link, ast.NewString(nameShown(target, words[from:m.to])))
		if from > start {
			parent.InsertBefore(parent, t, ast.NewTextSegment(text.NewSegment(t.Segment.Start+start, t.Segment.Start+from)))
		}
		parent.InsertBefore(parent, t, link)
		start = m.to
	}
	t.Segment = text.NewSegment(t.Segment.Start+start, t.Segment.Stop)
}

func nameShown(target Target, typed []byte) []byte {
	if target.Text != "" {
		return []byte(target.Text)
	}
	return typed
}
