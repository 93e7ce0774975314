package products

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// releaseDraft is the form of a release, as typed.
type releaseDraft struct {
	Of                             product.Product
	Release                        string // slug of the release that is changed; empty: a new one
	Version, State, Due, Published string
	Body, Limits, Lang, Request    string
	Links                          []product.Link // product.MaxLinks rows
	Revision                       int
	Files                          []file.File
	Preview                        string
	Theirs                         *product.Release // what stands now, when somebody was faster
	Problems                       ui.Problems
}

func (d releaseDraft) typed(in form.Values) releaseDraft {
	d.Version, d.Due, d.Published, d.Body, d.Limits, d.Lang = in.Text("version"), in.Text("due_on"), in.Text("published_on"), in.Body("body"), in.Body("limits"), in.Text("lang")
	if d.Release == "" {
		d.State = in.Text("state")
	}
	for n := range product.MaxLinks {
		d.Links[n] = product.Link{Label: in.Text("label-" + strconv.Itoa(n+1)), URL: in.Text("url-" + strconv.Itoa(n+1))}
	}
	d.Request = in.Request().String()
	d.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	return d
}

func (d releaseDraft) paper(files []file.Choice) product.Paper {
	return product.Paper{Version: d.Version, Notes: d.Body, Limits: d.Limits, Lang: locale.Lang(d.Lang), Links: d.Links, Files: files}
}

// days are the typed days of the release; the one that its state does not have is left out.
func (d releaseDraft) days() (due, published *time.Time, err error) {
	switch product.ReleaseState(d.State) {
	case product.Planned:
		due, err = form.Day("due_on", d.Due)
	case product.Published:
		published, err = form.Day("published_on", d.Published)
	}
	return due, published, err
}

// keeping is the product that an address names, for who may add releases to it.
func (h handlers) keeping(r *http.Request) (product.Whole, community.Seat, error) {
	p, err := h.Products.Read(r.Context(), here(r).Reach, slug(r), locale.Of(r.Context()))
	if err != nil {
		return p, community.Seat{}, err
	}
	seat := seatIn(r, p.Home)
	if !mayKeep(r, p.Product) {
		return p, seat, seat.Must(community.KeepProducts)
	}
	return p, seat, nil
}

func (h handlers) newRelease(w http.ResponseWriter, r *http.Request) error {
	p, _, err := h.keeping(r)
	if err != nil {
		return err
	}
	d := releaseDraft{Of: p.Product, State: string(product.Planned), Lang: string(p.Lang), Request: uuid.NewString(), Links: make([]product.Link, product.MaxLinks)}
	return respond.OK(w, r, d.page())
}

func (h handlers) addRelease(w http.ResponseWriter, r *http.Request) error {
	p, seat, err := h.keeping(r)
	if err != nil {
		return err
	}
	in, err := h.receive(w, r, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	d := releaseDraft{Of: p.Product, Links: make([]product.Link, product.MaxLinks), Files: in.files.Shown}.typed(in.Values)
	if in.Chosen("act", "preview") {
		return h.previewedRelease(w, r, seat, d, in.files.Err)
	}
	made := ""
	due, published, err := d.days()
	if err == nil {
		err = in.broken()
	}
	if err == nil {
		made, err = h.Products.AddRelease(r.Context(), seat, p.Slug, product.NewRelease{Paper: d.paper(in.files.Chosen), State: product.ReleaseState(d.State), DueOn: due, PublishedOn: published, Request: in.Sent()})
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Release(p.Slug, made), "products.notice.release-added")
}

func (h handlers) previewedRelease(w http.ResponseWriter, r *http.Request, seat community.Seat, d releaseDraft, problems error) (err error) {
	d.Problems = ui.ProblemsOf(r.Context(), problems)
	if d.Preview, err = h.preview(r.Context(), seat, d.Body); err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

func draftOf(x released) releaseDraft {
	d := releaseDraft{Of: x.Of, Release: x.Slug, Version: x.Version, State: string(x.State), Due: form.DayText(x.DueOn), Published: form.DayText(x.PublishedOn), Body: x.Notes, Limits: x.Limits, Lang: string(x.Lang), Request: uuid.NewString(),
		Revision: x.Revision, Files: x.Files, Links: make([]product.Link, product.MaxLinks)}
	copy(d.Links, x.Links)
	return d
}

func (h handlers) editRelease(w http.ResponseWriter, r *http.Request) error {
	x, _, err := h.kept(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, draftOf(x).page())
}

func (h handlers) reviseRelease(w http.ResponseWriter, r *http.Request) error {
	x, seat, err := h.kept(r)
	if err != nil {
		return err
	}
	in, err := h.receive(w, r, x.ID)
	if err != nil {
		return err
	}
	defer in.Close()
	d := draftOf(x).typed(in.Values)
	d.Files = in.files.Shown
	if in.Chosen("act", "preview") {
		return h.previewedRelease(w, r, seat, d, in.files.Err)
	}
	due, published, err := d.days()
	if err == nil {
		err = in.broken()
	}
	if err == nil {
		err = h.Products.ReviseRelease(r.Context(), seat, x.Of.Slug, x.Slug, product.EditRelease{Paper: d.paper(in.files.Chosen), Revision: d.Revision, DueOn: due, PublishedOn: published})
	}
	if _, stale := fault.Stale(err); stale {
		now, err := h.released(r)
		if err != nil {
			return err
		}
		d.Theirs, d.Revision = &now.Release, now.Revision
		return respond.Page(w, r, http.StatusConflict, d.page())
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Release(x.Of.Slug, x.Slug), "products.notice.release-saved")
}

// step is the form of a change of state: Act is "publish" or "withdraw", Value the day or the reason.
type step struct {
	released
	Act, Value string
}

func (h handlers) publishPage(w http.ResponseWriter, r *http.Request) error {
	x, _, err := h.kept(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, step{x, "publish", h.Now().In(x.Of.Home.Location()).Format(time.DateOnly)}.page())
}

func (h handlers) withdrawPage(w http.ResponseWriter, r *http.Request) error {
	x, _, err := h.kept(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, step{x, "withdraw", ""}.page())
}

func (h handlers) publish(w http.ResponseWriter, r *http.Request) error {
	return h.step(w, r, "publish", "published_on", func(x step, seat community.Seat) error {
		on, err := form.Day("published_on", x.Value)
		if err != nil {
			return err
		}
		return h.Products.Publish(r.Context(), seat, x.Of.Slug, x.Slug, on)
	})
}

func (h handlers) withdraw(w http.ResponseWriter, r *http.Request) error {
	return h.step(w, r, "withdraw", "reason", func(x step, seat community.Seat) error {
		return h.Products.Withdraw(r.Context(), seat, x.Of.Slug, x.Slug, x.Value, h.Criteria.RefulfilRelease)
	})
}

// step changes the state of a release by what was typed into its one field.
func (h handlers) step(w http.ResponseWriter, r *http.Request, act, field string, do func(step, community.Seat) error) error {
	x, seat, err := h.kept(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	s := step{x, act, in.Text(field)}
	if err = in.Err(); err == nil {
		err = do(s, seat)
	}
	if len(fault.Problems(err)) > 0 {
		s.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, s.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Release(x.Of.Slug, x.Slug), "products.notice."+act)
}

// removeRelease takes a planned release away that will not come.
func (h handlers) removeRelease(w http.ResponseWriter, r *http.Request) error {
	x, seat, err := h.kept(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err = sure(in); err == nil {
		err = h.Products.RemoveRelease(r.Context(), seat, x.Of.Slug, x.Slug)
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Product(x.Of.Slug), "products.notice.release-removed")
}
