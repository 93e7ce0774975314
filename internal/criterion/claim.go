package criterion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/internal/search"
)

// AnswerDays is how long those who asked have to answer a claim; after that silence is recorded as silence.
const AnswerDays = 30

// MaxLimits is how long the limits of a claim may be, in characters.
const MaxLimits = 5000

// Extent says how far a release is claimed to satisfy a criterion. The message "claims.extent.<extent>" says each.
type Extent string

// The extents.
const (
	Fully  Extent = "fully"
	Partly Extent = "partly"
)

// Extents in the order in which people choose among them.
var Extents = []Extent{Fully, Partly}

// NewClaim says that a release satisfies a criterion, with the evidence for it.
type NewClaim struct {
	Release  item.ID
	Extent   Extent
	Evidence string // Markdown
	Limits   string // Markdown
	Measured *float64
	Unit     string
	Lang     locale.Lang
	Files    []file.Choice
	Request  uuid.UUID
}

func (n NewClaim) check(t Target) error {
	var in fault.Invalid
	in.Check(n.Release != 0, "release", "choose")
	in.Check(slices.Contains(Extents, n.Extent), "extent", "choose")
	in.Check(n.Evidence != "", "evidence", "required")
	in.Check(utf8.RuneCountInString(n.Evidence) <= item.MaxBody, "evidence", "too-long", "max", item.MaxBody)
	in.Check(utf8.RuneCountInString(n.Unit) <= MaxUnit, "unit", "too-long", "max", MaxUnit)
	if n.Measured == nil {
		in.Check(n.Unit == "" || n.Unit == t.Unit, "measured", "number") // a unit of nothing; the target's own stands in the form before anybody typed
	} else if in.Check(finite(*n.Measured), "measured", "number"); finite(*n.Measured) {
		_, _, err := Compare(t, *n.Measured, n.Unit)
		in.Problems = append(in.Problems, fault.Problems(err)...)
	}
	in.Check(utf8.RuneCountInString(n.Limits) <= MaxLimits, "limits", "too-long", "max", MaxLimits)
	in.Check(locale.Known(string(n.Lang)), "lang", "choose")
	file.Check(&in, n.Files)
	return in.Err()
}

// Claim says that a release satisfies a criterion. Scientists and coordinators of its community may, and whoever makes the release's product and can read the criterion. Those who asked are told, and have AnswerDays to
// answer. The same form sent again gets the first claim.
func (s Store) Claim(ctx context.Context, seat community.Seat, number int, n NewClaim) (item.Made, error) {
	var made item.Made
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		made, err = s.claim(ctx, tx, seat, number, n)
		return err
	})
	if postgres.Violates(err, "claim_once") {
		err = fault.One("release", "claimed-already")
	}
	if err != nil {
		return made, fmt.Errorf("claim on criterion %d: %w", number, err)
	}
	return made, nil
}

func (s Store) claim(ctx context.Context, tx pgx.Tx, seat community.Seat, number int, n NewClaim) (item.Made, error) {
	found, err := s.lock(ctx, tx, seat, number)
	if err != nil {
		return item.Made{}, err
	}
	of, err := s.claimed(ctx, tx, seat, found, n.Release)
	if err != nil {
		return item.Made{}, err
	}
	if err := n.check(of.Target); err != nil {
		return item.Made{}, err
	}
	names, err := s.On(tx).items.Resolve(ctx, seat, n.Evidence+"\n\n"+n.Limits)
	if err != nil {
		return item.Made{}, err
	}
	first, err := item.Claim(ctx, tx, seat, n.Request, s.now())
	if err != nil {
		return item.Made{}, err
	}
	if first != nil {
		return *first, nil
	}
	if err := of.open(found); err != nil {
		return item.Made{}, err
	}
	if n.Measured == nil {
		n.Unit = ""
	}
	who, err := s.asked(ctx, tx, seat, found.id, n.Release)
	if err != nil {
		return item.Made{}, err
	}
	made, err := s.items.Add(ctx, tx, seat, item.New{Kind: "claim", Title: of.title(), Body: n.Evidence, Lang: n.Lang, Verb: "claim.make", Request: n.Request, Names: names, Told: who},
		item.InParent(`update criterion c set claims = claims + 1 from item i where c.item_id = @criterion and i.id = c.item_id returning c.claims as n, i.id as parent_id, i.audience`, pgx.NamedArgs{"criterion": found.id}),
		item.Part{Name: "put", SQL: `insert into claim (item_id, community_id, criterion_id, release_id, extent, limits, limits_html, measured, measured_unit, answer_by)
			select id, community_id, @criterion, @release, @extent, @limits, @limits_html, @measured, @unit, @answer_by from made`,
			Args: pgx.NamedArgs{"release": n.Release, "extent": n.Extent, "limits": n.Limits, "limits_html": markup.Render(n.Limits, names.Targets()), "measured": n.Measured, "unit": n.Unit, "answer_by": s.deadline()}},
		item.Part{Name: "moved", SQL: `update item t set active_at = greatest(t.active_at, @at) where t.id = @criterion and exists (select from made) returning t.id`},
		search.Row(n.Limits, n.Evidence))
	if err != nil {
		return made, err
	}
	if err := file.Attach(ctx, tx, seat, made.ID, n.Files); err != nil {
		return made, err
	}
	if err := s.writeToAsked(ctx, tx, who, seat, of.title(), link.Claim(seat.Slug, number, made.Number)); err != nil {
		return made, err
	}
	return made, refulfil(ctx, tx, found.id, s.now())
}

