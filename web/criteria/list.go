package criteria

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// mountRegister mounts the register of a community, with what goes in and out of it.
func (h handlers) mountRegister(r chi.Router, door guard.Door) {
	r.Get("/criteria", respond.Handle(h.register))
	r.Get("/criteria.{format:json|csv|xlsx}", respond.Handle(h.registerAs))
	r.Get("/criteria/annex", respond.Handle(h.annex))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Post("/criteria", respond.Handle(h.changeTogether))
		r.Get("/criteria/import", respond.Handle(h.importForm))
		r.Post("/criteria/import", respond.Handle(h.importFile))
	})
}

// registerList is one page of the register of criteria.
type registerList struct {
	criterion.RegisterPage
	Filter     criterion.Register
	Slug       string
	Categories []criterion.Category
	Products   []product.Option
	Bulk       bulkForm
	Problems   ui.Problems
}

// readRegister is what an address asks to see. What it does not know it leaves out.
func readRegister(r *http.Request) criterion.Register {
	q := r.URL.Query()
	f := criterion.Register{Show: q.Get("show"), Category: form.Clean(q.Get("category"), 40), Product: form.Clean(q.Get("product"), 60), Perspective: community.Perspective(q.Get("perspective")),
		Fulfilment: criterion.Fulfilment(q.Get("fulfilment")), Words: form.Clean(q.Get("q"), 120), Unsourced: q.Get("unsourced") == "yes", Sort: q.Get("sort"), Before: form.Clean(q.Get("before"), 120)}
	f.Meeting = upTo(strings.TrimPrefix(strings.ToUpper(form.Clean(q.Get("meeting"), 12)), "M-"), 1_000_000)
	f.Least = upTo(q.Get("least"), 9)
	if f.Show != criterion.ShowAll && !slices.Contains(criterion.States, criterion.State(f.Show)) {
		f.Show = criterion.ShowStanding
	}
	if f.Perspective != community.Stakeholder && f.Perspective != community.Scientist {
		f.Perspective = ""
	}
	if !slices.Contains(criterion.Fulfilments, f.Fulfilment) {
		f.Fulfilment = ""
	}
	if !slices.Contains(criterion.Sorts, f.Sort) {
		f.Sort = ""
	}
	return f
}

func upTo(typed string, most int) int {
	n, err := strconv.Atoi(typed)
	if err != nil || n < 1 || n > most {
		return 0
	}
	return n
}

func (h handlers) registerList(r *http.Request, f criterion.Register) (registerList, error) {
	x := registerList{Filter: f, Slug: here(r).Seat.Slug}
	var err error
	if x.RegisterPage, err = h.Criteria.Register(r.Context(), here(r).Seat, f); err != nil {
		return x, err
	}
	if x.Categories, err = h.Criteria.Categories(r.Context(), locale.Of(r.Context())); err != nil {
		return x, err
	}
	x.Products, err = h.Products.Options(r.Context(), here(r).Seat.Reach)
	x.Bulk = bulkForm{Request: uuid.NewString(), On: h.Now().In(here(r).Community.Location()).Format(time.DateOnly), Chosen: map[int]bool{}}
	return x, err
}

