package markup

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Plain is the text of rendered HTML without its marks, white space folded.
func Plain(rendered string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(rendered))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			b.Write(z.Text())
		default:
			name, _ := z.TagName()
			if !inline[string(name)] {
				b.WriteByte(' ')
			}
		}
	}
}

var inline = map[string]bool{"em": true, "strong": true, "a": true, "code": true, "del": true}

// Excerpt is the beginning of a plain text, cut between words to at most n characters.
func Excerpt(plain string, n int) string {
	if utf8.RuneCountInString(plain) <= n {
		return plain
	}
	cut := string([]rune(plain)[:n])
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:.–") + "…"
}

// Quote is a text as the quotation at the head of an answer.
func Quote(body string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(body), "\n", "\n> ") + "\n\n"
}
