package criteria

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// mountLogging is how criteria are taken down, worded and traced to those who asked.
func (h handlers) mountLogging(r chi.Router, door guard.Door) {
	r.Get("/criteria/{criterion}/history", respond.Handle(h.history))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/criteria/log", respond.Handle(h.logPage))
		r.Post("/criteria/log", respond.Handle(h.log))
		r.Get("/criteria/similar", respond.Handle(h.similar))
		r.Get("/criteria/new", respond.Handle(h.newPage))
		r.Post("/criteria/new", respond.Handle(h.raise))
		r.Get("/criteria/{criterion}/edit", respond.Handle(h.editPage))
		r.Post("/criteria/{criterion}/edit", respond.Handle(h.word))
		r.Get("/criteria/{criterion}/sources/new", respond.Handle(h.sourcePage))
		r.Post("/criteria/{criterion}/sources/new", respond.Handle(h.saveSource))
		r.Post("/criteria/{criterion}/need", respond.Handle(h.need))
		r.Post("/criteria/{criterion}/unneed", respond.Handle(h.needNoMore))
		r.Route("/criteria/{criterion}/sources/{source}", func(r chi.Router) {
			r.Get("/edit", respond.Handle(h.sourcePage))
			r.Post("/edit", respond.Handle(h.saveSource))
			r.Get("/remove", respond.Handle(h.removeSourcePage))
			r.Post("/remove", respond.Handle(h.removeSource))
			r.Get("/correct", respond.Handle(h.correctPage))
			r.Post("/correct", respond.Handle(h.correct))
			r.Post("/confirm", respond.Handle(h.confirm))
			r.Post("/deny", respond.Handle(h.deny))
			r.Post("/release", respond.Handle(h.release))
		})
	})
}

// wordForm is a criterion to be raised or worded, as typed.
type wordForm struct {
	Slug, Request                                  string
	Number                                         int // 0: a new one
	Revision                                       int
	Statement, Why, Lang, Audience, Category, Tags string
	Measure, Comparator, Target, To, Unit          string
	Products                                       []string
	Source                                         sourceFields // of a new one
	Private                                        bool
	Preview                                        string
	Categories                                     []criterion.Category
	Offered                                        []product.Option
	Similar                                        []criterion.Alike
	Theirs                                         *criterion.Wording // what stands now, when somebody was faster
	Problems                                       ui.Problems
}

func readWording(r *http.Request, in form.Values) wordForm {
	f := wordForm{Slug: here(r).Seat.Slug, Private: here(r).Seat.Private, Request: in.Request().String(), Statement: in.Text("statement"), Why: in.Body("why"), Lang: in.Text("lang"), Audience: in.Text("audience"), Category: in.Text("category"), Tags: in.Text("tags"),
		Measure: in.Text("measure"), Comparator: in.Text("comparator"), Target: in.Text("target"), To: in.Text("target_to"), Unit: in.Text("unit"), Products: in.Values["products"], Source: readSource(in)}
	f.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	return f
}

// target typed. A number without a comparator, and a comparator without a number, are asked for again.
func (f wordForm) target(in *fault.Invalid) criterion.Target {
	t := criterion.Target{Measure: f.Measure, Comparator: criterion.Comparator(f.Comparator), Unit: f.Unit}
	if t.Comparator == criterion.Open {
		in.Check(f.Target == "" && f.To == "", "comparator", "comparator-missing")
		return t
	}
	t.Value = readNumber(in, "target", f.Target)
	if t.Comparator == criterion.Between {
		t.To = readNumber(in, "target_to", f.To)
	}
	return t
}

// products ticked; what is none is a product that nobody offers, and so refused.
func (f wordForm) products() []item.ID {
	var all []item.ID
	for _, text := range f.Products {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 1 {
			id = math.MaxInt64
		}
		all = append(all, item.ID(id))
	}
	return all
}

