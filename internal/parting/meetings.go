package parting

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
)

const atMeeting = ` join item i on i.id = x.meeting_id` + refJoins

// shownMinutes says that the minutes of meeting m are not their keepers' own any more.
const shownMinutes = `m.minutes_state in ('open', 'approved')`

// meetingLists are what somebody did at meetings, and settled and promised there, as in lists.
var meetingLists = []struct{ file, sql string }{
	{"date-answers.json", `select ` + ref + ` as meeting, o.starts_at, o.ends_at, o.place, o.online, w.answer, x.note, x.at from date_voice x` + atMeeting + `
		left join date_answer w on w.voice_id = x.id left join date_option o on o.id = w.option_id where x.account_id = @me order by x.at, x.id, o.starts_at, o.id`},
	{"answers.json", `select ` + ref + ` as meeting, x.answer, x.note, x.at from rsvp x` + atMeeting + `where x.account_id = @me order by x.at, x.id`},
	{"attendance.json", `select ` + ref + ` as meeting, x.way, x.perspective, x.organisation, x.at from attendance x` + atMeeting + `where x.account_id = @me order by x.at, x.id`},
	{"meeting-roles.json", `select ` + ref + ` as meeting, x.role from meeting_role x` + atMeeting + `where x.account_id = @me order by 1, 2`},
	{"points-proposed.json", `select h.slug as community, case when i.id is not null then ` + ref + ` end as meeting, x.form, x.title, x.lang, x.body, x.minutes, x.proposed_at, x.state, x.reason, x.settled_at
		from agenda_point x join community h on h.id = x.community_id left join item i on i.id = x.meeting_id left join community c on c.id = i.community_id left join item p on p.id = i.parent_id
		where x.proposed_by = @me order by x.proposed_at, x.id`},
	{"points-led.json", `select ` + ref + ` as meeting, x.position, x.title, x.lang from agenda_point x` + atMeeting + `where x.lead_id = @me order by 1, 2, x.id`},
	{"questions.json", `select ` + ref + ` as meeting, a.title as point, x.body, x.lang, x.at, x.done_at from meeting_question x` + atMeeting + `left join agenda_point a on a.id = x.point_id where x.account_id = @me order by x.at, x.id`},
	{"minutes-written.json", `select ` + ref + ` as meeting, a.title as point, x.revision, x.at from (select n.meeting_id, n.point_id, n.revision, n.by_id, n.at from minute n
			union all select n.meeting_id, n.point_id, v.revision, v.by_id, v.at from minute_revision v join minute n on n.id = v.minute_id) x` + atMeeting + `
		left join agenda_point a on a.id = x.point_id where x.by_id = @me order by x.at, 1, 2, 3`},
	{"minutes-added.json", `select ` + ref + ` as meeting, x.n, x.body, x.lang, x.at from minute_addendum x` + atMeeting + `where x.by_id = @me order by x.at, x.id`},
	{"minutes-corrected.json", `select ` + ref + ` as meeting, a.title as point, x.body, x.lang, x.at, x.state, x.answer, x.settled_at from minute_correction x` + atMeeting + `
		left join agenda_point a on a.id = x.point_id where x.account_id = @me order by x.at, x.id`},
	{"lines.json", `select ` + ref + ` as meeting, x.n, a.title as point, x.form, x.body, x.lang, x.why, x.rejected, x.due, x.review_on, coalesce(x.speaker_id = @me, false) as said, o.account_id is not null as owned,
		coalesce(x.by_id = @me, false) as written, x.at, x.removed_at from minute_line x` + atMeeting + `join meeting m on m.item_id = i.id left join agenda_point a on a.id = x.point_id
		left join minute_line_owner o on o.line_id = x.id and o.account_id = @me where x.by_id = @me or (x.speaker_id = @me or o.account_id is not null) and x.removed_at is null and ` + shownMinutes + ` order by 1, 2`},
	{"decisions.json", `select ` + ref + ` as decision, i.title, x.why, x.rejected, x.who, x.decided_on, x.review_on from decision x join item i on i.id = x.item_id` + refJoins + `where i.author_id = @me order by 1`},
	{"actions.json", `select ` + ref + ` as action, i.title, coalesce(i.author_id = @me, false) as recorded, o.account_id is not null as owned, x.due, x.state, x.state_at, coalesce(x.state_by = @me, false) as state_by_me, x.reason
		from action x join item i on i.id = x.item_id` + refJoins + `left join action_owner o on o.action_id = x.item_id and o.account_id = @me where i.author_id = @me or o.account_id is not null or x.state_by = @me order by 1`},
	{"series.json", `select c.slug as community, x.rule, x.zone, x.created_at from meeting_series x join community c on c.id = x.community_id where x.created_by = @me order by x.created_at, x.id`},
	{"guests-invited.json", `select ` + ref + ` as meeting, x.name, x.organisation, x.perspective, x.lang, x.invited_at from meeting_guest x` + atMeeting + `where x.invited_by = @me order by x.invited_at, x.id`},
	{"guest.json", `select ` + ref + ` as meeting, x.name, x.organisation, x.perspective, x.lang, x.mail, x.invited_at, r.answer, r.note from meeting_guest x` + atMeeting + `join account a on a.id = @me
		left join rsvp r on r.guest_id = x.id where x.email_key = a.email_key order by x.invited_at, x.id`},
	{"meeting-letters.json", `select ` + ref + ` as meeting, x.letter, x.edition, x.at from meeting_letter x` + atMeeting + `where x.account_id = @me order by x.at, 1, 2, 3`},
	{"letters-off.json", `select c.slug as community, x.letters, x.at from mail_off x join community c on c.id = x.community_id where x.account_id = @me order by 1, 2`},
	{"calendar.json", `select created_at from feed_token where account_id = @me`},
	{"links.json", `select c.slug as community, x.purpose, x.created_at, x.expires_at from pass x join community c on c.id = x.community_id where x.account_id = @me order by x.created_at, 1, 2`},
}

