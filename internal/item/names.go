package item

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Names are the people and items that a text names and that lead somewhere.
type Names struct {
	People []Person
	Items  []Referred
}

// Person is a member of the community who is mentioned.
type Person struct {
	Account account.ID
	Handle  string
	Name    string
	Number  int
	Slug    string
}

// Referred is an item that a text refers to, as it was written.
type Referred struct {
	ID      ID
	Written markup.Reference
	Slug    string
	Kind    Kind
	Number  int
}

// Resolve looks up whom and what a text names: members of the community, and items that the writer may read.
// References without a city mean this community. A text that names nobody costs no query.
func (s Store) Resolve(ctx context.Context, seat community.Seat, body string) (Names, error) {
	found := markup.Find(body)
	var names Names
	var err error
	if len(found.Mentions) > 0 {
		if names.People, err = s.people(ctx, seat, found.Mentions); err != nil {
			return names, err
		}
	}
	if len(found.References) > 0 {
		if names.Items, err = s.referred(ctx, seat, found.References); err != nil {
			return names, err
		}
	}
	return names, nil
}

func (s Store) people(ctx context.Context, seat community.Seat, handles []string) ([]Person, error) {
	people, err := postgres.All[Person](ctx, s.db, `select a.id as account, a.handle, a.name, m.number, c.slug
		from membership m join account a on a.id = m.account_id join community c on c.id = m.community_id
		where m.community_id = $1 and m.state = 'member' and a.handle = any($2) order by a.id`, seat.Community, handles)
	if err != nil {
		return nil, fmt.Errorf("mentions: %w", err)
	}
	return people, nil
}

func (s Store) referred(ctx context.Context, seat community.Seat, references []markup.Reference) ([]Referred, error) {
	cities, kinds, numbers := make([]string, len(references)), make([]string, len(references)), make([]int, len(references))
	for i, r := range references {
		cities[i], kinds[i], numbers[i] = r.City, markup.Kinds[r.Series], r.Number
	}
	rows, err := s.db.Query(ctx, `select distinct on (want.n) want.n, i.id, c.slug, i.kind, i.number, (c.id <> @community or exists (
				select from community_text t where t.community_id = c.id and t.name = want.city))
		from unnest(@cities::text[], @kinds::text[], @numbers::int[]) with ordinality want(city, kind, number, n)
		join community c on c.id = @community or exists (select from community_text t where t.community_id = c.id and t.name = want.city)
		join item i on i.community_id = c.id and i.kind = want.kind and i.number = want.number and i.parent_id is null
		where i.removed_at is null and i.audience < 3 and `+community.Visible+` and `+community.Offered+`
		order by want.n, (c.id <> @community or want.city = '') desc, i.id`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "cities": cities, "kinds": kinds, "numbers": numbers}))
	if err != nil {
		return nil, fmt.Errorf("references: %w", err)
	}
	var items []Referred
	var n int
	var byCity bool
	var r Referred
	_, err = pgx.ForEachRow(rows, []any{&n, &r.ID, &r.Slug, &r.Kind, &r.Number, &byCity}, func() error {
		r.Written = references[n-1]
		if !byCity {
			r.Written.City = "" // the word before it names no community: "Ask C-7"
		}
		items = append(items, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("references: %w", err)
	}
	return items, nil
}

// Targets are the addresses behind the names.
func (n Names) Targets() markup.Targets {
	to := markup.Targets{Mentions: map[string]markup.Target{}, References: map[markup.Reference]markup.Target{}}
	for _, p := range n.People {
		to.Mentions[p.Handle] = markup.Target{Href: link.Member(p.Slug, p.Number), Text: "@" + p.Name}
	}
	for _, r := range n.Items {
		if href := link.Item(r.Slug, string(r.Kind), r.Number); href != "" {
			to.References[r.Written] = markup.Target{Href: href}
		}
	}
	return to
}

func (n Names) mentioned() []int64 {
	ids := []int64{}
	for _, p := range n.People {
		ids = append(ids, int64(p.Account))
	}
	return ids
}

func (n Names) linked() []int64 {
	ids, seen := []int64{}, map[ID]bool{}
	for _, r := range n.Items {
		if !seen[r.ID] {
			seen[r.ID] = true
			ids = append(ids, int64(r.ID))
		}
	}
	return ids
}
