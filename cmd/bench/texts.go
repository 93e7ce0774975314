package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
)

// shared are names that texts of every language hold often.
var shared = []string{"basel", "landsat", "umep"}

// lexicon is the frequency list of each language: 20,000 words, the shared names and words of the field among the most frequent.
type lexicon map[locale.Lang][]string

const lexiconSize = 20_000

var syllables = map[locale.Lang][]string{
	locale.English: strings.Fields("ba co de fi gra hou in ket lo man ne over pla que rai ser tion un ver wa mor ster ing light stone field ward ly ment"),
	locale.German:  strings.Fields("ab be da er fall ge hal keit lich mes nach ord platz quar rand schaft tag um ver wand zeit stein bach ung heim dorf strom gut tal"),
	locale.French:  strings.Fields("au bou cha de é fon gra hau in jour la mer nou ou pla que rue sol tou vent ville eau ment tion bre ron cou vi"),
	locale.Greek:   strings.Fields("α βα γρα δο ε ζω η θα κο λο μα νε ξε ο πο ρα σι το φω χω ψη μέ τρο πλα τεί δη στα νι κά"),
}

var ofTheField = map[locale.Lang][]string{
	locale.English: strings.Fields("heat night street tree roof wall shade cooling summer measurement criterion map station council uncertainty resolution storage anthropogenic island ranking"),
	locale.German:  strings.Fields("Hitze Nacht Strasse Baum Dach Wand Schatten Kaltluft Sommer Messung Kriterium Karte Station Gemeinderat Unsicherheit Auflösung Speicherwärme anthropogene Hitzeinsel Rangfolge"),
	locale.French:  strings.Fields("chaleur nuit rue arbre toit mur ombre fraîcheur été mesure critère carte station conseil incertitude résolution stockage anthropique îlot classement"),
	locale.Greek:   strings.Fields("θερμότητα νύχτα δρόμος δέντρο στέγη τοίχος σκιά δροσιά καλοκαίρι μέτρηση κριτήριο χάρτης σταθμός συμβούλιο αβεβαιότητα ανάλυση αποθήκευση ανθρωπογενής νησίδα κατάταξη"),
}

func newLexicon() lexicon {
	r := rand.New(rand.NewPCG(3, 4))
	l := lexicon{}
	for _, lang := range locale.All {
		words := append(append([]string{}, shared...), ofTheField[lang]...)
		known := map[string]bool{}
		for len(words) < lexiconSize {
			var w strings.Builder
			for range 2 + r.IntN(4) {
				w.WriteString(syllables[lang][r.IntN(len(syllables[lang]))])
			}
			if word := w.String(); !known[word] && len(word) > 3 {
				known[word] = true
				words = append(words, word)
			}
		}
		l[lang] = words
	}
	return l
}

// word of a rank, in the languages by turns.
func (l lexicon) word(n, rank int) string { return l[locale.All[n%len(locale.All)]][rank] }

// text has so many words; a word's frequency falls with its rank, as Zipf and Mandelbrot found.
func (l lexicon) text(r *rand.Rand, lang locale.Lang, words int) string {
	var b strings.Builder
	for n := range words {
		if n > 0 {
			b.WriteByte(' ')
		}
		const flat = 10.0
		rank := int(flat*math.Exp(r.Float64()*math.Log((lexiconSize+flat)/flat)) - flat)
		b.WriteString(l[lang][min(rank, lexiconSize-1)])
	}
	return b.String()
}

// theirLangs by share: of ten texts four are German, three English, two French and one Greek.
var theirLangs = []locale.Lang{"de", "de", "de", "de", "en", "en", "en", "fr", "fr", "el"}