// meetingNamings are the places in what belongs to meetings where somebody may be called by handle, as in namings.
var meetingNamings = []naming{
	{"meeting", "place", "text", 200}, {"meeting", "address", "text", 500}, {"meeting", "access_note", "text", 2000}, {"meeting", "called_off_reason", "text", 500}, {"date_option", "place", "text", 200}, {"date_voice", "note", "text", 500}, {"rsvp", "note", "text", 500},
	{"agenda_point", "title", "text", 200}, {"agenda_point", "body", "text", 5000}, {"agenda_point", "html", "text", 0}, {"agenda_point", "lead_name", "text", 120}, {"agenda_point", "reason", "text", 500}, {"meeting_question", "body", "text", 2000},
	{"minute", "body", "text", 50_000}, {"minute", "html", "text", 0}, {"minute_revision", "body", "text", 0}, {"minute_addendum", "body", "text", 20_000}, {"minute_addendum", "html", "text", 0},
	{"minute_line", "body", "text", 2000}, {"minute_line", "why", "text", 5000}, {"minute_line", "rejected", "text", 5000}, {"minute_line", "speaker_name", "text", 120}, {"minute_line", "owner_names", "text", 300},
	{"minute_correction", "body", "text", 5000}, {"minute_correction", "answer", "text", 500}, {"decision", "why", "text", 5000}, {"decision", "why_html", "text", 0}, {"decision", "rejected", "text", 5000},
	{"decision", "rejected_html", "text", 0}, {"decision", "who", "text", 300}, {"action", "owner_names", "text", 300}, {"action", "reason", "text", 500},
}

// callsInMeetings are the meetings, decisions and actions whose own parts name @called, for their search rows.
const callsInMeetings = ` union select meeting_id from minute where body like @called union select meeting_id from minute_line where concat(body, why, rejected) like @called
	union select meeting_id from minute_addendum where body like @called union select item_id from meeting where place like @called
	union select item_id from decision where concat(why, rejected) like @called union select item_id from action where owner_names like @called`

// unlink lets the texts of meetings, criteria and entries, whose HTML stands beside them, lead to the person no more: as where the name of nobody in particular is rendered.
func unlink(ctx context.Context, tx pgx.Tx, who account.ID, handle string) error {
	rows, err := tx.Query(ctx, `select c.slug, m.number from membership m join community c on c.id = m.community_id where m.account_id = $1 and m.number is not null`, who)
	if err != nil {
		return fmt.Errorf("places of account %d: %w", who, err)
	}
	var slug string
	var number int
	var pages []string
	if _, err := pgx.ForEachRow(rows, []any{&slug, &number}, func() error {
		pages = append(pages, regexp.QuoteMeta(link.Member(slug, number)))
		return nil
	}); err != nil || len(pages) == 0 {
		return err
	}
	b := &pgx.Batch{}
	for _, n := range slices.Concat(meetingNamings, criterionNamings, repertoireNamings) {
		if strings.HasSuffix(n.column, "html") {
			b.Queue(`update `+n.table+` set `+n.column+` = regexp_replace(`+n.column+`, $1, '@' || $2, 'g') where `+n.column+` ~ $1`, `<a [^>]*href="(?:`+strings.Join(pages, "|")+`)"[^>]*>@[^<]*</a>`, handle)
		}
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("mentions at meetings: %w", err)
	}
	return nil
}

// stepDown puts a role where the person spoke, led or promised something, so that minutes stay true, counts the person among those who
// were there without saying who, and takes back the answers. It gives the items whose search rows speak of it.
func (s Store) stepDown(ctx context.Context, tx pgx.Tx, who account.ID, role string) ([]item.ID, error) {
	rows, err := tx.Query(ctx, `update action a set owner_names = left(concat_ws('; ', nullif(a.owner_names, ''), $2::text), 300) from action_owner o where o.action_id = a.item_id and o.account_id = $1 returning a.item_id`, who, role)
	if err != nil {
		return nil, fmt.Errorf("actions of account %d: %w", who, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[item.ID])
	if err != nil {
		return nil, fmt.Errorf("actions of account %d: %w", who, err)
	}
	b := &pgx.Batch{}
	b.Queue(`update minute_line l set owner_names = left(concat_ws('; ', nullif(l.owner_names, ''), $2::text), 300) from minute_line_owner o where o.line_id = l.id and o.account_id = $1`, who, role)
	b.Queue(`update minute_line set speaker_id = null, speaker_name = $2 where speaker_id = $1`, who, role)
	b.Queue(`update agenda_point set lead_id = null, lead_name = $2 where lead_id = $1`, who, role)
	b.Queue(`update agenda_point set proposed_by = null where proposed_by = $1`, who)
	for _, table := range []string{"attendance", "meeting_question", "minute_correction"} {
		b.Queue(`update `+table+` set account_id = null where account_id = $1`, who)
	}
	for _, table := range []string{"action_owner", "minute_line_owner", "date_voice", "rsvp", "meeting_role", "meeting_letter", "mail_off", "feed_token", "pass"} {
		b.Queue(`delete from `+table+` where account_id = $1`, who)
	}
	// Who was a guest somewhere under the same address was there, too.
	const guest = `select g.id from meeting_guest g join account a on a.id = $1 where g.email_key = a.email_key`
	b.Queue(`update attendance set guest_id = null where guest_id in (`+guest+`)`, who)
	b.Queue(`delete from meeting_guest where id in (`+guest+`)`, who)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("account %d at meetings: %w", who, err)
	}
	return ids, nil
}
