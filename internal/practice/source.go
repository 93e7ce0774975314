package practice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Release says whether everybody may read the words of a source who may read the entry. The message "gather.release.<release>" says each.
type Release string

// The states of a release: nobody asked yet, the speaker was asked, and what the speaker answered.
const (
	Unasked Release = ""
	Asked   Release = "asked"
	Given   Release = "given"
	Refused Release = "refused"
)

// NewSource is words said elsewhere out of which an entry grows. Whoever names it has seen that they stand there, and that the seat may read them.
type NewSource struct {
	Item        item.ID // the discussion, reply, meeting or note
	Point       int64   // of the agenda; 0: none
	Part        string  // "line-3" of the minutes
	Words       string
	Lang        locale.Lang
	Speaker     account.ID // 0: nobody who belongs here, or nobody who may be named
	SpeakerName string     // without an account
	SaidOn      *time.Time
	Unopened    bool // stands in minutes that only their keepers read
}

// takeIn writes the sources of a new entry, numbered, with whose words they are from which perspective at this time, and links the items that they stand in. Own words
// are released. A trail does not quote minutes that are not open yet.
func (s Store) takeIn(ctx context.Context, tx pgx.Tx, seat community.Seat, entry item.ID, n New) error {
	if len(n.Sources) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	for _, source := range n.Sources {
		quote := source.Words
		if source.Unopened {
			quote = ""
		}
		b.Queue(`with numbered as (update entry set sources = sources + 1 where community_id = @community and item_id = @entry returning sources as n),
			who as (select m.perspective, a.organisation from account a left join membership m on m.account_id = a.id and m.community_id = @community and m.state = 'member' where a.id = nullif(@speaker::bigint, 0)),
			sourced as (insert into entry_source (community_id, entry_id, n, item_id, point_id, part, words, lang, speaker_id, speaker_name, perspective, organisation, said_on, release, answered_at, by_id, at)
				select @community, @entry, n, @item, nullif(@point::bigint, 0), @part, @words, @lang, nullif(@speaker::bigint, 0), @name,
					coalesce((select perspective from who), ''), coalesce((select organisation from who), ''), @said, case when @own then 'given' else '' end, case when @own then @now::timestamptz end, @me, @now from numbered)
			insert into item_link (from_id, to_id, to_part, relation, quote, by_id, at) values (@entry, @item, @part, 'from', @quote, @me, @now) on conflict do nothing`,
			pgx.NamedArgs{"community": seat.Community, "entry": entry, "item": source.Item, "point": source.Point, "part": source.Part, "words": source.Words, "lang": source.Lang, "speaker": source.Speaker,
				"name": source.SpeakerName, "said": source.SaidOn, "own": source.Speaker != 0 && source.Speaker == seat.Account, "quote": quote, "me": seat.Account, "now": s.now()})
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("sources of entry %d: %w", entry, err)
	}
	return s.settleSources(ctx, tx, seat, entry, n.Text, true)
}

// heardHere holds for a source s whose words all may read, where they stand, who may read its entry once that is for @audience.
const heardHere = `exists (select from item i where i.id = s.item_id and i.removed_at is null and not exists (select from item p where p.id = i.parent_id and p.removed_at is not null)
	and (i.audience = 0 or i.audience < 3 and i.audience <= @audience::int and (i.audience = 1 or i.community_id = @community)) and ` + standsOpen + `)`

// standsOpen holds for a source s in item i unless it is a line of minutes that are not open, or were taken out of them.
const standsOpen = `(s.part not like 'line-%' or exists (select from meeting m join minute_line l on l.meeting_id = m.item_id
	where m.item_id = i.id and m.minutes_state in ('open', 'approved') and 'line-' || l.n = s.part and l.removed_at is null))`

// settleSources sees to it that an entry shows nobody words that are not meant for them: whoever said what stands in a narrower circle than the entry is asked, and until
// they let it be quoted the entry does not repeat it word for word. Shared is set when others than its writers read the entry from now on: then whoever is quoted is told.
func (s Store) settleSources(ctx context.Context, tx pgx.Tx, seat community.Seat, entry item.ID, t Text, shared bool) error {
	if t.Audience == item.Draft {
		return nil
	}
	args := pgx.NamedArgs{"community": seat.Community, "entry": entry, "audience": int(t.Audience), "me": seat.Account, "now": s.now()}
	if err := s.askForRelease(ctx, tx, args); err != nil {
		return err
	}
	if shared {
		_, err := tx.Exec(ctx, `insert into activity (at, actor_id, verb, item_id, community_id, concerned)
			select @now, @me, 'entry.credit', @entry, @community, array_agg(distinct s.speaker_id) from entry_source s
			where s.community_id = @community and s.entry_id = @entry and s.speaker_id <> @me and s.release <> 'asked' having count(*) > 0`, args)
		if err != nil {
			return fmt.Errorf("credit of entry %d: %w", entry, err)
		}
	}
	kept, err := unreleased(ctx, tx, args)
	if err != nil || len(kept) == 0 {
		return err
	}
	told, err := inOtherLanguages(ctx, tx, args)
	if err != nil {
		return err
	}
	for _, text := range append(told, t) {
		if n := text.repeated(kept); n > 0 {
			return fault.One("audience", "unreleased", "n", n)
		}
	}
	return nil
}

