package criterion

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Claims are what is claimed on a criterion, the newest first, and whether the reader may claim something.
type Claims struct {
	List      []Claim
	Claimable bool // there is a release for which the reader may claim
}

// Claim is one, as read.
type Claim struct {
	ID        item.ID
	Number    int
	Title     string // names the release, to those who may not open it too
	Lang      locale.Lang
	Evidence  string // rendered
	Limits    string // rendered; empty where nobody named any
	Author    item.Voice
	ByMaker   bool                  // the author makes or made the product
	From      community.Perspective // of the author, here or elsewhere
	At        time.Time
	Release   ClaimedRelease
	Extent    Extent
	Measured  *float64
	Unit      string
	State     ClaimState
	Edition   int
	AnswerBy  time.Time
	SettledAt *time.Time
	Files     []file.File
	Verdicts  []GivenVerdict // of all editions, in their order
	Reopened  []Reopening
	Asked     int // how many may answer
	Answered  int // answers in this edition that count
	Judges    int // coordinators who could record the community's answer
	May       bool
	Made      bool // the reader makes or made the product
	Mine      bool
	Own       Verdict // the reader's, in this edition
	OwnReason string
}

// ClaimedRelease is the release of a claim; without a version it is one that the reader may not open.
type ClaimedRelease struct {
	Product string // slug
	Slug    string
	Gone    bool // withdrawn since
}

// GivenVerdict is what somebody said about a claim, with the place from which it was said then.
type GivenVerdict struct {
	Claim        item.ID
	Edition      int
	Account      account.ID // 0: the community, or somebody who left
	Name         string
	Number       int // of the membership; 0 without one
	Perspective  community.Perspective
	Organisation string
	Community    bool
	By           string // who recorded the community's answer
	Answer       Verdict
	Reason       string
	Lang         locale.Lang
	At           time.Time
}

// Reopening is when a claim was put once more, and why.
type Reopening struct {
	Claim   item.ID
	Edition int
	Reason  string
	By      string
	At      time.Time
}

// Late reports whether a verdict came after the date of its claim, silence apart.
func (c Claim) Late(v GivenVerdict) bool {
	return v.Edition == c.Edition && v.Answer != Silent && v.At.After(c.AnswerBy)
}

// Standing are the verdicts of the edition that counts.
func (c Claim) Standing() []GivenVerdict { return c.In(c.Edition) }

// In are the verdicts of an edition.
func (c Claim) In(edition int) []GivenVerdict {
	var some []GivenVerdict
	for _, v := range c.Verdicts {
		if v.Edition == edition {
			some = append(some, v)
		}
	}
	return some
}

// MayAnswer reports whether the reader may say something now: until the claim is settled, or late after silence.
func (c Claim) MayAnswer() bool {
	return c.May && (c.State == ClaimOpen || c.State == ClaimSilent || c.State.Settled() && c.Own == Silent)
}

// MayAnswerForCommunity reports whether a coordinator records the community's answer: none is left who may answer, and the coordinator has no part in it.
func (c Claim) MayAnswerForCommunity(seat community.Seat) bool {
	return c.Orphaned() && seat.Can(community.Judge) && !c.Made && !c.Mine
}

// Orphaned reports whether a claim waits and none is left who may answer it.
func (c Claim) Orphaned() bool {
	return c.Asked == 0 && c.Answered == 0 && (c.State == ClaimOpen || c.State == ClaimSilent)
}

// MayWithdraw reports whether the reader may take it back.
func (c Claim) MayWithdraw(seat community.Seat) bool {
	return c.State == ClaimOpen && (c.Mine || seat.Can(community.Judge))
}

// MayReopen reports whether the reader may put it once more, on a criterion that is still asked for.
func (c Claim) MayReopen(seat community.Seat) bool {
	return c.State.Settled() && !c.Release.Gone && (c.May && seat.Can(community.AnswerClaim) || seat.Can(community.Judge) && !c.Made && !c.Mine)
}

// judges counts the coordinators who have no part in claim k.
const judges = `(select count(*) from membership j join account aa on aa.id = j.account_id where j.community_id = k.community_id and j.role = 'coordinator' and j.state = 'member' and not ` + madeIt + ` and not ` + claimedIt + `)`

const claimColumns = `i.id, i.number, i.title, i.lang, x.html, k.limits_html, i.created_at, coalesce(o.product, ''), coalesce(o.slug, ''), r.state <> 'published', k.extent, k.measured, k.measured_unit, k.state, k.edition,
	k.answer_by, k.settled_at, (select count(*) from (` + whoMayAnswer + `) w), (select count(*) from verdict v where ` + counted + `), ` + judges + `,
	exists (select from account aa where aa.id = @me and ` + mayAnswer + `),
	exists (select from account aa where aa.id = @me and ` + madeIt + `), exists (select from account aa where aa.id = @me and ` + claimedIt + `), coalesce(mine.answer, ''), coalesce(mine.reason, ''),
	exists (select from account aa where aa.id = i.author_id and ` + madeIt + `),
	coalesce((select h.perspective from membership h join community o on o.id = h.community_id where h.account_id = i.author_id and h.state = 'member' order by h.community_id = i.community_id desc, h.since, h.community_id limit 1), '')`

