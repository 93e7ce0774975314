package practice

import (
	"strings"
	"unicode/utf8"
)

// leastRepeated is how many characters make a quotation: fewer may stand anywhere by chance.
const leastRepeated = 20

// repeated is how many of the passages an entry repeats word for word, as a whole or by a sentence.
func (t Text) repeated(passages []string) int {
	texts := []string{bare(t.Title), bare(t.Summary)}
	for _, text := range t.Fields {
		texts = append(texts, bare(text))
	}
	n := 0
	for _, p := range passages {
		if repeats(texts, p) {
			n++
		}
	}
	return n
}

// repeats reports whether one of the bare texts holds the words, or a sentence of them.
func repeats(texts []string, words string) bool {
	for _, said := range append(sentences(words), words) {
		said = strings.TrimRight(bare(said), " .!?;…·")
		if utf8.RuneCountInString(said) < leastRepeated {
			continue
		}
		for _, text := range texts {
			if strings.Contains(text, said) {
				return true
			}
		}
	}
	return false
}

func sentences(words string) []string {
	return strings.FieldsFunc(words, func(r rune) bool { return strings.ContainsRune(".!?;…·\n", r) })
}

// bare is a text without the marks of Markdown, on one line, in small letters: what two texts share when they say the same words.
func bare(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(marks.Replace(text)), " "))
}

var marks = strings.NewReplacer("*", "", "_", "", "`", "", "~", "", ">", " ", "#", " ", `\`, "", "’", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`)
