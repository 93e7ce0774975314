package criteria

import (
	"context"
	"errors"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountClaims(r chi.Router, door guard.Door) {
	r.Get("/criteria/{criterion}/claims/{claim:[1-9][0-9]*}.json", respond.Handle(h.claimAs))
	r.Get("/criteria/{criterion}/claims/{claim}", respond.Handle(h.claim))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/criteria/{criterion}/claims/new", respond.Handle(h.newClaim))
		r.Post("/criteria/{criterion}/claims/new", respond.Handle(h.makeClaim))
		r.Post("/criteria/{criterion}/claims/{claim}/answer", respond.Handle(h.answerClaim))
		r.Get("/criteria/{criterion}/claims/{claim}/withdraw", respond.Handle(h.withdrawClaimPage))
		r.Post("/criteria/{criterion}/claims/{claim}/withdraw", respond.Handle(h.withdrawClaim))
		r.Post("/criteria/{criterion}/claims/{claim}/reopen", respond.Handle(h.reopenClaim))
	})
}

// claimForm is a claim to be made, as typed.
type claimForm struct {
	criterion.Criterion
	Slug     string
	Releases []criterion.ReleaseOption
	Release  string
	Extent   string
	Evidence string
	Measured string
	Unit     string
	Limits   string
	Written  string // language
	Request  string
	Files    []file.File
	Preview  string
	Problems ui.Problems
}

// openClaimForm is the form with the releases that the reader may claim for.
func (h handlers) openClaimForm(r *http.Request) (claimForm, error) {
	n, err := number(r)
	if err != nil {
		return claimForm{}, err
	}
	f := claimForm{Slug: here(r).Seat.Slug, Extent: string(criterion.Fully), Request: uuid.NewString()}
	f.Criterion, f.Releases, err = h.Criteria.ReleasesToClaim(r.Context(), here(r).Seat, n)
	f.Unit, f.Written = f.Target.Unit, string(f.Lang)
	return f, err
}

func (h handlers) newClaim(w http.ResponseWriter, r *http.Request) error {
	f, err := h.openClaimForm(r)
	if err != nil {
		return err
	}
	f.Release = f.named(r.URL.Query().Get("release"))
	if f.Release == "" && len(f.Releases) == 1 {
		f.Release = idText(f.Releases[0].ID)
	}
	return respond.OK(w, r, f.page())
}

// named is the release that an address names, by its id or as "heat-map/1-2"; empty when it is not offered.
func (f claimForm) named(text string) string {
	for _, o := range f.Releases {
		if text == o.Product+"/"+o.Slug || text == idText(o.ID) {
			return idText(o.ID)
		}
	}
	return ""
}

func idText(id item.ID) string { return strconv.FormatInt(int64(id), 10) }

func (h handlers) makeClaim(w http.ResponseWriter, r *http.Request) error {
	f, err := h.openClaimForm(r)
	if err != nil {
		return err
	}
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return err
	}
	defer in.Close()
	files, err := form.Attach(r.Context(), h.Attached, here(r).Account.ID, 0, in)
	if err != nil {
		return err
	}
	f.Release, f.Extent, f.Evidence, f.Measured, f.Unit = in.Text("release"), in.Text("extent"), in.Body("evidence"), in.Text("measured"), in.Text("unit")
	f.Limits, f.Written, f.Request, f.Files = in.Body("limits"), in.Text("lang"), in.Request().String(), files.Shown
	if in.Chosen("act", "preview") {
		f.Problems = ui.ProblemsOf(r.Context(), files.Err)
		if f.Preview, err = h.claimPreview(r, f.Evidence); err != nil {
			return err
		}
		return respond.OK(w, r, f.page())
	}
	made := item.Made{}
	if err = errors.Join(in.Err(), files.Err); err == nil {
		made, err = h.Criteria.Claim(r.Context(), here(r).Seat, f.Number, f.claim(r.Context(), files.Chosen))
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Claim(f.Slug, f.Number, made.Number), "claims.notice.made")
}

// claim is what was typed, as the store takes it.
func (f claimForm) claim(ctx context.Context, files []file.Choice) criterion.NewClaim {
	release, _ := strconv.ParseInt(f.Release, 10, 64) // what is no id is no release
	return criterion.NewClaim{Release: item.ID(release), Extent: criterion.Extent(f.Extent), Evidence: f.Evidence, Limits: f.Limits, Measured: measuredOf(ctx, f.Measured), Unit: f.Unit, Lang: locale.Lang(f.Written),
		Files: files, Request: uuid.MustParse(f.Request)}
}

var grouped = regexp.MustCompile(`^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$`)

// measuredOf a number as people type it; nil when nothing was typed, not a number where it is none. A comma is the decimal mark, but for the thousands of English.
func measuredOf(ctx context.Context, text string) *float64 {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "", "\u2212", "-").Replace(text)
	if text == "" {
		return nil
	}
	if locale.Of(ctx) == locale.English && grouped.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	x, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil {
		x = math.NaN()
	}
	return &x
}

func (h handlers) claimPreview(r *http.Request, body string) (string, error) {
	names, err := h.Items.Resolve(r.Context(), here(r).Seat, body)
	if err != nil {
		return "", err
	}
	if html := markup.Render(body, names.Targets()); html != "" {
		return html, nil
	}
	return "<p>–</p>", nil
}
