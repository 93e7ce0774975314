// Package parting lets people take along what is theirs, and leave for good.
package parting

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Store lets people take along and leave.
type Store struct {
	db  postgres.DB
	now func() time.Time
}

// NewStore works on db.
func NewStore(db postgres.DB, now func() time.Time) Store { return Store{db: db, now: now} }

// Sink takes the files.
type Sink interface {
	File(name string, content []byte) error
}

// ref names item i, of community c, below its parent p.
const ref = `concat_ws('/', c.slug, p.kind || '-' || p.number, i.kind || '-' || i.number)`

const refJoins = ` join community c on c.id = i.community_id left join item p on p.id = i.parent_id `

// lists are what is somebody's, file by file: each query reads rows of @me alone. A room that keeps more about people adds its line here.
var lists = []struct{ file, sql string }{
	{"profile.json", `select handle, name, email, organisation, sector, languages, lang, about, profile_for, organisation_for, email_for, administrator, created_at,
		(select k.changed_at from credential k where k.account_id = a.id) as password_changed_at from account a where a.id = @me`},
	{"memberships.json", `select c.slug as community, m.number, m.state, m.role, m.perspective, m.bring, m.learn, m.meets, m.charter_version, m.asked_at, m.since, m.renewed_at, m.greeted_at, m.reminded_at, m.left_at, m.reason,
		array(select k.name from competence k where k.community_id = m.community_id and k.account_id = m.account_id order by k.position) as competences
		from membership m join community c on c.id = m.community_id where m.account_id = @me order by c.slug`},
	{"thanks-given.json", `select ` + ref + ` as text, t.at from thanks t join item i on i.id = t.item_id` + refJoins + `where t.account_id = @me order by t.at, i.id`},
	{"thanks-received.json", `select ` + ref + ` as text, count(*) as thanks from thanks t join item i on i.id = t.item_id` + refJoins + `where i.author_id = @me
		or exists (select from discreet_author d where d.item_id = i.id and d.account_id = @me) group by 1 order by 1`},
	{"offers.json", `select ` + ref + ` as request, o.note, o.at from help_offer o join item i on i.id = o.item_id` + refJoins + `where o.account_id = @me order by o.at, i.id`},
	{"follows.json", `select fc.slug as community, case when f.item_id is not null then ` + ref + ` end as item, f.level, f.at from follow f left join community fc on fc.id = f.community_id
		left join item i on i.id = f.item_id left join community c on c.id = i.community_id left join item p on p.id = i.parent_id where f.account_id = @me order by f.at, f.community_id, f.item_id`},
	{"notices.json", `select v.verb, case when n.item_id is not null then ` + ref + ` end as item, n.why, n.kind, n.way, n.at, n.read_at from notice n join activity v on v.id = n.activity_id
		left join item i on i.id = n.item_id left join community c on c.id = i.community_id left join item p on p.id = i.parent_id where n.account_id = @me order by n.id`},
	{"read.json", `select ` + ref + ` as item, r.number as up_to_reply, r.at from read_mark r join item i on i.id = r.item_id` + refJoins + `where r.account_id = @me order by r.at, i.id`},
	{"files.json", `select case when f.item_id is null then 'unsent' else ` + ref + ` end as text, f.id, f.name, f.media, f.size, f.width, f.height, f.alt, f.at from item_file f
		left join item i on i.id = f.item_id left join community c on c.id = i.community_id left join item p on p.id = i.parent_id where ` + ownFile + ` order by f.id`},
	{"glossary.json", `select t.slug, t.source, t.created_by = @me as added, t.updated_by = @me as changed, t.created_at, t.updated_at,
		(select json_agg(json_build_object('lang', w.lang, 'word', w.word) order by w.lang, w.position) from glossary_word w where w.term_id = t.id) as words,
		(select json_agg(json_build_object('lang', d.lang, 'text', d.text) order by d.lang) from glossary_definition d where d.term_id = t.id) as definitions
		from glossary_term t where t.created_by = @me or t.updated_by = @me order by t.slug`},
	{"handovers.json", `select c.slug as community, r.revision, r.lang, r.body, r.at from handover_revision r join community c on c.id = r.community_id where r.by_id = @me order by c.slug, r.revision`},
	{"charters.json", `select c.slug as community, h.version, h.note, h.made_at, (select json_object_agg(t.lang, t.body) from charter_text t where t.community_id = h.community_id and t.version = h.version) as texts
		from charter h join community c on c.id = h.community_id where h.made_by = @me order by c.slug, h.version`},
	{"invited.json", `select c.slug as community, v.note, v.at, v.accepted_at, v.withdrawn_at from invitation v join community c on c.id = v.community_id where v.invited_by = @me order by v.at, v.id`},
	{"later.json", `select line, until from desk_later where account_id = @me order by line`},
	{"drafts.json", `select place, fields, at from draft where account_id = @me order by place`},
	{"unsent.json", `select path, fields, created_at, expires_at from kept_form where account_id = @me order by created_at`},
	{"sessions.json", `select agent, created_at, seen_at, proved_at, expires_at from account_session where account_id = @me order by created_at`},
	{"reports.json", `select ` + ref + ` as item, r.reason, r.at, r.settled_at, r.outcome from report r join item i on i.id = r.item_id` + refJoins + `where r.account_id = @me order by r.at, r.id`},
	{"invitations.json", `select c.slug as community, v.name, v.note, v.at, v.accepted_at, v.withdrawn_at from invitation v join community c on c.id = v.community_id join account a on a.id = @me
		where v.account_id = @me or v.email_key = a.email_key order by v.at`},
	{"acts.json", `select v.at, v.verb, vc.slug as community, case when v.item_id is not null then ` + ref + ` end as item from activity v left join community vc on vc.id = v.community_id
		left join item i on i.id = v.item_id left join community c on c.id = i.community_id left join item p on p.id = i.parent_id where v.actor_id = @me order by v.id`},
}

