package practice

import (
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
)

// libraryFacets are the properties that are counted by their values, as columns of row i.
var libraryFacets = []struct{ name, column string }{{FacetForm, "i.form"}, {FacetCity, "i.community_id"}, {FacetLang, "i.lang"}, {FacetEvidence, "i.evidence"}, {FacetAge, "i.age"}}

// counts of values by facet; of the total under "".
type libraryCounts map[string]map[string]int

func (c libraryCounts) add(facet, value string, n int) {
	if c[facet] == nil {
		c[facet] = map[string]int{}
	}
	c[facet][value] += n
}

// queueFacets queues the counts of every facet: together for those that nothing was chosen of, and for each of the others without what was chosen of it.
func (q *libraryQuery) queueFacets(b *pgx.Batch, p *LibraryPage) {
	counts := libraryCounts{}
	together := []string{""}
	for _, f := range libraryFacets {
		switch {
		case f.name == FacetCity && q.In != 0:
		case q.where[f.name] == "":
			together = append(together, f.name)
		default:
			q.queueCounts(b, counts, f.name, f.name)
		}
	}
	q.queueCounts(b, counts, "", together...)
	q.queueTopicCounts(b, counts)
	topics, cities := map[string]FacetValue{}, map[string]FacetValue{}
	var order []string
	q.queueNames(b, topics, &order, `select t.id::text, t.key, `+topicName+` from topic t where t.retired_at is null or exists (select from entry_topic et where et.topic_id = t.id) order by t.position, t.id`)
	var places []string
	q.queueNames(b, cities, &places, `select c.id::text, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug)
		from community c where c.visibility = 'public' or c.id = any(@mine) or @everywhere order by c.kind = 'umbrella', 3`)
	p.Facets = map[string]Facet{}
	q.queueTags(b, p, func() {
		p.Count = counts[""][""]
		p.Facets[FacetForm] = listed(Forms, q.Forms, counts[FacetForm])
		p.Facets[FacetLang] = listed(locale.All, q.Langs, counts[FacetLang])
		p.Facets[FacetEvidence] = listed(Evidences, q.Evidence, evidenceOf(counts[FacetEvidence]))
		p.Facets[FacetAge] = listed(Ages, q.Ages, agesOf(counts[FacetAge]))
		p.Facets[FacetTopic] = named(order, topics, q.Topics, counts[FacetTopic])
		if q.In == 0 {
			p.Facets[FacetCity] = named(places, cities, q.Cities, counts[FacetCity])
		}
	})
}

// counted says whether the cells counted beforehand know how many rows the filter leaves without one facet.
func (q *libraryQuery) counted(without string) bool {
	if q.Words != "" || q.Mine || q.Drafts || len(q.Tags) > 0 {
		return false
	}
	return without == FacetTopic || len(q.Topics) < 2
}

// cells are library_count as rows i; they hold no drafts, so that nobody wrote them.
const cells = `(select n.*, null::bigint as author_id from library_count n) i`

// source is where rows are counted without one facet, how, and under which condition.
func (q *libraryQuery) source(without string) (from, n, where string) {
	if !q.counted(without) {
		return "library i", "count(*)", q.but(without)
	}
	topic := q.where[FacetTopic]
	delete(q.where, FacetTopic)
	where = q.but(without)
	switch {
	case without == FacetTopic:
		where += " and i.topic_id > 0"
	case topic == "":
		where += " and i.topic_id = 0"
	default:
		where += " and i.topic_id = (select t.id from topic t where t.key = any(@facet_topic::text[]))"
	}
	if topic != "" {
		q.where[FacetTopic] = topic
	}
	return cells, "coalesce(sum(i.n), 0)", where
}

// queueCounts counts by several facets in one pass.
func (q *libraryQuery) queueCounts(b *pgx.Batch, counts libraryCounts, without string, facets ...string) {
	from, n, where := q.source(without)
	var which, value, sets []string
	for _, f := range libraryFacets {
		if slices.Contains(facets, f.name) {
			which = append(which, "when grouping("+f.column+") = 0 then '"+f.name+"'")
			value = append(value, "when grouping("+f.column+") = 0 then "+f.column+"::text")
			sets = append(sets, "("+f.column+")")
		}
	}
	if slices.Contains(facets, "") {
		sets = append(sets, "()")
	}
	sql := "'', ''"
	if len(which) > 0 {
		sql = "case " + strings.Join(which, " ") + " else '' end, case " + strings.Join(value, " ") + " else '' end"
	}
	q.queueSums(b, counts, `select `+sql+`, `+n+` from `+from+` where `+where+` group by grouping sets (`+strings.Join(sets, ", ")+`)`)
}

