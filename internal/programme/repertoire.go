package programme

import (
	"bytes"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
)

// topic that entries are about, in the order of the list.
type topic struct {
	at        place
	Key       string `json:"key" is:"some,slug,max=40"`
	En        string `json:"en,omitempty" is:"max=60"`
	De        string `json:"de,omitempty" is:"max=60"`
	Fr        string `json:"fr,omitempty" is:"max=60"`
	El        string `json:"el,omitempty" is:"max=60"`
	RetiredAt Moment `json:"retired_at,omitzero"`
}

// in is the place of the name in a language.
func (t *topic) in(lang string) *string {
	return map[string]*string{"en": &t.En, "de": &t.De, "fr": &t.Fr, "el": &t.El}[lang]
}

// repertoireEntry is one of the shared repertoire. Its text follows from its fields.
type repertoireEntry struct {
	thing
	Form             string       `json:"form" is:"of=case|method|tool|story|experience|problem"`
	Summary          string       `json:"summary,omitempty" is:"max=500"`
	Place            string       `json:"place,omitempty" is:"max=200"`
	Latitude         *float64     `json:"latitude,omitempty"`
	Longitude        *float64     `json:"longitude,omitempty"`
	Happened         string       `json:"happened,omitempty" is:"max=100"`
	URL              string       `json:"url,omitempty" is:"max=1000"`
	Quoting          string       `json:"quoting,omitempty" is:"of=named|unnamed|no"`
	SharedAt         Moment       `json:"shared_at,omitzero"`
	CheckedAt        Moment       `json:"checked_at,omitzero"`
	CheckedBy        string       `json:"checked_by,omitempty" is:"person"`
	EndorsedAt       Moment       `json:"endorsed_at,omitzero"`
	EndorsedBy       string       `json:"endorsed_by,omitempty" is:"person"`
	EndorsedIn       string       `json:"endorsed_in,omitempty" is:"item"`
	EndorsedRevision int          `json:"endorsed_revision,omitempty" is:"from=1"`
	Topics           []string     `json:"topics,omitempty"`
	Authors          []coAuthor   `json:"authors,omitempty"`
	Fields           fields       `json:"fields,omitempty"`
	Numbered         int          `json:"numbered,omitempty" is:"from=1"` // sources, where more were numbered than stand
	Sources          []grownFrom  `json:"sources,omitempty"`
	Reported         int          `json:"reported,omitempty" is:"from=1"` // uses, likewise
	Uses             []usedHere   `json:"uses,omitempty"`
	Translations     []translated `json:"translations,omitempty"`
}

// coAuthor wrote an entry together with its author.
type coAuthor struct {
	Person       string `json:"person,omitempty" is:"person"`
	Name         string `json:"name,omitempty" is:"max=120"`
	Organisation string `json:"organisation,omitempty" is:"max=160"`
}

// grownFrom are words said elsewhere out of which an entry grew.
type grownFrom struct {
	Number       int    `json:"n" is:"from=1"`
	Item         string `json:"item,omitempty" is:"item"`
	Point        int    `json:"point,omitempty" is:"from=1"`
	Part         string `json:"part,omitempty" is:"max=40"`
	Words        string `json:"words,omitempty" is:"max=2000"`
	Lang         string `json:"lang" is:"lang"`
	Speaker      string `json:"speaker,omitempty" is:"person"`
	SpeakerName  string `json:"speaker_name,omitempty" is:"max=120"`
	Perspective  string `json:"perspective,omitempty" is:"of=stakeholder|scientist"`
	Organisation string `json:"organisation,omitempty" is:"max=160"`
	SaidOn       Day    `json:"said_on,omitzero"`
	Release      string `json:"release,omitempty" is:"of=asked|given|refused"`
	AskedAt      Moment `json:"asked_at,omitzero"`
	AnsweredAt   Moment `json:"answered_at,omitzero"`
	By           string `json:"by,omitempty" is:"person"`
	At           Moment `json:"at"`
}