// claimable is a release that somebody claims for, and the target that it is held against.
type claimable struct {
	Product   item.ID
	Name      string // of the product
	Version   string
	State     product.ReleaseState
	Audience  item.Audience
	Community community.ID
	Taken     bool // a claim of it stands already
	Target
}

// claimed is what a claim is about, when the seat may claim it: a release that is not there, or not for this reader, is a problem of its field.
func (s Store) claimed(ctx context.Context, tx pgx.Tx, seat community.Seat, on placed, release item.ID) (claimable, error) {
	var c claimable
	err := tx.QueryRow(ctx, `select p.id, p.title, i.title, r.state, greatest(i.audience, p.audience), i.community_id,
			exists (select from claim k where k.criterion_id = @criterion and k.release_id = r.item_id and k.state <> 'withdrawn')
		from release r join item i on i.id = r.item_id join item p on p.id = r.product_id where r.item_id = @release and i.removed_at is null and p.removed_at is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"release": release, "criterion": on.id})).Scan(&c.Product, &c.Name, &c.Version, &c.State, &c.Audience, &c.Community, &c.Taken)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return c, fmt.Errorf("release %d: %w", release, err)
	}
	if !seat.Can(community.ClaimMet) {
		makes, err := makesIt(ctx, tx, c.Product, seat)
		if err != nil {
			return c, err
		}
		if !makes {
			return c, seat.Must(community.ClaimMet)
		}
	}
	err = tx.QueryRow(ctx, `select measure, comparator, coalesce(target, 0), coalesce(target_to, 0), unit from criterion where community_id = $1 and item_id = $2`, seat.Community, on.id).
		Scan(&c.Measure, &c.Comparator, &c.Value, &c.To, &c.Unit)
	if err != nil {
		return c, fmt.Errorf("target of criterion %d: %w", on.number, err)
	}
	return c, nil
}

// makesIt reports whether the seat's person makes the product; of none, whether the person makes any.
func makesIt(ctx context.Context, tx pgx.Tx, of item.ID, seat community.Seat) (bool, error) {
	if of != 0 {
		return product.Makes(ctx, tx, of, seat.Account)
	}
	makes := false
	err := tx.QueryRow(ctx, `select exists (select from product_maker where account_id = $1 and ended_at is null)`, seat.Account).Scan(&makes)
	if err != nil {
		return false, fmt.Errorf("products of account %d: %w", seat.Account, err)
	}
	return makes, nil
}

// open is nil when the criterion may be claimed for the release. What those may not open who read the criterion cannot be shown to them as what satisfies it.
func (c claimable) open(on placed) error {
	var in fault.Invalid
	switch {
	case !on.state.Standing():
		in.Check(false, "release", "not-standing")
	case c.Product == 0:
		in.Check(false, "release", "choose")
	case c.State != product.Published:
		in.Check(false, "release", "not-published")
	case c.Audience > min(on.audience, item.Programme):
		in.Check(false, "release", "narrower-release")
	case c.Taken:
		in.Check(false, "release", "claimed-already")
	}
	return in.Err()
}

// title names the release: "Heat map 1.2".
func (c claimable) title() string {
	text := []rune(c.Name + " " + c.Version)
	return string(text[:min(len(text), item.MaxTitle)])
}
