package parting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/parting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// cleared are the columns that name nobody who has left for good. stays are those that go on to name the account, which then is a role.
var (
	cleared = []string{"account_picture.account_id", "account_session.account_id", "action_owner.account_id", "agenda_point.lead_id", "agenda_point.proposed_by", "attendance.account_id",
		"credential.account_id", "date_voice.account_id", "desk_later.account_id", "discreet_author.account_id", "draft.account_id", "feed_token.account_id", "follow.account_id", "invitation.account_id", "item_mention.account_id",
		"kept_form.account_id", "mail_off.account_id", "meeting_letter.account_id", "meeting_question.account_id", "meeting_role.account_id", "minute_correction.account_id", "minute_line.speaker_id",
		"minute_line_owner.account_id", "notice.account_id", "pass.account_id", "personal_link.account_id", "product_maker.account_id", "rating.account_id", "read_mark.account_id", "request.account_id", "rsvp.account_id",
		"criterion_source.speaker_id", "verdict.account_id", "entry_author.account_id", "entry_source.speaker_id", "gathered.account_id"}
	stays = []string{"action.state_by", "activity.actor_id", "agenda_point.settled_by", "attendance.by_id", "charter.made_by", "claim_reopening.by_id", "criterion_source.by_id", "criterion_step.by_id", "discussion.last_author_id", "entry.checked_by", "entry.endorsed_by", "entry_source.by_id", "entry_translation.by_id", "entry_use.account_id", "entry_use.removed_by", "glossary_term.created_by", "glossary_term.updated_by",
		"handover.updated_by", "handover_revision.by_id", "help_offer.account_id", "invitation.invited_by", "item.author_id", "item.removed_by", "item.updated_by", "item_file.by_id", "item_link.by_id", "item_revision.by_id",
		"meeting.approved_by", "meeting_guest.invited_by", "meeting_series.created_by", "membership.account_id", "membership.admitted_by", "membership.greeted_by", "minute.by_id", "minute_addendum.by_id",
		"minute_correction.settled_by", "minute_line.by_id", "minute_revision.by_id", "report.account_id", "report.settled_by", "thanks.account_id", "theme.dismissed_by", "verdict.by_id", "wanted_organisation.added_by"}
)

func TestWhateverNamesAnAccountIsKnownToThoseWhoLeave(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	rows, err := tx.Query(t.Context(), `select c.conrelid::regclass::text || '.' || a.attname from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
		where c.contype = 'f' and c.confrelid = 'account'::regclass order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	there, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range there {
		if slices.Contains(cleared, column) == slices.Contains(stays, column) {
			t.Errorf("%s names an account: say what becomes of it when somebody leaves for good, and let people take along what it says", column)
		}
	}
	for _, column := range slices.Concat(cleared, stays) {
		if !slices.Contains(there, column) {
			t.Errorf("%s is not there", column)
		}
	}
}

func TestWhoLeavesForGoodStandsNowhereButInARole(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "urs-dettwiler")
	a := people[0]
	if err := parting.NewStore(tx, time.Now).Leave(t.Context(), a, parting.Leaving{Email: a.Email, Remove: true}); err != nil {
		t.Fatal(err)
	}
	for _, column := range cleared {
		table, name, _ := strings.Cut(column, ".")
		var left int
		if err := tx.QueryRow(t.Context(), `select count(*)::int from `+table+` where `+name+` = $1`, a.ID).Scan(&left); err != nil || left > 0 {
			t.Errorf("%d rows of %s name who has left, %v", left, column, err)
		}
	}
}