// usedHere is the report of somebody who used an entry.
type usedHere struct {
	Number        int    `json:"n" is:"from=1"`
	Person        string `json:"person" is:"some,person"`
	City          string `json:"city" is:"some,community"`
	Place         string `json:"place,omitempty" is:"max=200"`
	UsedOn        Day    `json:"used_on,omitzero"`
	Outcome       string `json:"outcome" is:"some,max=5000"`
	Again         string `json:"again" is:"of=yes|changed|no"`
	Lang          string `json:"lang" is:"lang"`
	Perspective   string `json:"perspective,omitempty" is:"of=stakeholder|scientist"`
	Organisation  string `json:"organisation,omitempty" is:"max=160"`
	Revision      int    `json:"revision,omitempty" is:"from=1"`
	At            Moment `json:"at"`
	EditedAt      Moment `json:"edited_at,omitzero"`
	RemovedAt     Moment `json:"removed_at,omitzero"`
	RemovedBy     string `json:"removed_by,omitempty" is:"person"`
	RemovedReason string `json:"removed_reason,omitempty" is:"max=500"`
}

// translated is an entry in another language.
type translated struct {
	Lang       string `json:"lang" is:"lang"`
	Title      string `json:"title" is:"some,max=200"`
	Summary    string `json:"summary,omitempty" is:"max=500"`
	Fields     fields `json:"fields,omitempty"`
	OfRevision int    `json:"of_revision" is:"from=1"`
	Revision   int    `json:"revision,omitempty" is:"from=1"`
	By         string `json:"by,omitempty" is:"person"`
	At         Moment `json:"at"`
}

// fields are the texts of an entry by part; they are written in the order in which they are read.
type fields practice.Fields

// MarshalJSON writes the parts in their order.
func (f fields) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, part := range practice.AllParts() {
		text, there := f[part]
		if !there {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		raw, err := encoded(text)
		if err != nil {
			return nil, err
		}
		b.WriteString(`"` + string(part) + `":`)
		b.Write(raw)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// written are the parts that have a text; nil when there are none.
func (f fields) written() fields {
	var kept fields
	for part, text := range f {
		if text == "" {
			continue
		}
		if kept == nil {
			kept = fields{}
		}
		kept[part] = text
	}
	return kept
}

// composed is the text that follows from fields.
func (e *repertoireEntry) composed(lang string, f fields) string {
	return practice.Compose(practice.Form(e.Form), locale.Lang(lang), practice.Fields(f))
}

// onlyTold reports whether an entry is one text without parts.
func (e *repertoireEntry) onlyTold() bool {
	return len(e.Fields) == 0 || e.Form == string(practice.Experience) && len(e.Fields) == 1 && e.Fields[practice.Told] != ""
}

// lean leaves out what goes without saying: the parts of an entry that is one text, and that it was shared when it was made.
func (e *repertoireEntry) lean(p *piece) repertoireEntry {
	lean := *e
	lean.thing = p.lean()
	if e.onlyTold() {
		lean.Fields = nil
	}
	if e.Audience != "draft" && e.SharedAt.Equal(e.CreatedAt.Time) {
		lean.SharedAt = Moment{}
	}
	return lean
}

// complete says what went without saying. The text is made of the parts; without parts it is the first of them.
func (e *repertoireEntry) complete(p *piece) {
	if e.Audience != "draft" && e.SharedAt.IsZero() {
		e.SharedAt = e.CreatedAt
	}
	if e.Fields = e.Fields.written(); e.Fields == nil && p.Body != "" && practice.Form(e.Form).Known() {
		e.Fields = fields{practice.Form(e.Form).First(): p.Body}
	}
	p.Body = e.composed(e.Lang, e.Fields)
	for n := range e.Translations {
		e.Translations[n].Fields = e.Translations[n].Fields.written()
	}
}

// highest are the numbers of the last source and of the last use that stand.
func (e *repertoireEntry) highest() (source, use int) {
	for _, s := range e.Sources {
		source = max(source, s.Number)
	}
	for _, u := range e.Uses {
		use = max(use, u.Number)
	}
	return source, use
}

// move the days on which words were said and an entry was used.
func (e *repertoireEntry) move(days func(*Day)) {
	for n := range e.Sources {
		days(&e.Sources[n].SaidOn)
	}
	for n := range e.Uses {
		days(&e.Uses[n].UsedOn)
	}
}