// change typed, with what only the page can judge.
func (f wordForm) change() (criterion.Change, error) {
	var in fault.Invalid
	c := criterion.Change{Revision: f.Revision, Statement: f.Statement, Why: f.Why, Lang: locale.Lang(f.Lang), Audience: form.Audience(f.Audience), Category: f.Category, Target: f.target(&in), Products: f.products(), Tags: item.ReadTags(f.Tags)}
	return c, in.Err()
}

// choose fills what the form offers.
func (h handlers) choose(r *http.Request, f *wordForm) error {
	var err error
	if f.Categories, err = h.Criteria.Categories(r.Context(), locale.Of(r.Context())); err != nil {
		return err
	}
	if f.Offered, err = h.Products.Options(r.Context(), here(r).Seat.Reach); err != nil {
		return err
	}
	if f.Number != 0 {
		return nil
	}
	return h.offer(r, &f.Source)
}

// writing is the language in which the reader is likely to write here.
func writing(r *http.Request) string {
	v := here(r)
	for _, l := range v.Account.Languages {
		if l == string(v.Community.Lang) {
			return l
		}
	}
	return string(locale.Of(r.Context()))
}

func (h handlers) newPage(w http.ResponseWriter, r *http.Request) error {
	seat, q := here(r).Seat, r.URL.Query()
	if err := seat.Must(community.Raise); err != nil {
		return err
	}
	f := wordForm{Slug: seat.Slug, Private: seat.Private, Request: uuid.NewString(), Lang: writing(r), Audience: criterion.OpenTo(seat.Private)[0].Word(), Statement: form.Clean(q.Get("statement"), item.MaxTitle)}
	if f.Source.Meeting = form.Clean(q.Get("meeting"), 30); f.Source.Meeting != "" {
		f.Source.Form = string(criterion.FromMeeting)
	}
	if err := h.choose(r, &f); err != nil {
		return err
	}
	var err error
	if f.Similar, err = h.alike(r, f.Statement, f.Lang, 0); err != nil {
		return err
	}
	return respond.OK(w, r, f.page())
}

func (h handlers) raise(w http.ResponseWriter, r *http.Request) error {
	seat := here(r).Seat
	if err := seat.Must(community.Raise); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := readWording(r, in)
	if in.Chosen("act", "preview") || in.Chosen("act", "similar") {
		return h.wordingShown(w, r, f, 0)
	}
	var made item.Made
	if err = in.Err(); err == nil {
		made, err = h.raised(r, f, in.Sent())
	}
	if len(fault.Problems(err)) > 0 {
		return h.wordingAgain(w, r, f, err)
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(f.Slug, made.Number), "criteria.log.notice.raised")
}

func (h handlers) raised(r *http.Request, f wordForm, request uuid.UUID) (item.Made, error) {
	c, err := f.change()
	if err != nil {
		return item.Made{}, err
	}
	source, err := h.sourceOf(r, f.Source)
	if err != nil {
		return item.Made{}, err
	}
	return h.Criteria.Raise(r.Context(), here(r).Seat, criterion.New{Statement: c.Statement, Why: c.Why, Lang: c.Lang, Audience: c.Audience, Category: c.Category, Target: c.Target, Products: c.Products, Tags: c.Tags, Source: source, Request: request})
}

// wordingAgain shows a form that was refused.
func (h handlers) wordingAgain(w http.ResponseWriter, r *http.Request, f wordForm, problems error) error {
	f.Problems = ui.ProblemsOf(r.Context(), problems)
	if err := h.choose(r, &f); err != nil {
		return err
	}
	return respond.Again(w, r, f.page())
}

// wordingShown is the form with a look at how the text will be, and at what is similar.
func (h handlers) wordingShown(w http.ResponseWriter, r *http.Request, f wordForm, but item.ID) error {
	names, err := h.Items.Resolve(r.Context(), here(r).Seat, f.Why)
	if err != nil {
		return err
	}
	f.Preview = markup.Render(f.Why, names.Targets())
	if f.Similar, err = h.alike(r, f.Statement, f.Lang, but); err != nil {
		return err
	}
	if err := h.choose(r, &f); err != nil {
		return err
	}
	return respond.OK(w, r, f.page())
}