func (q *libraryQuery) queueTopicCounts(b *pgx.Batch, counts libraryCounts) {
	from, n, where := q.source(FacetTopic)
	column := "i.topic_id"
	if from != cells {
		from, column = from+", unnest(i.topics) topic", "topic"
	}
	q.queueSums(b, counts, `select '`+FacetTopic+`', `+column+`::text, `+n+` from `+from+` where `+where+` group by `+column)
}

func (q *libraryQuery) queueSums(b *pgx.Batch, counts libraryCounts, sql string) {
	b.Queue(sql, q.args).Query(func(rows pgx.Rows) error {
		var facet, value string
		var n int
		_, err := pgx.ForEachRow(rows, []any{&facet, &value, &n}, func() error {
			counts.add(facet, value, n)
			return nil
		})
		return err
	})
}

// queueNames queues keys and names by identity, in their order.
func (q *libraryQuery) queueNames(b *pgx.Batch, names map[string]FacetValue, order *[]string, sql string) {
	b.Queue(sql, q.args).Query(func(rows pgx.Rows) error {
		var id string
		var v FacetValue
		_, err := pgx.ForEachRow(rows, []any{&id, &v.Value, &v.Name}, func() error {
			names[id] = v
			*order = append(*order, id)
			return nil
		})
		return err
	})
}

// mostTags is how many tags are offered.
const mostTags = 16

// queueTags counts the tags of the newest that the other facets leave, and calls done at the end of all counting.
func (q *libraryQuery) queueTags(b *pgx.Batch, p *LibraryPage, done func()) {
	q.args["tagged"], q.args["tags"] = MaxCount, mostTags
	q.args["chosen"] = append([]string{}, q.Tags...)
	b.Queue(`with newest as materialized (select i.tags from library i where `+q.but(FacetTag)+` order by i.active_at desc, i.entry_id desc limit @tagged)
		select t.key, min(t.name), sum(u.n)::int, t.key = any(@chosen::text[]), (select count(*) from newest) >= @tagged
		from (select tag, count(*) as n from newest, unnest(newest.tags) tag group by tag) u join tag t on t.id = u.tag group by t.key order by 4 desc, 3 desc, t.key limit @tags`, q.args).
		Query(func(rows pgx.Rows) error {
			var f Facet
			var v FacetValue
			if _, err := pgx.ForEachRow(rows, []any{&v.Value, &v.Name, &v.Count, &v.Chosen, &f.AtLeast}, func() error {
				f.Values = append(f.Values, v)
				return nil
			}); err != nil {
				return err
			}
			done()
			for _, key := range q.Tags {
				if !slices.ContainsFunc(f.Values, func(v FacetValue) bool { return v.Value == key }) {
					f.Values = append(f.Values, FacetValue{Value: key, Name: key, Chosen: true})
				}
			}
			p.Facets[FacetTag] = f
			return nil
		})
}

// listed are the values of which there are some, or that are chosen.
func listed[T ~string](all, chosen []T, counts map[string]int) Facet {
	var f Facet
	for _, v := range all {
		if n := counts[string(v)]; n > 0 || slices.Contains(chosen, v) {
			f.Values = append(f.Values, FacetValue{Value: string(v), Count: n, Chosen: slices.Contains(chosen, v)})
		}
	}
	return f
}

// named are the values of a facet that have names of their own. One that was chosen and does not exist for the reader is called as it was typed.
func named(order []string, names map[string]FacetValue, chosen []string, counts map[string]int) Facet {
	var f Facet
	for _, id := range order {
		v := names[id]
		v.Count, v.Chosen = counts[id], slices.Contains(chosen, v.Value)
		if v.Count > 0 || v.Chosen {
			f.Values = append(f.Values, v)
		}
	}
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
