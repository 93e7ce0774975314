package community

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Letters writes to the people concerned, within the causing transaction.
type Letters interface {
	Write(ctx context.Context, tx pgx.Tx, l account.Letter) error
}

// Store keeps communities and who belongs to them.
type Store struct {
	db      postgres.DB
	letters Letters
	now     func() time.Time
}

// NewStore keeps communities in db.
func NewStore(db postgres.DB, letters Letters, now func() time.Time) Store {
	return Store{db: db, letters: letters, now: now}
}

// Card is a community in a list, in the reader's language where it has words in it.
type Card struct {
	ID         ID
	Slug       string
	Kind       string
	Name       string
	Summary    string
	TextLang   locale.Lang
	Latitude   *float64
	Longitude  *float64
	Members    int
	Visibility string
	Admission  string
	Mine       bool
	Asked      bool // the reader waits to be let in
	Waiting    int  // requests to join, for who decides them
}

// inLang joins the text x of community c in @lang, or in the community's own language.
const inLang = `join community_text x on x.community_id = c.id and x.lang =
	coalesce((select t.lang from community_text t where t.community_id = c.id and t.lang = @lang), c.lang)`

// List is every community that exists for the reader, the umbrella last.
func (s Store) List(ctx context.Context, reach Reach, lang locale.Lang) ([]Card, error) {
	cards, err := postgres.All[Card](ctx, s.db, `select c.id, c.slug, c.kind, x.name, x.summary, x.lang as text_lang, c.latitude, c.longitude, c.members, c.visibility, c.admission,
			c.id = any(@mine) as mine,
			exists (select from membership m where m.community_id = c.id and m.account_id = @me and m.state = 'waiting') as asked,
			case when c.id = any(@coordinated) or @everywhere then (select count(*)::int from membership m where m.community_id = c.id and m.state = 'waiting') else 0 end as waiting
		from community c `+inLang+`
		where c.visibility = 'public' or c.id = any(@mine) or @everywhere
		order by c.kind = 'umbrella', x.name`, reach.Args(pgx.NamedArgs{"lang": lang}))
	if err != nil {
		return nil, fmt.Errorf("communities: %w", err)
	}
	return cards, nil
}

// Programme is what the installation says of itself.
type Programme struct {
	Name          string
	Tagline       string
	PurposeHTML   string
	TextLang      locale.Lang
	Demonstration bool
}

// Programme in the reader's language, or in its own.
func (s Store) Programme(ctx context.Context, lang locale.Lang) (Programme, error) {
	return postgres.One[Programme](ctx, s.db, `select p.name, coalesce(x.tagline, '') as tagline, coalesce(x.purpose_html, '') as purpose_html, coalesce(x.lang, p.lang) as text_lang, p.demonstration
		from programme p left join programme_text x on x.lang = coalesce((select t.lang from programme_text t where t.lang = $1), p.lang)`, lang)
}
