package criterion

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// SourceForm says where a criterion comes from. The message "criteria.source.<form>" says each.
type SourceForm string

// The forms of a source.
const (
	FromMeeting    SourceForm = "meeting"
	FromDiscussion SourceForm = "discussion"
	FromDocument   SourceForm = "document"
	FromPerson     SourceForm = "person"
)

// SourceForms in the order in which people choose among them.
var SourceForms = []SourceForm{FromMeeting, FromDiscussion, FromDocument, FromPerson}

// Limits of a source, in characters.
const (
	MaxWords    = 2000
	MaxDocument = 300
	MaxURL      = 1000
	MaxName     = 120
	MaxOrg      = 160
)

// NewSource is where a criterion comes from: a meeting and its agenda point or minute line, a discussion or reply, a document, or a person; with the exact words, and who asked.
type NewSource struct {
	Form         SourceForm
	Item         item.ID // the meeting, discussion or reply, which the seat may read
	Point        int64   // agenda point of the meeting; 0: none
	Part         string  // "line-3" of the minutes
	Document     string
	URL          string
	Words        string
	Lang         locale.Lang // of the words; empty: that of the criterion
	Speaker      account.ID  // who asked; 0: see SpeakerName
	SpeakerName  string      // without an account
	Perspective  community.Perspective
	Organisation string
	SaidOn       *time.Time
}

func (n NewSource) check(in *fault.Invalid) {
	in.Check(slices.Contains(SourceForms, n.Form), "source", "choose")
	switch n.Form {
	case FromMeeting:
		in.Check(n.Item != 0, "meeting", "required")
	case FromDiscussion:
		in.Check(n.Item != 0, "discussion", "required")
	case FromDocument:
		in.Check(n.Document != "" || n.URL != "", "document", "required")
	case FromPerson:
		in.Check(n.Speaker != 0 || n.SpeakerName != "" || n.Perspective != "" || n.Organisation != "", "speaker", "required")
	}
	for _, f := range []struct {
		field, value string
		most         int
	}{{"document", n.Document, MaxDocument}, {"words", n.Words, MaxWords}, {"speaker", n.SpeakerName, MaxName}, {"organisation", n.Organisation, MaxOrg}} {
		in.Check(utf8.RuneCountInString(f.value) <= f.most, f.field, "too-long", "max", f.most)
	}
	if n.URL != "" {
		u, err := url.Parse(n.URL)
		in.Check(err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil, "url", "web-address")
		in.Check(utf8.RuneCountInString(n.URL) <= MaxURL, "url", "too-long", "max", MaxURL)
	}
	in.Check(n.SaidOn == nil || n.SaidOn.Year() >= 1970 && n.SaidOn.Year() <= 2200, "said_on", "date")
	in.Check(n.Perspective == "" || n.Perspective == community.Stakeholder || n.Perspective == community.Scientist, "perspective", "choose")
	in.Check(n.Lang == "" || locale.Known(string(n.Lang)), "lang", "choose")
}

// addSource writes one more source of a criterion that tx holds, and links the item that it stands in. Who asked with an account is told, and asked whether the wording is right.
func (s Store) addSource(ctx context.Context, tx pgx.Tx, seat community.Seat, criterion item.ID, lang locale.Lang, n NewSource) error {
	if n.Lang == "" {
		n.Lang = lang
	}
	if err := n.mustStand(ctx, tx, seat); err != nil {
		return err
	}
	args := pgx.NamedArgs{"community": seat.Community, "criterion": criterion, "form": n.Form, "item": n.Item, "point": n.Point, "part": n.Part, "document": n.Document, "url": n.URL, "words": n.Words,
		"lang": n.Lang, "speaker": n.Speaker, "name": n.SpeakerName, "perspective": n.Perspective, "organisation": n.Organisation, "said": n.SaidOn, "me": seat.Account, "now": s.now()}
	_, err := tx.Exec(ctx, `with numbered as (update criterion set sources = sources + 1 where item_id = @criterion returning sources as n),
		who as (select m.perspective, a.organisation from account a left join membership m on m.account_id = a.id and m.community_id = @community and m.state = 'member' where a.id = nullif(@speaker::bigint, 0)),
		sourced as (insert into criterion_source (community_id, criterion_id, n, form, item_id, point_id, part, document, url, words, lang, speaker_id, speaker_name, perspective, organisation, said_on, by_id, at)
			select @community, @criterion, n, @form, nullif(@item::bigint, 0), nullif(@point::bigint, 0), @part, @document, @url, @words, @lang, nullif(@speaker::bigint, 0), @name,
				coalesce(nullif(@perspective, ''), (select perspective from who), ''), coalesce(nullif(@organisation, ''), (select organisation from who), ''), @said, @me, @now from numbered)
		insert into item_link (from_id, to_id, to_part, relation, quote, by_id, at)
		select @criterion, nullif(@item::bigint, 0), @part, 'from', left(@words, 2000), @me, @now where @item::bigint <> 0 on conflict do nothing`, args)
	if err != nil {
		return fmt.Errorf("source of criterion %d: %w", criterion, err)
	}
	if n.Speaker == 0 || n.Speaker == seat.Account {
		return nil
	}
	return s.tell(ctx, tx, seat, criterion, "criterion.heard", []int64{int64(n.Speaker)}, nil)
}

// mustStand is nil when what the source names is there, of its kind, and may be read from the seat; and who asked belongs here.
func (n NewSource) mustStand(ctx context.Context, tx pgx.Tx, seat community.Seat) error {
	if n.Item != 0 {
		kind, in := "", community.ID(0)
		err := tx.QueryRow(ctx, `select i.kind, i.community_id from item i where i.id = @item and i.removed_at is null
			and not exists (select from item p where p.id = i.parent_id and p.removed_at is not null) and `+community.Visible, seat.Reach.Args(pgx.NamedArgs{"item": n.Item})).Scan(&kind, &in)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("source item %d: %w", n.Item, err)
		}
		switch {
		case n.Form == FromMeeting && (kind != "meeting" || in != seat.Community):
			return fault.One("meeting", "no-meeting")
		case n.Form == FromDiscussion && kind != "discussion" && kind != "reply":
			return fault.One("discussion", "no-discussion")
		}
	}
	if n.Point != 0 {
		there := false
		if err := tx.QueryRow(ctx, `select exists (select from agenda_point where community_id = $1 and meeting_id = $2 and id = $3 and state = 'accepted')`, seat.Community, n.Item, n.Point).Scan(&there); err != nil {
			return fmt.Errorf("agenda point %d: %w", n.Point, err)
		}
		if !there {
			return fault.One("point", "choose")
		}
	}
	if n.Speaker != 0 {
		there := false
		if err := tx.QueryRow(ctx, `select exists (select from membership where community_id = $1 and account_id = $2 and state = 'member')`, seat.Community, n.Speaker).Scan(&there); err != nil {
			return fmt.Errorf("who asked: %w", err)
		}
		if !there {
			return fault.One("speaker", "choose")
		}
	}
	return nil
}
