package practice

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
)

// libraryFacets are the properties that are counted by their values, as columns of row i.
var libraryFacets = []struct{ name, column string }{{FacetForm, "i.form"}, {FacetCity, "i.community_id"}, {FacetLang, "i.lang"}, {FacetEvidence, "i.evidence"}, {FacetAge, "i.age"}}

// libraryCounts are numbers of entries by facet and value, of the total under "".
type libraryCounts struct {
	n       map[string]map[string]int
	atLeast map[string]bool // facets of which only the newest entries were counted
}

func (c libraryCounts) add(facet, value string, n int) {
	if c.n[facet] == nil {
		c.n[facet] = map[string]int{}
	}
	c.n[facet][value] += n
}

// count counts every facet: together those that nothing was chosen of, and each of the others without what was chosen of it.
func (q *libraryQuery) count(ctx context.Context, s Store, p *LibraryPage) error {
	c := libraryCounts{map[string]map[string]int{}, map[string]bool{}}
	b := &pgx.Batch{}
	together := []string{""}
	var apart []func() error
	counting := func(without string, facets ...string) {
		if q.beforehand(without) {
			q.queueCells(b, c, without, facets)
			return
		}
		apart = append(apart, func() error { return q.countRows(ctx, s, c, without, facets) })
	}
	for _, f := range append([]struct{ name, column string }{{FacetTopic, ""}}, libraryFacets...) {
		switch {
		case f.name == FacetCity && q.In != 0:
		case q.marks[f.name] != "":
			counting(f.name, f.name)
		case f.name == FacetTopic && q.beforehand(f.name):
			counting(f.name, f.name)
		default:
			together = append(together, f.name)
		}
	}
	counting("", together...)
	if b.Len() > 0 {
		if err := s.db.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
	}
	for _, run := range apart {
		if err := run(); err != nil {
			return err
		}
	}
	p.Count, p.AtLeast = c.n[""][""], p.AtLeast && q.Narrowings() == 0 || c.atLeast[""]
	p.Facets = map[string]Facet{
		FacetForm: listed(Forms, q.Forms, c, FacetForm, c.n[FacetForm]), FacetLang: listed(locale.All, q.Langs, c, FacetLang, c.n[FacetLang]),
		FacetEvidence: listed(Evidences, q.Evidence, c, FacetEvidence, evidenceOf(c.n[FacetEvidence])), FacetAge: listed(Ages, q.Ages, c, FacetAge, agesOf(c.n[FacetAge])),
		FacetTopic: q.topics.facet(q.Topics, c, FacetTopic),
	}
	if q.In == 0 {
		p.Facets[FacetCity] = q.cities.facet(q.Cities, c, FacetCity)
	}
	return q.countTags(ctx, s, p)
}

// beforehand reports whether the cells know how many entries the filter leaves without one facet: not by words, tags and writers, and not for
// any of several topics, since an entry with two of them stands in two cells.
func (q *libraryQuery) beforehand(without string) bool {
	if q.Words != "" || q.Mine || q.Drafts || len(q.Tags) > 0 {
		return false
	}
	return without == FacetTopic || len(q.Topics) < 2
}

// queueCells counts by several facets in one pass over the cells. They hold no drafts, so that nobody wrote them.
func (q *libraryQuery) queueCells(b *pgx.Batch, c libraryCounts, without string, facets []string) {
	cells := map[string]string{}
	for facet, sql := range q.cells {
		if facet != FacetTopic {
			cells[facet] = sql
		}
	}
	where := q.but(without, cells)
	switch topic := q.cells[FacetTopic]; {
	case without == FacetTopic:
		where += " and i.topic_id > 0"
	case topic == "":
		where += " and i.topic_id = 0"
	default:
		where += " and " + topic
	}
	sql := grouped(facets, "coalesce(sum(i.n), 0)") + ` from (select n.*, null::bigint as author_id from library_count n) i where ` + where + sets(facets)
	if without == FacetTopic {
		sql = `select '` + FacetTopic + `', i.topic_id::text, sum(i.n) from (select n.*, null::bigint as author_id from library_count n) i where ` + where + ` group by i.topic_id`
	}
	b.Queue(sql, q.args).Query(c.read)
}

func (c libraryCounts) read(rows pgx.Rows) error {
	var facet, value string
	var n int
	_, err := pgx.ForEachRow(rows, []any{&facet, &value, &n}, func() error {
		c.add(facet, value, n)
		return nil
	})
	return err
}

// grouped are the columns that say which facet and value each group counts.
func grouped(facets []string, n string) string {
	facet, value := "", ""
	for _, f := range libraryFacets {
		if slices.Contains(facets, f.name) {
			facet += " when grouping(" + f.column + ") = 0 then '" + f.name + "'"
			value += " when grouping(" + f.column + ") = 0 then " + f.column + "::text"
		}
	}
	if facet == "" {
		return "select '', '', " + n
	}
	return "select case" + facet + " else '' end, case" + value + " else '' end, " + n
}

