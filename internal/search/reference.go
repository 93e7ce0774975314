package search

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/markup"
)

// Reference is an item called by its number, such as T-3; with its community's name before it where several have one.
type Reference struct {
	Kind   string
	Number int
}

var reference = regexp.MustCompile(`^([A-Za-z])-(\d{1,9})$`)

func readReference(word string) (Reference, bool) {
	m := reference.FindStringSubmatch(word)
	if m == nil {
		return Reference{}, false
	}
	n, _ := strconv.Atoi(m[2]) // digits
	r := Reference{Kind: markup.Kinds[strings.ToUpper(m[1])], Number: n}
	return r, r.Kind != "" && n > 0
}

// numbered are the items that a reference may mean: in the community that stands beside it, or in each that the reader knows.
func (s Store) numbered(ctx context.Context, p plan, f *Found) (candidates, error) {
	var c candidates
	if len(f.Query.Words) == 1 && p.city == 0 {
		named := Found{Query: Query{Filter: Filter{City: f.Query.Words[0]}}, Places: f.Places}
		p.city = max(0, named.city())
	}
	if len(f.Query.Words) > 1 || len(f.Query.Words) == 1 && p.city == 0 {
		return c, nil // something else is meant
	}
	rows, err := s.db.Query(ctx, `select i.id, i.kind, i.lang, i.community_id from item i where i.kind = @kind and i.number = @number and i.parent_id is null and i.removed_at is null
			and (@city = 0 or i.community_id = @city) and `+community.Visible+` and `+community.Offered+` order by i.community_id = any(@mine) desc, i.active_at desc limit @limit`,
		p.reach.Args(pgx.NamedArgs{"kind": f.Query.Reference.Kind, "number": f.Query.Reference.Number, "city": p.city, "limit": PerPage}))
	if err != nil {
		return c, fmt.Errorf("reference: %w", err)
	}
	var id item.ID
	g := counted{n: 1}
	_, err = pgx.ForEachRow(rows, []any{&id, &g.kind, &g.lang, &g.city}, func() error {
		c.top = append(c.top, candidate{id: id, score: 1})
		c.groups = append(c.groups, g)
		c.count++
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("reference: %w", err)
	}
	return c, nil
}