// claimTables of claimColumns, beside the voice of who claims; o is the release, where the reader may open it.
const claimTables = ` from item i join claim k on k.item_id = i.id join item_text x on x.item_id = i.id join release r on r.item_id = k.release_id
	left join verdict mine on mine.claim_id = k.item_id and mine.edition = k.edition and mine.account_id = @me
	left join lateral (select p.slug as product, r.slug from product p join item i on i.id = r.item_id where p.item_id = r.product_id and i.removed_at is null and ` + community.Visible + `) o on true `

func (c *Claim) scan() []any {
	return append([]any{&c.ID, &c.Number, &c.Title, &c.Lang, &c.Evidence, &c.Limits, &c.At, &c.Release.Product, &c.Release.Slug, &c.Release.Gone, &c.Extent, &c.Measured, &c.Unit, &c.State, &c.Edition,
		&c.AnswerBy, &c.SettledAt, &c.Asked, &c.Answered, &c.Judges, &c.May, &c.Made, &c.Mine, &c.Own, &c.OwnReason, &c.ByMaker, &c.From}, c.Author.Scan()...)
}

// claimsOf are the claims i, k on criterion @id of which @claim is the number, or all.
const claimsOf = `i.community_id = @community and i.parent_id = @id and i.kind = 'claim' and (@claim::int = 0 or i.number = @claim) and i.removed_at is null and ` + community.Visible

// queueClaims queues the reading of the claims on criterion @id.
func queueClaims(b *pgx.Batch, seat community.Seat, args pgx.NamedArgs, into *Claims) {
	queueClaim(b, args, 0, &into.List)
	args = maps.Clone(args)
	args["any"] = seat.Can(community.ClaimMet)
	b.Queue(`select exists (select`+releasesToClaim+`)`, args).QueryRow(func(row pgx.Row) error { return row.Scan(&into.Claimable) })
}

// queueClaim queues one claim, or all with number 0.
func queueClaim(b *pgx.Batch, args pgx.NamedArgs, number int, into *[]Claim) {
	args = maps.Clone(args)
	args["claim"] = number
	b.Queue(`select `+claimColumns+`, `+item.VoiceColumns+claimTables+item.VoiceJoins+` where `+claimsOf+` order by i.number desc limit 200`, args).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var c Claim
			if err := rows.Scan(c.scan()...); err != nil {
				return err
			}
			*into = append(*into, c)
		}
		return rows.Err()
	})
	of := func(id item.ID) *Claim {
		for n := range *into {
			if (*into)[n].ID == id {
				return &(*into)[n]
			}
		}
		return &Claim{} // of one beyond the limit
	}
	b.Queue(`select v.claim_id, v.edition, coalesce(v.account_id, 0), coalesce(a.name, ''), coalesce(m.number, 0), v.perspective,
			case when a.id is null or a.organisation_for = 0 or (a.organisation_for = 1 and @signed) or (a.organisation_for = 2 and i.community_id = any(@mine)) or a.id = @me then v.organisation else '' end,
			v.community, coalesce(b.name, ''), v.answer, v.reason, v.lang, v.at
		from verdict v join item i on i.id = v.claim_id left join account a on a.id = v.account_id left join account b on b.id = v.by_id
			left join membership m on m.community_id = i.community_id and m.account_id = a.id and m.state = 'member'
		where `+claimsOf+` order by v.edition, v.answer = 'silent', v.at, v.id`, args).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[GivenVerdict])
		for _, v := range all {
			c := of(v.Claim)
			c.Verdicts = append(c.Verdicts, v)
		}
		return err
	})
	b.Queue(`select o.claim_id, o.edition, o.reason, coalesce(a.name, ''), o.at from claim_reopening o join item i on i.id = o.claim_id left join account a on a.id = o.by_id where `+claimsOf+` order by o.edition`, args).
		Query(func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Reopening])
			for _, o := range all {
				c := of(o.Claim)
				c.Reopened = append(c.Reopened, o)
			}
			return err
		})
	b.Queue(`select `+file.Columns+` from item_file f join item i on i.id = f.item_id where `+claimsOf+` order by f.item_id, f.position, f.id`, args).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToStructByName[file.File])
		for _, f := range all {
			c := of(f.Item)
			c.Files = append(c.Files, f)
		}
		return err
	})
}

// ReadClaim is one claim with the criterion that it is about.
func (s Store) ReadClaim(ctx context.Context, seat community.Seat, number, claim int) (Criterion, Claim, error) {
	var c Criterion
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return c, Claim{}, err
	}
	var all []Claim
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id})
	b := &pgx.Batch{}
	head(b, args, &c)
	queueClaim(b, args, claim, &all)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return c, Claim{}, fmt.Errorf("claim %d on criterion %d: %w", claim, number, err)
	}
	if len(all) != 1 {
		return c, Claim{}, fmt.Errorf("claim %d on criterion %d: %w", claim, number, fault.NotFound)
	}
	return c, all[0], nil
}