// unreleased are the words out of which @entry grew, or an entry that it was adapted from, and which not all may read who may read it for @audience.
func unreleased(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs) ([]string, error) {
	rows, err := tx.Query(ctx, `with recursive origin as (select @entry::bigint as id union select l.to_id from item_link l join origin o on l.from_id = o.id where l.relation = 'adapted')
		select s.words from entry_source s where s.entry_id in (select id from origin) and s.release <> 'given' and s.speaker_id is distinct from @me and not `+heardHere, args)
	if err != nil {
		return nil, fmt.Errorf("unreleased words: %w", err)
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("unreleased words: %w", err)
	}
	return words, nil
}

// inOtherLanguages are the translations of @entry.
func inOtherLanguages(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs) ([]Text, error) {
	rows, err := tx.Query(ctx, `select title, summary, fields from entry_translation where community_id = @community and entry_id = @entry`, args)
	if err != nil {
		return nil, fmt.Errorf("translations: %w", err)
	}
	texts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Text, err error) {
		return t, row.Scan(&t.Title, &t.Summary, &t.Fields)
	})
	if err != nil {
		return nil, fmt.Errorf("translations: %w", err)
	}
	return texts, nil
}

// askForRelease asks whoever said what stands in a narrower circle than @audience, once.
func (s Store) askForRelease(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs) error {
	_, err := tx.Exec(ctx, `with asked as (update entry_source s set release = 'asked', asked_at = @now
			where s.community_id = @community and s.entry_id = @entry and s.release = '' and s.speaker_id <> @me and not `+heardHere+` returning s.speaker_id)
		insert into activity (at, actor_id, verb, item_id, community_id, concerned)
		select @now, @me, 'entry.ask-release', @entry, @community, array_agg(distinct speaker_id) from asked having count(*) > 0`, args)
	if err != nil {
		return fmt.Errorf("ask for release: %w", err)
	}
	return nil
}

// AskRelease asks whoever said what an entry grew out of, and was not asked yet, whether everybody may read the words. Those who write a shared entry ask before they share it more widely.
func (s Store) AskRelease(ctx context.Context, seat community.Seat, number int) error {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return err
	}
	if !found.mine || found.audience == item.Draft {
		return fmt.Errorf("ask for the words of entry %d: %w", number, fault.Forbidden)
	}
	if err := seat.Must(community.WriteEntry); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return s.askForRelease(ctx, tx, pgx.NamedArgs{"community": seat.Community, "entry": found.id, "audience": int(item.Public), "me": seat.Account, "now": s.now()})
	})
}

// Answer is the word of the speaker of source n, who was asked: the words may be quoted, or not. It may change later; those who write the entry hear of it.
func (s Store) Answer(ctx context.Context, seat community.Seat, number, n int, release bool) error {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return err
	}
	answer, verb := Refused, "entry.refuse"
	if release {
		answer, verb = Given, "entry.release"
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var speaker account.ID
		var stands Release
		err := tx.QueryRow(ctx, `select coalesce(speaker_id, 0), release from entry_source where community_id = $1 and entry_id = $2 and n = $3 for update`, seat.Community, found.id, n).Scan(&speaker, &stands)
		if errors.Is(err, pgx.ErrNoRows) {
			err = fault.NotFound
		}
		if err != nil {
			return fmt.Errorf("source %d of entry %d: %w", n, number, err)
		}
		if speaker == 0 || speaker != seat.Account || stands == Unasked {
			return fmt.Errorf("speak for source %d of entry %d: %w", n, number, fault.Forbidden)
		}
		if stands == answer {
			return nil
		}
		_, err = tx.Exec(ctx, `with answered as (update entry_source set release = @answer, answered_at = @now where community_id = @community and entry_id = @entry and n = @n),
				writers as (select author_id as id from item where id = @entry and author_id is not null union select account_id from entry_author where entry_id = @entry and account_id is not null)
			insert into activity (at, actor_id, verb, item_id, community_id, concerned, detail)
			select @now, @me, @verb, @entry, @community, coalesce(array_agg(id) filter (where id <> @me), '{}'), jsonb_build_object('source', @n::int) from writers`,
			pgx.NamedArgs{"community": seat.Community, "entry": found.id, "n": n, "answer": answer, "verb": verb, "me": seat.Account, "now": s.now()})
		if err != nil {
			return fmt.Errorf("answer for source %d of entry %d: %w", n, number, err)
		}
		return nil
	})
}
