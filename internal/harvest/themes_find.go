package harvest

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// What is looked at for themes: so far back, and so much of it.
const (
	themesMonths     = 12
	themesSayings    = 2000
	themesUtterances = 6000
	leastMeant       = 3 // things that a passage speaks of; less is a greeting
)

// FindThemes looks in every community for what several people said in their own words, and keeps it for the coordinators. Run twice, it does it once.
func (s Store) FindThemes(ctx context.Context) error {
	lexicon, err := search.NewStore(s.db, s.now).Lexicon(ctx)
	if err != nil {
		return err
	}
	rows, err := s.db.Query(ctx, `select id from community order by id`)
	if err != nil {
		return fmt.Errorf("themes: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[community.ID])
	if err != nil {
		return fmt.Errorf("themes: %w", err)
	}
	for _, in := range all {
		if err := s.findThemesIn(ctx, in, lexicon); err != nil {
			return fmt.Errorf("themes of community %d: %w", in, err)
		}
	}
	return nil
}

func (s Store) findThemesIn(ctx context.Context, in community.ID, lexicon search.Lexicon) error {
	now := s.now() // what is changed from here on is looked at the next time
	said, err := s.utterances(ctx, in, lexicon)
	if err != nil {
		return err
	}
	found := themesAmong(said)
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(7261950, $1::int)`, in); err != nil { // one finder at a time
			return err
		}
		known, err := knownThemes(ctx, tx, in)
		if err != nil {
			return err
		}
		kept := []int64{}
		for _, t := range found {
			id, err := keepTheme(ctx, tx, pgx.NamedArgs{"community": in, "now": now, "key": known.keyOf(t), "words": t.words, "sayings": len(t.sayings), "voices": t.voices}, t)
			if err != nil {
				return err
			}
			kept = append(kept, id)
		}
		_, err = tx.Exec(ctx, `delete from theme where community_id = $1 and dismissed_at is null and id <> all($2)`, in, kept)
		return err
	})
}

// voiceSQL is who wrote item i: somebody who asked discreetly is one of those who said it, and is named to nobody here.
const voiceSQL = `coalesce('a' || coalesce(i.author_id, (select q.account_id from discreet_author q where q.item_id = i.id)), '')`

// saidSince is what was said in @community and is read by others: openings and replies, notes of what was heard once they are shared, lines of open minutes.
const saidSince = `select i.id, '' as part, i.lang, case when i.kind = 'reply' then '' else i.title end as title, x.html, '' as line, ` + voiceSQL + ` as voice, i.created_at as at
	from item i join item_text x on x.item_id = i.id left join item p on p.id = i.parent_id left join entry e on e.item_id = i.id
	where i.community_id = @community and (i.kind in ('discussion', 'reply') or i.kind = 'entry' and e.form = 'experience') and i.removed_at is null and p.removed_at is null and i.audience < 3 and i.created_at > @since
	union all select i.id, 'line-' || l.n, l.lang, '', '', l.body, coalesce('a' || l.speaker_id, 'n' || lower(nullif(l.speaker_name, '')), ''), l.at
	from minute_line l join meeting m on m.item_id = l.meeting_id join item i on i.id = l.meeting_id
	where l.community_id = @community and l.form in ('said', 'criterion', 'parked') and l.removed_at is null and m.minutes_state in ('open', 'approved') and i.removed_at is null and i.audience < 3 and l.at > @since
	order by at desc, 1, 2 limit @most`

func (s Store) utterances(ctx context.Context, in community.ID, lexicon search.Lexicon) ([]utterance, error) {
	rows, err := s.db.Query(ctx, saidSince, pgx.NamedArgs{"community": in, "since": s.now().AddDate(0, -themesMonths, 0), "most": themesSayings})
	if err != nil {
		return nil, err
	}
	var all []utterance
	var id item.ID
	var part, title, html, line, voice string
	var lang locale.Lang
	_, err = pgx.ForEachRow(rows, []any{&id, &part, &lang, &title, &html, &line, &voice, nil}, func() error {
		passages := []string{line}
		if line == "" {
			passages = paragraphs(html)
		}
		about := lexicon.Meant(lang, title)
		for _, words := range passages {
			meant := lexicon.Meant(lang, words)
			if len(meant) >= leastMeant && len(all) < themesUtterances {
				all = append(all, utterance{item: id, part: part, words: words, lang: lang, voice: voice, meant: append(meant, about...)})
			}
		}
		return nil
	})
	return all, err
}

// paragraphs of a rendered text, without what it quotes of others: that was said there.
func paragraphs(html string) []string {
	var all []string
	quoted := 0
	for html != "" {
		block := html
		if end := strings.Index(html, "</"); end >= 0 {
			for _, closing := range []string{"</p>", "</li>", "</blockquote>", "</h2>", "</h3>", "</td>"} {
				if at := strings.Index(html, closing); at >= 0 && at+len(closing) < len(block) {
					block = html[:at+len(closing)]
				}
			}
		}
		html = html[len(block):]
		quoted += strings.Count(block, "<blockquote")
		if words := Most(markup.Plain(block)); words != "" && quoted == 0 {
			all = append(all, words)
		}
		quoted -= strings.Count(block, "</blockquote>")
	}
	return all
}

// known are the themes that were found before, by what was said in them.
type known struct {
	keys    map[int64]string
	sayings map[int64]int
	of      map[string][]int64 // themes by item and part
}

// sayingAt is the post or line in which something was said.
func sayingAt(id item.ID, part string) string { return fmt.Sprintf("%d#%s", id, part) }

func knownThemes(ctx context.Context, tx pgx.Tx, in community.ID) (known, error) {
	k := known{keys: map[int64]string{}, sayings: map[int64]int{}, of: map[string][]int64{}}
	rows, err := tx.Query(ctx, `select t.id, t.key, s.item_id, s.part from theme t join theme_saying s on s.theme_id = t.id where t.community_id = $1 order by t.id`, in)
	if err != nil {
		return k, err
	}
	var theme int64
	var key, part string
	var id item.ID
	_, err = pgx.ForEachRow(rows, []any{&theme, &key, &id, &part}, func() error {
		k.keys[theme] = key
		k.sayings[theme]++
		k.of[sayingAt(id, part)] = append(k.of[sayingAt(id, part)], theme)
		return nil
	})
	return k, err
}

// keyOf a theme is that of the one found before which shares at least half of the sayings of the smaller one; else its own.
func (k known) keyOf(t alike) string {
	shared := map[int64]int{}
	best := int64(0)
	for _, u := range t.sayings {
		for _, theme := range k.of[sayingAt(u.item, u.part)] {
			shared[theme]++
			if n := shared[theme]; 2*n >= min(len(t.sayings), k.sayings[theme]) && (best == 0 || n > shared[best] || n == shared[best] && theme < best) {
				best = theme
			}
		}
	}
	if best != 0 {
		return k.keys[best]
	}
	return t.key
}

// keepTheme writes a theme as it is now; one that was dismissed stays so.
func keepTheme(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, t alike) (id int64, err error) {
	err = tx.QueryRow(ctx, `insert into theme (community_id, key, words, sayings, voices, found_at) values (@community, @key, @words, @sayings, @voices, @now)
		on conflict (community_id, key) do update set words = excluded.words, sayings = excluded.sayings, voices = excluded.voices, found_at = excluded.found_at returning id`, args).Scan(&id)
	if err != nil {
		return 0, err
	}
	b := &pgx.Batch{}
	b.Queue(`delete from theme_saying where theme_id = $1`, id)
	for _, u := range t.sayings {
		b.Queue(`insert into theme_saying (theme_id, item_id, part, words) values ($1, $2, $3, $4) on conflict do nothing`, id, u.item, u.part, u.words)
	}
	return id, tx.SendBatch(ctx, b).Close()
}