// fillTexts brings the database to so many items, in threads of ten replies: texts by COPY, rows in whole sets, the index last.
func (b *bench) fillTexts(ctx context.Context, l lexicon, items int) error {
	var have int
	if err := b.pool.QueryRow(ctx, `select count(*) from item`).Scan(&have); err != nil {
		return err
	}
	if have >= items {
		return nil
	}
	r := rand.New(rand.NewPCG(5, uint64(items)))
	conn, err := b.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `set maintenance_work_mem = '512MB'; set work_mem = '64MB'; create unlogged table made_up (n int, lang text, title text, body text)`); err != nil {
		return err
	}
	missing, n := items-have, -1
	source := pgx.CopyFromFunc(func() ([]any, error) {
		if n++; n >= missing {
			return nil, nil
		}
		lang, title := theirLangs[r.IntN(len(theirLangs))], ""
		if n%11 == 0 {
			title = l.text(r, lang, 4+r.IntN(6))
		}
		return []any{n, string(lang), title, l.text(r, lang, 20+r.IntN(80))}, nil
	})
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"made_up"}, []string{"n", "lang", "title", "body"}, source); err != nil {
		return fmt.Errorf("texts: %w", err)
	}
	for _, step := range bulk {
		if _, err := conn.Exec(ctx, step); err != nil {
			return fmt.Errorf("%.60s: %w", step, err)
		}
	}
	return nil
}

// bulk makes items of the texts: a seventh of them in Basel, a third of all visible to a member there. Triggers are off: the rows are sound, and there are many.
var bulk = []string{
	`alter table item disable trigger user`, `alter table item_text disable trigger user`, `alter table item_search disable trigger user`, `drop index item_search_words`,
	`create unlogged table placed as select m.n, (select coalesce(max(id), 0) + 1 from item) + m.n as id, (select coalesce(max(id), 0) + 1 from item) + m.n - m.n % 11 as thread,
		m.lang, m.title, m.body, c.id as community, 1000 + m.n / 11 + (select coalesce(max(number), 0) from item) as number,
		case when hashint4(m.n / 11) & 127 < 19 then 0 when hashint4(m.n / 11) & 127 < 32 then 1 when hashint4(m.n / 11) & 127 < 115 then 2 else 3 end as audience,
		now() - make_interval(secs => ((select count(*) from made_up) - m.n) * 60) as at
		from made_up m join (select id, slug, row_number() over (order by slug) as k from community) c
			on case when hashint4(m.n / 11 + 7) & 127 < 18 then c.slug = 'basel' when hashint4(m.n / 11 + 7) & 127 < 70 then c.slug = 'london' else c.slug = 'heraklion' end`,
	`insert into item (id, community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) overriding system value
		select p.id, p.community, 'discussion', p.number, p.title, p.lang, a.account_id, p.audience, p.at, p.at, p.at
		from placed p join (select account_id, row_number() over (order by account_id) - 1 as k, count(*) over () as all from (select distinct account_id from membership) m) a on a.k = p.n % a.all where p.n % 11 = 0 order by p.n`,
	`insert into item (id, community_id, kind, number, parent_id, title, lang, author_id, audience, created_at, updated_at, active_at) overriding system value
		select p.id, p.community, 'reply', p.n % 11, p.thread, '', p.lang, a.account_id, p.audience, p.at, p.at, p.at
		from placed p join (select account_id, row_number() over (order by account_id) - 1 as k, count(*) over () as all from (select distinct account_id from membership) m) a on a.k = p.n % a.all where p.n % 11 > 0 order by p.n`,
	`insert into item_text (item_id, body, html, renderer) select id, body, '<p>' || body || '</p>', 1 from placed order by n`,
	`insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search)
		select p.id, p.community, p.audience, i.author_id, i.kind, p.lang, p.at,
			setweight(to_tsvector(('public.k_' || p.lang)::regconfig, p.title), 'A') || setweight(to_tsvector(('public.k_' || p.lang)::regconfig, p.body), 'D') from placed p join item i on i.id = p.id order by p.n`,
	`create index item_search_words on item_search using gin (search, marks) with (fastupdate = off)`,
	`alter table item enable trigger user`, `alter table item_text enable trigger user`, `alter table item_search enable trigger user`,
	`drop table made_up, placed`,
	`select setval(pg_get_serial_sequence('item', 'id'), (select max(id) from item))`,
	`vacuum analyze`,
}