// Take writes all and only what is somebody's: profile, memberships, texts with their earlier states, and what was kept about the person.
func (s Store) Take(ctx context.Context, who account.ID, to Sink) error {
	for _, l := range slices.Concat(lists, meetingLists, criterionLists, repertoireLists) {
		var raw []byte
		if err := s.db.QueryRow(ctx, `select coalesce(json_agg(row_to_json(r)), '[]') from (`+l.sql+`) r`, pgx.NamedArgs{"me": who}).Scan(&raw); err != nil {
			return fmt.Errorf("own data of account %d: %s: %w", who, l.file, err)
		}
		var b bytes.Buffer
		if err := json.Indent(&b, raw, "", "  "); err != nil {
			return err
		}
		b.WriteByte('\n')
		if err := to.File(l.file, b.Bytes()); err != nil {
			return err
		}
	}
	if err := s.texts(ctx, who, to); err != nil {
		return err
	}
	return s.files(ctx, who, to)
}

// own selects the texts of @me, those asked discreetly too, and their earlier states that @me wrote.
const own = `with mine as (select i.* from item i where i.author_id = @me or exists (select from discreet_author d where d.item_id = i.id and d.account_id = @me))
	select ` + ref + ` as name, i.title, i.lang, i.audience, i.created_at, i.edited_at, i.removed_at, 0 as revision, t.body,
		array(select g.name from item_tag it join tag g on g.id = it.tag_id where it.item_id = i.id order by g.key) as tags, i.author_id is null as discreet, coalesce(h.tried, '') as tried, coalesce(h.outcome, '') as outcome
	from mine i` + refJoins + `join item_text t on t.item_id = i.id left join help_request h on h.item_id = i.id
	union all
	select ` + ref + `, v.title, v.lang, i.audience, v.at, null, i.removed_at, v.revision, v.body, '{}', i.author_id is null, '', ''
	from mine i` + refJoins + `join item_revision v on v.item_id = i.id and (v.by_id = @me or i.author_id is null and v.by_id is null)
	order by 1, 8`

// written is one text of somebody's.
type written struct {
	Name      string
	Title     string
	Lang      string
	Audience  int
	CreatedAt time.Time
	EditedAt  *time.Time
	RemovedAt *time.Time
	Revision  int // 0: the newest
	Body      string
	Tags      []string
	Discreet  bool
	Tried     string
	Outcome   string
}

var audiences = []string{"public", "programme", "community", "draft"}

func (s Store) texts(ctx context.Context, who account.ID, to Sink) error {
	all, err := postgres.All[written](ctx, s.db, own, pgx.NamedArgs{"me": who})
	if err != nil {
		return fmt.Errorf("own texts of account %d: %w", who, err)
	}
	for _, w := range all {
		name := "texts/" + w.Name
		if w.Revision > 0 {
			name += fmt.Sprintf(".revision-%d", w.Revision)
		}
		content, err := w.markdown()
		if err != nil {
			return err
		}
		if err := to.File(name+".md", content); err != nil {
			return err
		}
	}
	return nil
}

func (w written) markdown() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("---\n")
	for _, f := range []struct {
		key   string
		value any
		shown bool
	}{{"title", w.Title, w.Title != ""}, {"lang", w.Lang, true}, {"audience", audiences[w.Audience], true}, {"tags", w.Tags, len(w.Tags) > 0}, {"written_at", w.CreatedAt.UTC(), true},
		{"edited_at", w.EditedAt, w.EditedAt != nil}, {"removed_at", w.RemovedAt, w.RemovedAt != nil}, {"asked_discreetly", true, w.Discreet}} {
		if !f.shown {
			continue
		}
		raw, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%s: %s\n", f.key, raw)
	}
	b.WriteString("---\n" + w.Body + "\n")
	for _, more := range []struct{ title, text string }{{"What was tried", w.Tried}, {"What worked", w.Outcome}} {
		if more.text != "" {
			b.WriteString("\n## " + more.title + "\n\n" + more.text + "\n")
		}
	}
	return b.Bytes(), nil
}