func (h handlers) register(w http.ResponseWriter, r *http.Request) error {
	x, err := h.registerList(r, readRegister(r))
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// at is the address of the register with the same filters but one; a page of it begins anew.
func (x registerList) at(name, value string) string {
	f := x.Filter
	values := map[string]string{"show": f.Show, "category": f.Category, "product": f.Product, "perspective": string(f.Perspective), "meeting": digits(f.Meeting), "least": digits(f.Least),
		"fulfilment": string(f.Fulfilment), "q": f.Words, "unsourced": yes(f.Unsourced), "sort": f.Sort}
	values[name] = value
	var pairs []string
	for _, name := range []string{"show", "category", "product", "perspective", "meeting", "least", "fulfilment", "q", "unsourced", "sort", "before"} {
		pairs = append(pairs, name, values[name])
	}
	return link.With(link.Criteria(x.Slug), pairs...)
}

func digits(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func (x registerList) older() string {
	if x.Older == "" {
		return ""
	}
	return x.at("before", x.Older)
}

// annexAt is the annex with the same filters.
func (x registerList) annexAt() string {
	path, query, _ := strings.Cut(x.at("before", ""), "?")
	return strings.TrimSuffix(path+"/annex?"+query, "?")
}

// tabs are the states with what the filters find in each.
func (x registerList) tabs(ctx context.Context) []ui.Tab {
	all := 0
	for _, n := range x.Counts {
		all += n
	}
	tabs := []ui.Tab{{Text: locale.T(ctx, "criteria.list.standing"), Href: x.at("show", ""), Current: x.Filter.Show == "", Count: x.Counts[criterion.Raised] + x.Counts[criterion.Agreed]}}
	for _, s := range criterion.States {
		if x.Counts[s] > 0 || x.Filter.Show == string(s) {
			tabs = append(tabs, ui.Tab{Text: locale.T(ctx, "criteria.state."+string(s)), Href: x.at("show", string(s)), Current: x.Filter.Show == string(s), Count: x.Counts[s]})
		}
	}
	return append(tabs, ui.Tab{Text: locale.T(ctx, "criteria.list.all"), Href: x.at("show", criterion.ShowAll), Current: x.Filter.Show == criterion.ShowAll, Count: all})
}

// sorts are the orders of the list, as words in a row.
func (x registerList) sorts(ctx context.Context) []ui.Tag {
	var tags []ui.Tag
	for _, s := range criterion.Sorts {
		name := s
		if name == "" {
			name = "number"
		}
		tags = append(tags, ui.Tag{Name: locale.T(ctx, "criteria.list.sort."+name), Href: x.at("sort", s), Current: x.Filter.Sort == s})
	}
	return tags
}

func (x registerList) alternates() []ui.Alternate {
	address := x.at("before", "")
	return []ui.Alternate{{Kind: "json", Href: link.As(address, "json")}, {Kind: "csv", Href: link.As(address, "csv")}, {Kind: "xlsx", Href: link.As(address, "xlsx")}}
}

// any puts the choice of nothing before options.
func anyOf(ctx context.Context, options ...ui.Option) []ui.Option {
	return append([]ui.Option{{Label: locale.T(ctx, "criteria.list.any")}}, options...)
}

func (x registerList) categoryOptions() []ui.Option {
	var all []ui.Option
	for _, c := range x.Categories {
		if !c.Retired || c.Key == x.Filter.Category {
			all = append(all, ui.Option{Value: c.Key, Label: c.Name})
		}
	}
	return all
}

func (x registerList) productOptions() []ui.Option {
	var all []ui.Option
	for _, p := range x.Products {
		all = append(all, ui.Option{Value: p.Slug, Label: p.Title})
	}
	return all
}

func (x registerList) meetingOptions(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, m := range x.Meetings {
		label := "M-" + strconv.Itoa(m.Number) + " " + m.Title
		if m.StartsAt != nil {
			label += ", " + locale.Day(ctx, m.StartsAt.In(ui.Zone(ctx)))
		}
		all = append(all, ui.Option{Value: strconv.Itoa(m.Number), Label: label})
	}
	return all
}

func askerOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: "stakeholder", Label: locale.T(ctx, "perspective.stakeholder")}, {Value: "scientist", Label: locale.T(ctx, "perspective.scientist")}}
}

func fulfilmentOptions(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, f := range criterion.Fulfilments {
		all = append(all, ui.Option{Value: string(f), Label: locale.T(ctx, "criteria.fulfilment."+string(f))})
	}
	return all
}

func leastOptions(ctx context.Context) []ui.Option {
	var all []ui.Option
	for n := 9; n >= 2; n-- {
		all = append(all, ui.Option{Value: strconv.Itoa(n), Label: locale.T(ctx, "criteria.list.at-least", "n", n)})
	}
	return all
}
