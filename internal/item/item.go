// Package item is the spine: everything that a community makes is an item, with a number, an audience, a text, links, tags and revisions.
package item

import (
	"time"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// ID of an item.
type ID int64

// Kind of an item, as the schema names it.
type Kind string

// Audience says who may read an item.
type Audience int16

// The audiences, from the widest to the narrowest. A draft is for its author and the coordinators.
const (
	Public    Audience = 0
	Programme Audience = 1
	Community Audience = 2
	Draft     Audience = 3
)

var audiences = []string{"public", "programme", "community", "draft"}

// Word of an audience, as addresses, forms and the messages "audience.<word>" have it.
func (a Audience) Word() string { return audiences[a] }

// AudienceOf a word; the second is false when there is no such audience.
func AudienceOf(word string) (Audience, bool) {
	for n, w := range audiences {
		if w == word {
			return Audience(n), true
		}
	}
	return Draft, false
}

// Limits of what an item holds, in characters; tags per item.
const (
	MaxTitle = 200
	MaxBody  = 100_000
	MaxTag   = 60
	MaxTags  = 8
)

// Store keeps items. Its methods that take a transaction are for the content rooms, which make their own rows in the same one.
type Store struct {
	db  postgres.DB
	now func() time.Time
}

// NewStore keeps items in db.
func NewStore(db postgres.DB, now func() time.Time) Store { return Store{db: db, now: now} }

// Voice is who speaks: the person, and the place from which the person speaks in this community.
type Voice struct {
	Account      account.ID
	Name         string
	Number       int // of the membership here; 0 without one
	Perspective  community.Perspective
	Organisation string // empty unless the reader may see it
	Coordinates  bool
	Discreet     bool   // the name is for the coordinators and the speaker alone, and left out for everybody else
	Picture      string // hash; empty without one, or unless the reader may see the profile
}

// VoiceColumns selects a Voice for item i, joined by VoiceJoins; it needs Reach.Args.
const VoiceColumns = `coalesce(a.id, 0), coalesce(a.name, ''), case when m.state = 'member' then m.number else 0 end, coalesce(m.perspective, ''),
	case when a.organisation_for = 0 or (a.organisation_for = 1 and @signed) or (a.organisation_for = 2 and i.community_id = any(@mine)) or a.id = @me
		then a.organisation else '' end, coalesce(m.role = 'coordinator' and m.state = 'member', false),
	case when a.profile_for = 0 or (a.profile_for = 1 and @signed) or (a.profile_for = 2 and i.community_id = any(@mine)) or a.id = @me or @everywhere then a.picture else '' end, apart.item_id is not null`

// VoiceJoins bring the author of item i and the author's membership here, as a, m and apart. Who asked discreetly is the asker's and the coordinators' to know.
const VoiceJoins = `left join discreet_author apart on apart.item_id = i.id
	left join account a on a.id = coalesce(i.author_id, case when apart.account_id = @me or i.community_id = any(@coordinated) then apart.account_id end)
	left join membership m on m.community_id = i.community_id and m.account_id = a.id`

// Scan targets of VoiceColumns.
func (v *Voice) Scan() []any {
	return []any{&v.Account, &v.Name, &v.Number, &v.Perspective, orEmpty{&v.Organisation}, &v.Coordinates, orEmpty{&v.Picture}, &v.Discreet}
}

// Check judges what every item with a text has in common.
func Check(in *fault.Invalid, body string, lang locale.Lang) {
	in.Check(body != "", "body", "required")
	in.Check(utf8.RuneCountInString(body) <= MaxBody, "body", "too-long", "max", MaxBody)
	in.Check(locale.Known(string(lang)), "lang", "choose")
}

// CheckTitle judges a title.
func CheckTitle(in *fault.Invalid, title string) {
	in.Check(title != "", "title", "required")
	in.Check(utf8.RuneCountInString(title) <= MaxTitle, "title", "too-long", "max", MaxTitle)
}

type orEmpty struct{ to *string }

// Scan keeps an empty text where the database has none.
func (o orEmpty) Scan(value any) error {
	*o.to = ""
	if s, ok := value.(string); ok {
		*o.to = s
	}
	return nil
}
