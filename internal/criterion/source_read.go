package criterion

import (
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// SpeakerAnswer is what the speaker of a source says about the wording. The message "criteria.log.answer.<answer>" says each.
type SpeakerAnswer string

// The answers of a speaker; Unanswered: none yet.
const (
	Unanswered SpeakerAnswer = ""
	Confirmed  SpeakerAnswer = "confirmed"
	Corrected  SpeakerAnswer = "corrected"
	Denied     SpeakerAnswer = "denied"
)

// Source of a criterion, as a reader may see it. Words said where the reader may not listen are left out, with the name of who said them, unless the speaker released them.
type Source struct {
	N            int
	Form         SourceForm
	Open         bool      // the reader may open what it names, or it names no item
	Kind         item.Kind // of the item: a meeting, a discussion or a reply; empty without one
	Slug         string    // of its community
	City         string    // name of the community in which it was said, where the reader may know
	Number       int       // of the meeting or the discussion
	Reply        int       // 0: the item itself
	Title        string
	TitleLang    locale.Lang
	Point        int64 // agenda point; 0: none
	PointTitle   string
	PointLang    locale.Lang
	Part         string
	Document     string
	URL          string
	Words        string
	Withheld     bool // there are words, which the reader may not read
	Lang         locale.Lang
	Speaker      account.ID // who asked, where the reader may know; 0: without an account, or not known
	Handle       string
	Name         string
	Member       int // number of the speaker's membership here
	Perspective  community.Perspective
	Organisation string
	SaidOn       *time.Time
	Released     bool
	Answer       SpeakerAnswer
	AnsweredAt   *time.Time
	AnsweredOf   int // revision of the criterion that was answered
	Mine         bool
	MineAlone    bool // the reader's own word: "I need this too"
	By           string
	ByMember     int
	At           time.Time
	KeptFrom     int    // number of the criterion that was merged into this one
	Stamp        string // changes with every change of the source
}

const sourcesSQL = `with judged as (
	select s.*, md5(s::text) as stamp, s.speaker_id is not null and s.speaker_id = @me as mine, v.id as item, v.kind, v.number, v.parent_id, v.community_id as at_community,
		v.id is not null or s.form in ('document', 'person') as open,
		exists (select from discreet_author q where q.item_id = s.item_id and q.account_id = s.speaker_id) and not s.community_id = any(@coordinated) as apart
	from criterion_source s left join lateral (
		select i.* from item i where i.id = s.item_id and i.removed_at is null and not exists (select from item p where p.id = i.parent_id and p.removed_at is not null) and ` + community.Visible + `) v on true
	where s.community_id = @community and s.criterion_id = @id),
shown as (
	select j.*, j.mine or (j.open or j.released) and (j.answer <> 'denied' or @words_too) as words_shown, j.mine or (j.open or j.released) and not j.apart as name_shown from judged j)
select s.n, s.form, s.open, coalesce(s.kind, '') as kind, coalesce(c.slug, '') as slug,
	coalesce((select t.name from community_text t where t.community_id = sc.id and t.lang = sc.lang), sc.slug, '') as city,
	coalesce(top.number, 0) as number, case when s.parent_id is not null then s.number else 0 end as reply, coalesce(top.title, '') as title, coalesce(top.lang, 'en') as title_lang,
	coalesce(p.id, 0) as point, coalesce(p.title, '') as point_title, coalesce(p.lang, 'en') as point_lang, s.part, s.document, s.url,
	case when s.words_shown then s.words else '' end as words, s.words <> '' and not s.words_shown as withheld, s.lang,
	case when s.name_shown then coalesce(s.speaker_id, 0) else 0 end as speaker, case when s.name_shown then coalesce(a.handle, '') else '' end as handle, case when s.name_shown then coalesce(a.name, s.speaker_name) else '' end as name, case when s.name_shown then coalesce(m.number, 0) else 0 end as member,
	case when s.apart and not s.mine then '' else s.perspective end as perspective,
	case when s.name_shown and (a.id is null or a.organisation_for = 0 or a.organisation_for = 1 and @signed or a.organisation_for = 2 and s.community_id = any(@mine) or s.mine) then s.organisation else '' end as organisation,
	s.said_on, s.released, s.answer, s.answered_at, coalesce(s.answered_revision, 0) as answered_of, s.mine, coalesce(s.mine and s.form = 'person' and s.by_id = s.speaker_id, false) as mine_alone,
	coalesce(b.name, '') as by, coalesce(bm.number, 0) as by_member, s.at, coalesce((select k.number from item k where k.id = s.kept_from), 0) as kept_from, s.stamp
from shown s left join item top on top.id = coalesce(s.parent_id, s.item) left join community c on c.id = s.at_community
	left join item src on src.id = s.item_id left join community sc on sc.id = src.community_id and (sc.id = s.community_id or sc.visibility = 'public' or sc.id = any(@mine))
	left join agenda_point p on p.id = s.point_id and s.item is not null
	left join account a on a.id = s.speaker_id left join membership m on m.community_id = s.community_id and m.account_id = a.id and m.state = 'member'
	left join account b on b.id = s.by_id left join membership bm on bm.community_id = s.community_id and bm.account_id = b.id and bm.state = 'member'
order by s.n`

// queueSources reads the sources of criterion @id, as the seat may see them.
func queueSources(b *pgx.Batch, seat community.Seat, args pgx.NamedArgs, into *[]Source) {
	args = maps.Clone(args)
	args["words_too"] = seat.Can(community.Word)
	b.Queue(sourcesSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[Source])
		return err
	})
}
