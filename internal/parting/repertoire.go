package parting

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
)

const atEntry = ` join item i on i.id = x.entry_id` + refJoins

// entryShown names the entry where others than those who write it read it.
const entryShown = `case when i.audience < 3 then ` + ref + ` end`

// repertoireLists are the entries that somebody wrote, alone or with others, what came of those that the person used, translations, and words said and gathered, as in lists.
var repertoireLists = []struct{ file, sql string }{
	{"entries.json", `select ` + ref + ` as entry, i.title, x.form, i.lang, i.author_id = @me as author, x.summary, x.fields, x.place, x.latitude, x.longitude, x.happened, x.url, x.quoting, i.created_at, x.shared_at, x.checked_at, x.endorsed_at, x.uses, x.cities,
		array(select t.key from entry_topic et join topic t on t.id = et.topic_id where et.entry_id = i.id order by t.position) as topics
		from entry x join item i on i.id = x.item_id` + refJoins + `where i.author_id = @me or exists (select from entry_author w where w.entry_id = i.id and w.account_id = @me) order by i.created_at, i.id`},
	{"entries-edited.json", `select ` + ref + ` as entry, x.revision, x.title, x.lang, x.body, x.at from item_revision x join item i on i.id = x.item_id and i.kind = 'entry'` + refJoins + `
		where x.by_id = @me and i.author_id is distinct from @me order by x.at, i.id, x.revision`},
	{"uses.json", `select ` + ref + ` as entry, x.n as use, h.slug as city, x.place, x.used_on, x.outcome, x.again, x.lang, x.perspective, x.organisation, x.at, x.edited_at, x.removed_at, x.removed_reason
		from entry_use x join community h on h.id = x.used_in` + atEntry + `where x.account_id = @me order by x.at, x.id`},
	{"translations.json", `select ` + ref + ` as entry, x.lang, x.title, x.summary, x.fields, x.of_revision, x.at from entry_translation x` + atEntry + `where x.by_id = @me order by x.at, 1, 2`},
	{"said.json", `select ` + entryShown + ` as entry, x.words, x.lang, x.perspective, x.organisation, x.said_on, x.release, x.asked_at, x.answered_at, x.at from entry_source x` + atEntry + `where x.speaker_id = @me order by x.at, x.id`},
	{"words-taken-in.json", `select ` + ref + ` as entry, x.n as source, x.lang, x.said_on, x.at from entry_source x` + atEntry + `where x.by_id = @me order by x.at, x.id`},
	// What was gathered is told again only while it can be read where it stands.
	{"gathered.json", `select h.slug as community, ` + ref + ` as text, x.part, x.words, x.at from gathered x join community h on h.id = x.community_id join item i on i.id = x.item_id` + refJoins + `
		where x.account_id = @me and i.removed_at is null and (i.audience < 2 or i.author_id = @me
			or exists (select from membership m where m.community_id = i.community_id and m.account_id = @me and m.state = 'member' and (i.audience = 2 or m.role = 'coordinator'))) order by x.at, x.id`},
}

// repertoireNamings are the places in what belongs to entries where somebody may be called by handle, as in namings; beside their fields.
var repertoireNamings = []naming{
	{"entry", "summary", "text", 500}, {"entry", "place", "text", 200}, {"entry", "happened", "text", 100}, {"entry_author", "name", "text", 120}, {"entry_author", "organisation", "text", 160},
	{"entry_source", "words", "text", 2000}, {"entry_source", "speaker_name", "text", 120}, {"entry_source", "organisation", "text", 160},
	{"entry_use", "place", "text", 200}, {"entry_use", "outcome", "text", 5000}, {"entry_use", "outcome_html", "text", 0}, {"entry_use", "organisation", "text", 160}, {"entry_use", "removed_reason", "text", 500},
	{"entry_translation", "title", "text", 200}, {"entry_translation", "summary", "text", 500}, {"entry_translation", "body", "text", 100_000}, {"entry_translation", "html", "text", 0},
	{"gathered", "words", "text", 2000}, {"theme", "words", "text", 200}, {"theme_saying", "words", "text", 2000},
}

