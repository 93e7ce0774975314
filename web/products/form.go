package products

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// draft is the form of a product, as typed.
type draft struct {
	Of                                                     string // slug of the product that is changed; empty: a new one
	Home                                                   community.Community
	Owns                                                   bool // may name the makers
	Name, Slug, Form, State, Summary, Body, Lang, Audience string
	Tags, Makers                                           string
	Request                                                string
	Revision                                               int
	Files                                                  []file.File
	Preview                                                string
	Theirs                                                 *product.Whole // what stands now, when somebody was faster
	Problems                                               ui.Problems
}

func (d draft) typed(in form.Values) draft {
	d.Name, d.Slug, d.Form, d.State, d.Summary = in.Text("name"), in.Text("slug"), in.Text("form"), in.Text("state"), in.Text("summary")
	d.Body, d.Lang, d.Audience, d.Tags, d.Makers = in.Body("body"), in.Text("lang"), in.Text("audience"), in.Text("tags"), in.Body("makers")
	d.Request = in.Request().String()
	d.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	return d
}

func (d draft) sheet(files []file.Choice) product.Sheet {
	return product.Sheet{Name: d.Name, Form: product.Form(d.Form), State: product.State(d.State), Summary: d.Summary, Body: d.Body, Lang: locale.Lang(d.Lang), Audience: form.Audience(d.Audience), Tags: item.ReadTags(d.Tags), Files: files}
}

// umbrella is where products belong, with the reader's seat, for who may add to them. Without an umbrella that cannot be done yet.
func (h handlers) umbrella(r *http.Request) (community.Community, community.Seat, error) {
	home, err := h.Products.Home(r.Context())
	if errors.Is(err, fault.NotFound) {
		seat := community.Seat{Account: here(r).Account.ID, Administers: here(r).Account.Administrator}
		return home, seat, seat.Must(community.KeepProducts)
	}
	if err != nil {
		return home, community.Seat{}, err
	}
	seat := seatIn(r, home)
	return home, seat, seat.Must(community.KeepProducts)
}

func (h handlers) newPage(w http.ResponseWriter, r *http.Request) error {
	home, _, err := h.umbrella(r)
	if err != nil {
		return err
	}
	d := draft{Home: home, Owns: true, Form: string(product.Forms[0]), State: string(product.InWork), Lang: string(locale.Of(r.Context())), Audience: product.OpenTo(home.Private())[0].Word(), Request: uuid.NewString()}
	return respond.OK(w, r, d.page())
}

// received is a form with its files, as it came.
type received struct {
	form.Values
	files form.Attached
}

// receive reads a form about an item (0: a new one); who calls it closes it.
func (h handlers) receive(w http.ResponseWriter, r *http.Request, about item.ID) (received, error) {
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return received{}, err
	}
	files, err := form.Attach(r.Context(), h.Files, here(r).Account.ID, about, in)
	if err != nil {
		in.Close()
	}
	return received{in, files}, err
}

// broken is what was wrong with the form before anybody read what it says.
func (in received) broken() error { return errors.Join(in.Err(), in.files.Err) }

func (h handlers) add(w http.ResponseWriter, r *http.Request) error {
	home, seat, err := h.umbrella(r)
	if err != nil {
		return err
	}
	in, err := h.receive(w, r, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	d := draft{Home: home, Owns: true, Files: in.files.Shown}.typed(in.Values)
	if in.Chosen("act", "preview") {
		return h.previewed(w, r, seat, d, in.files.Err)
	}
	made := ""
	if err = in.broken(); err == nil && home.ID == 0 {
		err = fault.One("form", "no-umbrella")
	}
	if err == nil {
		made, err = h.Products.Add(r.Context(), seat, product.New{Sheet: d.sheet(in.files.Chosen), Slug: d.Slug, Makers: product.ReadMakers(d.Makers), Request: in.Sent()})
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Product(made), "products.notice.added")
}

// previewed shows how the description will look, above the form.
func (h handlers) previewed(w http.ResponseWriter, r *http.Request, seat community.Seat, d draft, problems error) (err error) {
	d.Problems = ui.ProblemsOf(r.Context(), problems)
	if d.Preview, err = h.preview(r.Context(), seat, d.Body); err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

func (h handlers) preview(ctx context.Context, seat community.Seat, body string) (string, error) {
	names, err := h.Items.Resolve(ctx, seat, body)
	if err != nil {
		return "", err
	}
	if html := markup.Render(body, names.Targets()); html != "" {
		return html, nil
	}
	return "<p>–</p>", nil
}

// standing is the form of a product as it stands, for who may change it.
func (h handlers) standing(r *http.Request) (draft, product.Whole, community.Seat, error) {
	p, err := h.Products.Read(r.Context(), here(r).Reach, slug(r), locale.Of(r.Context()))
	if err != nil {
		return draft{}, p, community.Seat{}, err
	}
	seat := seatIn(r, p.Home)
	if !mayKeep(r, p.Product) {
		return draft{}, p, seat, seat.Must(community.KeepProducts)
	}
	d := draft{Of: p.Slug, Home: p.Home, Owns: seat.Can(community.KeepProducts), Name: p.Name, Slug: p.Slug, Form: string(p.Form), State: string(p.State), Summary: p.Summary, Body: p.Body, Lang: string(p.Lang),
		Audience: p.Audience.Word(), Tags: strings.Join(p.Tags, ", "), Makers: makersOf(r.Context(), p.Makers), Request: uuid.NewString(), Revision: p.Revision, Files: p.Files}
	return d, p, seat, nil
}

// makersOf are those who make a product now, one on each line, as the form takes them.
func makersOf(ctx context.Context, all []product.Maker) string {
	var lines []string
	for _, m := range all {
		switch {
		case m.EndedAt != nil:
		case m.Account != 0:
			lines = append(lines, "@"+m.Handle)
		default:
			lines = append(lines, locale.Name(ctx, m.Name))
		}
	}
	return strings.Join(lines, "\n")
}

func (h handlers) edit(w http.ResponseWriter, r *http.Request) error {
	d, _, _, err := h.standing(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

func (h handlers) revise(w http.ResponseWriter, r *http.Request) error {
	d, p, seat, err := h.standing(r)
	if err != nil {
		return err
	}
	in, err := h.receive(w, r, p.ID)
	if err != nil {
		return err
	}
	defer in.Close()
	d = d.typed(in.Values)
	d.Files = in.files.Shown
	if in.Chosen("act", "preview") {
		return h.previewed(w, r, seat, d, in.files.Err)
	}
	e := product.Edit{Sheet: d.sheet(in.files.Chosen), Revision: d.Revision}
	if d.Owns {
		e.Makers = product.ReadMakers(d.Makers)
	}
	if err = in.broken(); err == nil {
		err = h.Products.Revise(r.Context(), seat, d.Of, e)
	}
	if _, stale := fault.Stale(err); stale {
		return h.stale(w, r, d)
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Product(d.Of), "products.notice.saved")
}

// stale shows what was typed beside what stands now. Nothing is saved until the writer sends again.
func (h handlers) stale(w http.ResponseWriter, r *http.Request, d draft) error {
	theirs, err := h.Products.Read(r.Context(), here(r).Reach, d.Of, locale.Of(r.Context()))
	if err != nil {
		return err
	}
	d.Theirs, d.Revision = &theirs, theirs.Revision
	return respond.Page(w, r, http.StatusConflict, d.page())
}
