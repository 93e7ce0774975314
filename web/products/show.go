package products

import (
	"net/http"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// shown is the page of a product.
type shown struct {
	product.Whole
	Cities   []asking
	MayKeep  bool // description and releases
	MayOwn   bool // makers and the product itself
	Follow   *ui.Follow
	Problems ui.Problems
}

// asking is a community with what it asks of the product.
type asking struct {
	Slug, Name string
	Criteria   []criterion.OfProduct
	Count      criterion.Count
	MayClaim   bool // the reader, for a release
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	x, err := h.shown(r)
	if err != nil {
		return err
	}
	h.Marks.Read(here(r).Account.ID, x.ID, x.last(), here(r).Now)
	return respond.OK(w, r, x.page())
}

// last is the number of the newest release on the page: what was told of those before is known, too.
func (x shown) last() int {
	n := 0
	for _, r := range x.Releases {
		n = max(n, r.Number)
	}
	return n
}

// shown is the product that an address names, as its page shows it.
func (h handlers) shown(r *http.Request) (shown, error) {
	whole, err := h.Products.Read(r.Context(), here(r).Reach, slug(r), locale.Of(r.Context()))
	if err != nil {
		return shown{}, err
	}
	seat := seatIn(r, whole.Home)
	x := shown{Whole: whole, MayKeep: mayKeep(r, whole.Product), MayOwn: seat.Can(community.KeepProducts)}
	criteria, err := h.Criteria.ForProduct(r.Context(), here(r).Reach, whole.ID, locale.Of(r.Context()))
	if err != nil {
		return x, err
	}
	x.Cities = x.asking(r, criteria)
	if seat.Can(community.FollowItem) {
		l, err := h.Notices.Level(r.Context(), here(r).Account.ID, whole.Home.ID, whole.ID)
		if err != nil {
			return x, err
		}
		x.Follow = &ui.Follow{Action: link.ProductAct(whole.Slug, "follow"), Level: l.Level, From: l.From, Own: l.Own, Above: l.Above, Community: whole.Home.Name(locale.Of(r.Context()))}
	}
	return x, nil
}

// asking parts the criteria by their communities. Who makes the product may claim wherever a criterion can be read, other scientists and coordinators where they belong.
func (x shown) asking(r *http.Request, criteria []criterion.OfProduct) []asking {
	claims := map[string]bool{}
	for _, b := range here(r).Belongings {
		claims[b.Slug] = b.Role == "coordinator" || b.Perspective == community.Scientist
	}
	var all []asking
	for _, c := range criteria {
		if len(all) == 0 || all[len(all)-1].Slug != c.City {
			all = append(all, asking{Slug: c.City, Name: c.CityName, MayClaim: x.Makes || claims[c.City]})
		}
		all[len(all)-1].Criteria = append(all[len(all)-1].Criteria, c)
	}
	for n := range all {
		all[n].Count = criterion.CountOf(all[n].Criteria)
	}
	return all
}

func (h handlers) history(w http.ResponseWriter, r *http.Request) error {
	whole, err := h.Products.Read(r.Context(), here(r).Reach, slug(r), locale.Of(r.Context()))
	if err != nil {
		return err
	}
	states, err := h.Products.History(r.Context(), seatIn(r, whole.Home), whole.Slug)
	if err != nil {
		return err
	}
	return respond.OK(w, r, pastPage(whole.Product, states))
}

// remove takes a product away that was added by mistake.
func (h handlers) remove(w http.ResponseWriter, r *http.Request) error {
	x, err := h.shown(r)
	if err != nil {
		return err
	}
	if err := seatIn(r, x.Home).Must(community.KeepProducts); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err = sure(in); err == nil {
		err = h.Products.Remove(r.Context(), seatIn(r, x.Home), x.Slug)
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Products, "products.notice.removed")
}

// sure is nil when the box beside a button that takes something away was ticked.
func sure(in form.Values) error {
	if in.Chosen("sure", "yes") {
		return nil
	}
	return fault.One("sure", "not-sure")
}

func (h handlers) follow(w http.ResponseWriter, r *http.Request) error {
	whole, err := h.Products.Read(r.Context(), here(r).Reach, slug(r), locale.Of(r.Context()))
	if err != nil {
		return err
	}
	seat := seatIn(r, whole.Home)
	if err := seat.Must(community.FollowItem); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	level := in.Get("level")
	switch {
	case level == ui.Inherit:
		level = ""
	case level == "":
		return fault.One("level", "choose")
	}
	if _, err := h.Notices.FollowItem(r.Context(), seat, "product", whole.Number, level); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Product(whole.Slug), "follow.notice.saved")
}

// released is the page of a release.
type released struct {
	product.Release
	Of       product.Product
	Claims   []criterion.OfRelease
	MayKeep  bool
	Problems ui.Problems
}

func (h handlers) release(w http.ResponseWriter, r *http.Request) error {
	x, err := h.released(r)
	if err != nil {
		return err
	}
	h.Marks.Read(here(r).Account.ID, x.Of.ID, x.Number, here(r).Now)
	return respond.OK(w, r, x.page())
}

func (h handlers) released(r *http.Request) (released, error) {
	whole, err := h.Products.Read(r.Context(), here(r).Reach, slug(r), locale.Of(r.Context()))
	if err != nil {
		return released{}, err
	}
	x := released{Of: whole.Product, MayKeep: mayKeep(r, whole.Product)}
	if x.Release, err = whole.Release(releaseSlug(r)); err != nil {
		return x, err
	}
	x.Claims, err = h.Criteria.ForRelease(r.Context(), here(r).Reach, x.ID, locale.Of(r.Context()))
	return x, err
}

// kept is the release that an address names, for who may change it.
func (h handlers) kept(r *http.Request) (released, community.Seat, error) {
	x, err := h.released(r)
	if err != nil {
		return x, community.Seat{}, err
	}
	seat := seatIn(r, x.Of.Home)
	if !x.MayKeep {
		return x, seat, seat.Must(community.KeepProducts)
	}
	return x, seat, nil
}

// voiceOf a maker for the reader.
func voiceOf(m product.Maker) ui.Voice {
	v := ui.Voice{Name: m.Name, Organisation: m.Organisation, Perspective: m.Perspective}
	if m.Number > 0 {
		v.Href = link.Member(m.City, m.Number)
	}
	return v
}

// public reports whether everybody may read what is open to an audience.
func public(a item.Audience) bool { return a == item.Public }