// calledInFields replaces $1, a mention, by one of $2 in the parts of entries: within JSON a mention at the beginning of a line would look like the end of a word.
func calledInFields(table string) string {
	return `update ` + table + ` set fields = coalesce((select jsonb_object_agg(f.key, regexp_replace(f.value, $1, '@' || $2, 'g')) from jsonb_each_text(fields) f), '{}') where fields::text like '%@' || $3 || '%'`
}

// callsInRepertoire are the entries whose own parts name @called, for their search rows.
const callsInRepertoire = ` union select item_id from entry where concat(summary, fields::text) like @called union select entry_id from entry_translation where concat(title, summary, body) like @called`

// builtOn says that others have a part in entry i: they wrote it too, used it, translated it, endorsed it or said that it is still true.
const builtOn = `exists (select from entry e where e.item_id = i.id and (e.endorsed_at is not null or e.checked_by is distinct from @me and e.checked_at is not null
	or exists (select from entry_author w where w.entry_id = i.id and w.account_id is distinct from @me)
	or exists (select from entry_use u where u.entry_id = i.id and u.account_id is distinct from @me and u.removed_at is null)
	or exists (select from entry_translation t where t.entry_id = i.id and t.by_id is distinct from @me)))`

// handOver gives the drafts that the person wrote together with others to the first of those who are still members; the role stays among the authors.
func (s Store) handOver(ctx context.Context, tx pgx.Tx, who account.ID, role string) error {
	rows, err := tx.Query(ctx, `with heir as (select distinct on (w.entry_id) w.entry_id, w.community_id, w.id, w.account_id from entry_author w join item i on i.id = w.entry_id join account a on a.id = w.account_id and a.left_at is null
			where i.author_id = $1 and i.audience = 3 and i.removed_at is null and w.account_id <> $1 order by w.entry_id, (select count(*) from membership m where m.community_id = i.community_id and m.account_id = w.account_id and m.state = 'member') desc, w.position, w.id),
		given as (update item i set author_id = h.account_id from heir h where i.id = h.entry_id),
		found as (update item_search s set author_id = h.account_id from heir h where s.item_id = h.entry_id),
		gone as (delete from entry_author w using heir h where w.id = h.id)
		insert into entry_author (community_id, entry_id, name, position) select h.community_id, h.entry_id, left($2, 120), 1 + coalesce((select max(position) from entry_author w where w.entry_id = h.entry_id), 0) from heir h returning entry_id`, who, role)
	if err == nil {
		_, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	}
	if err != nil {
		return fmt.Errorf("drafts of account %d: %w", who, err)
	}
	return nil
}

// writeNoMore puts a role where the person wrote entries with others or is quoted in one. A question whether words may be shown stays without an answer.
func (s Store) writeNoMore(ctx context.Context, tx pgx.Tx, who account.ID, role string) error {
	b := &pgx.Batch{}
	b.Queue(`update entry_author set account_id = null, name = left($2, 120) where account_id = $1`, who, role)
	b.Queue(`update entry_source set release = '', asked_at = null where speaker_id = $1 and release = 'asked'`, who)
	b.Queue(`update entry_source set speaker_id = null, speaker_name = left($2, 120) where speaker_id = $1`, who, role)
	b.Queue(`delete from gathered where account_id = $1`, who)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("account %d among the authors: %w", who, err)
	}
	return nil
}

// eraseEntries empties entries whose text is erased. Others have no part in them.
func eraseEntries(b *pgx.Batch, ids []int64) {
	for _, table := range []string{"entry_author", "entry_source", "entry_use", "entry_translation", "entry_topic"} {
		b.Queue(`delete from `+table+` where entry_id = any($1)`, ids)
	}
	for _, table := range []string{"gathered", "theme_saying"} {
		b.Queue(`delete from `+table+` where item_id = any($1)`, ids)
	}
	b.Queue(`update entry set (fields, summary, place, latitude, longitude, happened, url, quoting, uses, cities) = ('{}', '', '', null, null, '', '', '', 0, 0) where item_id = any($1)`, ids)
}
