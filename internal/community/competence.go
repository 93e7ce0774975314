package community

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/postgres"
)

// PerCompetences is how many competences stand on one page, and MostKnowing how many people beside each.
const (
	PerCompetences = 40
	MostKnowing    = 12
)

// CompetenceFilter says which competences a directory shows; empty fields filter nothing.
type CompetenceFilter struct {
	Words       string
	Perspective string
	After       string // Key of the last one on the page before
}

// Competence is something that members know about, with those whose profiles the reader may see.
type Competence struct {
	Name   string // as most write it
	Key    string // in the order of the directory
	Count  int    // people
	People []Knowing
	keys   []string // spellings that it gathers, folded
}

// Knowing is somebody who knows about it.
type Knowing struct {
	Name        string
	Perspective Perspective
	Slug        string
	Number      int
}

// Competences of a community: who knows what.
func (s Store) Competences(ctx context.Context, seat Seat, f CompetenceFilter) (all []Competence, more bool, err error) {
	if err := seat.MaySee(); err != nil {
		return nil, false, err
	}
	return s.competences(ctx, `m.community_id = @community`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community}), f)
}

// CompetencesAround are those in all communities of the reader.
func (s Store) CompetencesAround(ctx context.Context, reach Reach, f CompetenceFilter) (all []Competence, more bool, err error) {
	return s.competences(ctx, `(m.community_id = any(@mine) or @everywhere)`, reach.Args(nil), f)
}

const competenceKey = `trim(regexp_replace(replace(lower(unaccent(k.name)), 'ς', 'σ'), '[[:space:]]+', ' ', 'g'))`

func (s Store) competences(ctx context.Context, where string, args pgx.NamedArgs, f CompetenceFilter) (all []Competence, more bool, err error) {
	from := ` from competence k join membership m on m.community_id = k.community_id and m.account_id = k.account_id join account a on a.id = m.account_id
		where ` + where + ` and m.state = 'member' and ` + shown
	if f.Perspective != "" {
		from += ` and m.perspective = @perspective`
		args["perspective"] = f.Perspective
	}
	search := ""
	if f.Words != "" {
		search = ` and unaccent(k.name) ilike unaccent(@words)`
		args["words"] = like(f.Words)
	}
	rows, err := s.db.Query(ctx, `select `+competenceKey+` as key, mode() within group (order by k.name) as name, count(distinct k.account_id)::int as n`+from+search+` group by 1 order by 1`, args)
	if err != nil {
		return nil, false, fmt.Errorf("competences: %w", err)
	}
	if all, err = gather(rows); err != nil {
		return nil, false, fmt.Errorf("competences: %w", err)
	}
	at := sort.Search(len(all), func(i int) bool { return f.After == "" || all[i].Key > f.After })
	if all = all[at:]; len(all) > PerCompetences {
		all, more = all[:PerCompetences], true
	}
	return all, more, s.knowing(ctx, from, args, all)
}

// gather puts spellings together that differ by a plural alone.
func gather(rows pgx.Rows) ([]Competence, error) {
	found := map[string]Competence{}
	var keys []string
	var c Competence
	_, err := pgx.ForEachRow(rows, []any{&c.Key, &c.Name, &c.Count}, func() error {
		found[c.Key] = c
		keys = append(keys, c.Key)
		return nil
	})
	if err != nil {
		return nil, err
	}
	occurs := func(key string) bool { _, ok := found[key]; return ok }
	most := map[string]int{} // people who write it as the name says
	for _, key := range keys {
		one, into := found[key], singular(key, occurs)
		for next := singular(into, occurs); next != into; next = singular(into, occurs) {
			into = next
		}
		whole := found[into]
		if one.Count > most[into] {
			most[into], whole.Name = one.Count, one.Name
		}
		whole.keys = append(whole.keys, key)
		found[into] = whole
	}
	var all []Competence
	for _, key := range keys {
		if c := found[key]; len(c.keys) > 0 {
			all = append(all, c)
		}
	}
	sort.Slice(all, func(a, b int) bool { return all[a].Key < all[b].Key })
	return all, nil
}

// knowing fills in the people of the competences shown, each account once.
func (s Store) knowing(ctx context.Context, from string, args pgx.NamedArgs, all []Competence) error {
	keys, groups := []string{}, []int{}
	for n, c := range all {
		for _, key := range c.keys {
			keys, groups = append(keys, key), append(groups, n)
		}
	}
	args["keys"], args["groups"], args["most"] = keys, groups, MostKnowing
	type row struct {
		Group int
		Total int
		Knowing
	}
	rows, err := postgres.All[row](ctx, s.db, `with one as (select distinct on (g.n, a.id) g.n, a.name, m.perspective, m.community_id, m.number `+
		strings.Replace(from, " from competence k", ` from unnest(@keys::text[], @groups::int[]) g(key, n) join competence k on `+competenceKey+` = g.key`, 1)+`
			order by g.n, a.id, m.since),
		ranked as (select *, count(*) over (partition by n) as total, row_number() over (partition by n order by name, community_id, number) as rank from one)
		select r.n as "group", r.total::int, r.name, r.perspective, c.slug, r.number from ranked r join community c on c.id = r.community_id where r.rank <= @most order by r.n, r.rank`, args)
	if err != nil {
		return fmt.Errorf("who knows: %w", err)
	}
	for _, r := range rows {
		all[r.Group].Count = r.Total
		all[r.Group].People = append(all[r.Group].People, r.Knowing)
	}
	return nil
}

// like finds words anywhere in a text, whatever they are made of.
func like(words string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(words) + "%"
}