// wordingOf is a criterion as it stands, when the seat may change it.
func (h handlers) wordingOf(r *http.Request) (criterion.Wording, wordForm, error) {
	n, err := number(r)
	if err != nil {
		return criterion.Wording{}, wordForm{}, err
	}
	x, err := h.Criteria.Written(r.Context(), here(r).Seat, n)
	if err != nil {
		return x, wordForm{}, err
	}
	f := wordForm{Slug: here(r).Seat.Slug, Private: here(r).Seat.Private, Number: n, Revision: x.Revision, Statement: x.Statement, Why: x.Why, Lang: string(x.Lang), Audience: x.Audience.Word(), Category: x.Category, Tags: strings.Join(x.Tags, ", "),
		Measure: x.Target.Measure, Comparator: string(x.Target.Comparator), Unit: x.Target.Unit}
	if x.Target.Numeric() {
		f.Target = typedAs(r, x.Target.Value)
	}
	if x.Target.Comparator == criterion.Between {
		f.To = typedAs(r, x.Target.To)
	}
	for _, id := range x.Products {
		f.Products = append(f.Products, strconv.FormatInt(int64(id), 10))
	}
	return x, f, nil
}

// typedAs is a number as the reader would type it, in plain digits.
func typedAs(r *http.Request, x float64) string {
	text := criterion.Number(x)
	if locale.Of(r.Context()) != locale.English && !twoReadings.MatchString(text) {
		return strings.Replace(text, ".", ",", 1)
	}
	if twoReadings.MatchString(text) {
		return text + "0" // "1.125" may be read in two ways
	}
	return text
}

func (h handlers) editPage(w http.ResponseWriter, r *http.Request) error {
	_, f, err := h.wordingOf(r)
	if err != nil {
		return err
	}
	if err := h.choose(r, &f); err != nil {
		return err
	}
	return respond.OK(w, r, f.page())
}

func (h handlers) word(w http.ResponseWriter, r *http.Request) error {
	stands, was, err := h.wordingOf(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := readWording(r, in)
	f.Number = was.Number
	if in.Chosen("act", "preview") || in.Chosen("act", "similar") {
		return h.wordingShown(w, r, f, stands.ID)
	}
	var c criterion.Change
	if err = in.Err(); err == nil {
		c, err = f.change()
	}
	if err == nil {
		err = h.Criteria.Word(r.Context(), here(r).Seat, f.Number, c)
	}
	if _, stale := fault.Stale(err); stale {
		f.Theirs, f.Revision = &stands, stands.Revision
		if err := h.choose(r, &f); err != nil {
			return err
		}
		return respond.Page(w, r, http.StatusConflict, f.page())
	}
	if len(fault.Problems(err)) > 0 {
		return h.wordingAgain(w, r, f, err)
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(f.Slug, f.Number), "criteria.log.notice.worded")
}

// wordings is the history of a criterion.
type wordings struct {
	States []item.Revision
	Slug   string
	Number int
}

func (h handlers) history(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	states, err := h.Criteria.History(r.Context(), here(r).Seat, n)
	if err != nil {
		return err
	}
	return respond.OK(w, r, wordings{States: states, Slug: here(r).Seat.Slug, Number: n}.page())
}

func (h handlers) similar(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if err := here(r).Seat.Must(community.Raise); err != nil {
		return err
	}
	alike, err := h.alike(r, form.Clean(q.Get("title"), item.MaxTitle), form.Clean(q.Get("in"), 2), 0)
	if err != nil {
		return err
	}
	return respond.OK(w, r, similarOnes(alike))
}

func (h handlers) alike(r *http.Request, statement, lang string, but item.ID) ([]criterion.Alike, error) {
	return h.Criteria.Similar(r.Context(), here(r).Seat, statement, locale.Lang(lang), but)
}
