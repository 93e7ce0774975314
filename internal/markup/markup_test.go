package markup_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/markup"
)

func TestTextsBecomeSafeHTML(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ in, want string }{
		"a paragraph with a line break":       {"one\ntwo", "<p>one<br>\ntwo</p>"},
		"emphasis":                            {"*a* **b** ~~c~~", "<p><em>a</em> <strong>b</strong> <del>c</del></p>"},
		"raw HTML is shown as typed":          {"a <b>x</b>", "<p>a &lt;b&gt;x&lt;/b&gt;</p>"},
		"a script block is shown as typed":    {"<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"},
		"a script link leads nowhere":         {"[x](javascript:alert(1))", "<p>x</p>"},
		"a picture becomes a link":            {"![map](https://example.org/m.png)", `<p><a href="https://example.org/m.png" rel="nofollow noreferrer">map</a></p>`},
		"a picture without words":             {"![](https://example.org/m.png)", `<p><a href="https://example.org/m.png" rel="nofollow noreferrer">https://example.org/m.png</a></p>`},
		"a picture in a link":                 {"[![map](/a.png)](/b)", `<p><a href="/b">map</a></p>`},
		"headings start below the page's own": {"# a\n\n### b\n\n# c", "<h3>a</h3>\n<h4>b</h4>\n<h3>c</h3>"},
		"the first heading is never too deep": {"### a\n\n# b", "<h3>a</h3>\n<h3>b</h3>"},
		"an address becomes a link":           {"see https://example.org/x?a=1&b=2", `<p>see <a href="https://example.org/x?a=1&amp;b=2" rel="nofollow noreferrer">https://example.org/x?a=1&amp;b=2</a></p>`},
		"a table":                             {"| a | b |\n|:-|-:|\n| 1 | 2 |", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, markup.Render(c.in, markup.Targets{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNamesAreFoundOutsideCodeAndLinks(t *testing.T) {
	t.Parallel()
	got := markup.Find("@eleni-m see C-7 and Basel M-3, again C-7; `@code C-1` [@in C-2](/x) mail a@b-c.org X-1 T-0\n\n    @block\n")
	want := markup.Names{
		Mentions:   []string{"eleni-m"},
		References: []markup.Reference{{Series: "C", Number: 7}, {City: "Basel", Series: "M", Number: 3}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNamesBecomeLinksWhereTheyLeadSomewhere(t *testing.T) {
	t.Parallel()
	got := markup.Render("Hello @eleni-m, @nobody: Basel C-7, Ask C-7 and C-8.", markup.Targets{
		Mentions: map[string]markup.Target{"eleni-m": {Href: "/c/basel/members/3", Text: "Eleni <M>"}},
		References: map[markup.Reference]markup.Target{
			{City: "Basel", Series: "C", Number: 7}: {Href: "/c/basel/criteria/7"},
			{Series: "C", Number: 7}:                {Href: "/c/heraklion/criteria/7"},
		},
	})
	want := `<p>Hello <a href="/c/basel/members/3" class="mention">Eleni &lt;M&gt;</a>, @nobody: <a href="/c/basel/criteria/7" class="reference">Basel C-7</a>, Ask <a href="/c/heraklion/criteria/7" class="reference">C-7</a> and C-8.</p>`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPlainTextKeepsWordsApart(t *testing.T) {
	t.Parallel()
	if got := markup.Plain("<p>a<em>b</em> &amp; c</p><ul><li>d</li><li>e</li></ul>"); got != "ab & c d e" {
		t.Errorf("got %q", got)
	}
	if got := markup.Excerpt("the cool air from the valley", 12); got != "the cool…" {
		t.Errorf("got %q", got)
	}
}

// However a text is made, it renders, and no deeper than a page can show.
func TestHostileTextsStayShallow(t *testing.T) {
	t.Parallel()
	const size = 30_000
	for _, unit := range []string{">", "> ", "[", "*a ", "![", "`", "<", "|", "- ", "_", "@a ", "C-1 ", "#", "~", "[a](", "&", "1. ", "\\", "**", "a@b.c ", "http://a ", "<!--", "<![CDATA["} {
		got := markup.Render(strings.Repeat(unit, size/len(unit)), markup.Targets{})
		if depth := strings.Count(got, "<blockquote>"); depth > 16 {
			t.Errorf("%q repeated: %d quotations inside one another", unit, depth)
		}
		if depth := strings.Count(got, "<li>"); depth > 64 {
			t.Errorf("%q repeated: %d list items inside one another", unit, depth)
		}
	}
}

// A text full of marks costs no more than its length: those beyond a thousand in one paragraph stand as typed.
func TestOfVeryManyMarksThoseBeyondAThousandStandAsTyped(t *testing.T) {
	t.Parallel()
	for unit, shown := range map[string]string{"*a* ": "<em>a</em>", "[a](/b) ": `<a href="/b">a</a>`} {
		few := markup.Render(strings.Repeat(unit, 300), markup.Targets{})
		if got := strings.Count(few, shown); got != 300 {
			t.Errorf("%q: %d of 300 are shown", unit, got)
		}
		many := markup.Render(strings.Repeat(unit, 5000), markup.Targets{})
		if got := strings.Count(many, shown); got < 300 || got > 1000 || !strings.HasSuffix(many, strings.TrimSpace(unit)+"</p>") {
			t.Errorf("%q: %d of 5000 are shown, the end is %q", unit, got, many[len(many)-20:])
		}
		apart := markup.Render(strings.Repeat(unit+"\n\n", 5000), markup.Targets{})
		if got := strings.Count(apart, shown); got != 5000 {
			t.Errorf("%q: %d of 5000 in paragraphs of their own are shown", unit, got)
		}
	}
}

func TestTheSameNamesAreFoundAsAreShown(t *testing.T) {
	t.Parallel()
	to := markup.Targets{Mentions: map[string]markup.Target{"ada": {Href: "/ada", Text: "@Ada"}}}
	for _, text := range []string{"@ada", strings.Repeat("> ", 20) + "    @ada", strings.Repeat("- ", 40) + "@ada", strings.Repeat("*a* ", 3000) + "@ada", "    @ada"} {
		shown, found := strings.Contains(markup.Render(text, to), `href="/ada"`), len(markup.Find(text).Mentions) == 1
		if shown != found {
			t.Errorf("%.40q: shown %t, found %t", text, shown, found)
		}
	}
}

func FuzzRenderedTextRunsNothing(f *testing.F) {
	f.Add("<script>alert(1)</script>")
	f.Add("[a](javascript:x) ![b](data:text/html,x) <a onclick=x>")
	f.Fuzz(func(t *testing.T, source string) {
		got := strings.ToLower(markup.Render(source, markup.Targets{}))
		for _, bad := range []string{"<script", "<img", "<iframe", "<style", "href=\"javascript", "href=\"data:"} {
			if strings.Contains(got, bad) {
				t.Errorf("%q renders %q", source, got)
			}
		}
	})
}

func TestAReferenceKeepsItsCityWhereverItStands(t *testing.T) {
	t.Parallel()
	want := []markup.Reference{{City: "London", Series: "E", Number: 24}}
	for _, text := range []string{"London E-24", "See London E-24", "London E-24 and more", "**London E-24**", "- London E-24\n", "one\nLondon E-24"} {
		if diff := cmp.Diff(want, markup.Find(text).References); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}