func sets(facets []string) string {
	var all []string
	for _, f := range libraryFacets {
		if slices.Contains(facets, f.name) {
			all = append(all, "("+f.column+")")
		}
	}
	if slices.Contains(facets, "") {
		all = append(all, "()")
	}
	return " group by grouping sets (" + strings.Join(all, ", ") + ")"
}

// countRows counts the newest of the rows themselves.
func (q *libraryQuery) countRows(ctx context.Context, s Store, c libraryCounts, without string, facets []string) error {
	sql := q.newest(without) + `select 'rows', '', count(*) from newest`
	if slices.Contains(facets, FacetTopic) {
		sql += ` union all select '` + FacetTopic + `', t::text, count(*) from newest i, unnest(i.topics) t group by t`
	}
	if len(facets) > 1 || facets[0] != FacetTopic {
		sql += ` union all (` + grouped(facets, "count(*)") + ` from newest i` + sets(facets) + `)`
	}
	rows, err := s.db.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol, q.args)
	if err != nil {
		return err
	}
	delete(c.n, "rows")
	if err := c.read(rows); err != nil {
		return err
	}
	for _, f := range facets {
		c.atLeast[f] = c.n["rows"][""] >= MaxCount
	}
	return nil
}

// newest are the most recently active rows that the filter leaves without one facet.
func (q *libraryQuery) newest(without string) string {
	return `with newest as materialized (select i.form, i.community_id, i.lang, i.evidence, i.age, i.topics, i.tags from library i where ` + q.but(without, q.marks) + ` order by i.active_at desc, i.entry_id desc limit @most) `
}

// mostTags is how many tags are offered.
const mostTags = 16

// countTags counts the tags of the newest rows that the other facets leave.
func (q *libraryQuery) countTags(ctx context.Context, s Store, p *LibraryPage) error {
	q.args["tags"], q.args["keys"] = mostTags, append([]string{}, q.Tags...)
	rows, err := s.db.Query(ctx, q.newest(FacetTag)+`select t.key, min(t.name), sum(u.n)::int, t.key = any(@keys::text[]), (select count(*) from newest) >= @most
		from (select tag, count(*) as n from newest, unnest(newest.tags) tag group by tag) u join tag t on t.id = u.tag group by t.key order by 4 desc, 3 desc, t.key limit @tags`, pgx.QueryExecModeSimpleProtocol, q.args)
	if err != nil {
		return err
	}
	var f Facet
	var v FacetValue
	if _, err := pgx.ForEachRow(rows, []any{&v.Value, &v.Name, &v.Count, &v.Chosen, &f.AtLeast}, func() error {
		f.Values = append(f.Values, v)
		return nil
	}); err != nil {
		return err
	}
	p.Facets[FacetTag] = f.withMissing(q.Tags)
	return nil
}

// listed are the values of which there are some, or that are chosen.
func listed[T ~string](all, chosen []T, c libraryCounts, facet string, counts map[string]int) Facet {
	f := Facet{AtLeast: c.atLeast[facet]}
	for _, v := range all {
		if n := counts[string(v)]; n > 0 || slices.Contains(chosen, v) {
			f.Values = append(f.Values, FacetValue{Value: string(v), Count: n, Chosen: slices.Contains(chosen, v)})
		}
	}
	return f
}

// facet is that of values with names of their own.
func (n names) facet(chosen []string, c libraryCounts, facet string) Facet {
	f := Facet{AtLeast: c.atLeast[facet]}
	for _, id := range n.order {
		v := n.by[id]
		v.Count, v.Chosen = c.n[facet][strconv.FormatInt(id, 10)], slices.Contains(chosen, v.Value)
		if v.Count > 0 || v.Chosen {
			f.Values = append(f.Values, v)
		}
	}
	return f.withMissing(chosen)
}

// withMissing adds what was chosen and does not exist for the reader, called as it was typed.
func (f Facet) withMissing(chosen []string) Facet {
	for _, key := range chosen {
		if !slices.ContainsFunc(f.Values, func(v FacetValue) bool { return v.Value == key }) {
			f.Values = append(f.Values, FacetValue{Value: key, Name: key, Chosen: true})
		}
	}
	return f
}

// evidenceOf are the counts by evidence of those by library.evidence.
func evidenceOf(codes map[string]int) map[string]int {
	counts := map[string]int{}
	for _, e := range Evidences {
		for _, code := range e.codes() {
			counts[string(e)] += codes[strconv.Itoa(int(code))]
		}
	}
	return counts
}

func agesOf(years map[string]int) map[string]int {
	counts := map[string]int{}
	for year, a := range Ages {
		counts[string(a)] = years[strconv.Itoa(year)]
	}
	return counts
}
