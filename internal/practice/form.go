package practice

import (
	"slices"
	"strings"

	"urbanfluxes.eu/koinon/internal/locale"
)

// Form is one of the six kinds of entry. The message "repertoire.form.<form>" says each.
type Form string

// The forms of an entry.
const (
	Case       Form = "case"
	Method     Form = "method"
	Tool       Form = "tool"
	Story      Form = "story"
	Experience Form = "experience"
	Problem    Form = "problem"
)

// Forms in the order in which people choose among them.
var Forms = []Form{Case, Method, Tool, Story, Experience, Problem}

// Known reports whether there is such a form.
func (f Form) Known() bool { return slices.Contains(Forms, f) }

// Part is one of the texts that an entry consists of. The message "repertoire.part.<part>" says each, and "repertoire.part.<part>-ask" asks for it.
type Part string

// Parts that an entry of any form may have: what differs from the one that it was adapted from, and whatever else there is to say.
const (
	Differs Part = "differs"
	More    Part = "more"
)

// Told is all that an experience consists of.
const Told Part = "told"

var parts = map[Form][]Part{
	Case:       {"situation", "done", "outcome", "differently"},
	Method:     {"use", "steps", "effort", "limits"},
	Tool:       {"purpose", "inputs", "licence"},
	Story:      {"immediate", "potential", "applied", "realised", "reframing"}, // the five cycles of value creation (Wenger, Trayner, de Laat 2011)
	Experience: {Told},
	Problem:    {"shows", "causes", "ways"},
}

// Parts of an entry of this form, in the order in which they are read.
func (f Form) Parts() []Part { return append(slices.Clone(parts[f]), Differs, More) }

// First is the part that words said elsewhere go to.
func (f Form) First() Part { return f.Parts()[0] }

// Fields are the texts of an entry, Markdown by part.
type Fields map[Part]string

// Missing are the parts that an entry of this form could still have, in their order.
func (f Fields) Missing(form Form) []Part {
	var missing []Part
	for _, p := range parts[form] {
		if f[p] == "" {
			missing = append(missing, p)
		}
	}
	return missing
}

// Recast are the fields of an entry that becomes one of another form: what both forms have stays where it is, and nothing else that was written gets lost.
func (f Fields) Recast(from, to Form) Fields {
	recast := Fields{}
	if from == to {
		for p, text := range f {
			recast[p] = text
		}
		return recast
	}
	kept := to.Parts()
	for _, p := range from.Parts() {
		text, goesTo := f[p], p
		if text == "" {
			continue
		}
		if !slices.Contains(kept, p) {
			goesTo = to.First()
		}
		recast[goesTo] = strings.TrimSpace(recast[goesTo] + "\n\n" + text)
	}
	return recast
}

// Compose is the text of an entry as one: each part below its name in the language of the entry. What is told freely needs no name above it.
func Compose(form Form, lang locale.Lang, f Fields) string {
	var b strings.Builder
	for _, p := range form.Parts() {
		if f[p] == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		if p != Told {
			b.WriteString("## " + locale.In(lang, "repertoire.part."+string(p)) + "\n\n")
		}
		b.WriteString(f[p])
	}
	return b.String()
}

// plain is what is searched: the texts without the names of the parts, which every entry of a form has.
func (f Fields) plain(form Form) string {
	var all []string
	for _, p := range form.Parts() {
		if f[p] != "" {
			all = append(all, f[p])
		}
	}
	return strings.Join(all, "\n\n")
}
