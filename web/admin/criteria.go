package admin

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

func (h handlers) mountCriteria(r chi.Router) {
	r.Get(link.AdminCriteria, respond.Handle(h.criteria))
	r.Post(link.AdminCriteria+"/products", respond.Handle(h.offerProducts))
	r.Get(link.AdminCriteria+"/add", respond.Handle(h.addCategoryPage))
	r.Post(link.AdminCriteria+"/add", respond.Handle(h.addCategory))
	r.Get(link.AdminCriteria+"/categories/{category}", respond.Handle(h.categoryPage))
	r.Post(link.AdminCriteria+"/categories/{category}", respond.Handle(h.renameCategory))
	r.Post(link.AdminCriteria+"/categories/{category}/move", respond.Handle(h.moveCategory))
	r.Post(link.AdminCriteria+"/categories/{category}/retire", respond.Handle(h.retireCategory))
}

// categories is the page of what criteria are sorted by, and of whether there are any.
type categories []criterion.KeptCategory

// offered are those that one may choose, in their order; retired the others.
func (all categories) offered() (some []criterion.KeptCategory) {
	for _, c := range all {
		if !c.Retired {
			some = append(some, c)
		}
	}
	return some
}

func (all categories) retired() (some []criterion.KeptCategory) {
	for _, c := range all {
		if c.Retired {
			some = append(some, c)
		}
	}
	return some
}

func (h handlers) criteria(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Criteria.KeptCategories(r.Context(), visit.Of(r.Context()).Account)
	if err != nil {
		return err
	}
	return respond.OK(w, r, categories(all).page())
}

func (h handlers) offerProducts(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	makes := in.Chosen("makes", "yes")
	if !makes && !in.Chosen("makes", "no") {
		return fault.One("makes", "choose")
	}
	if err := h.Communities.OfferProducts(r.Context(), visit.Of(r.Context()).Account, makes); err != nil {
		return err
	}
	said := "admin.notice.products-off"
	if makes {
		said = "admin.notice.products-on"
	}
	return respond.SeeOtherSaying(w, r, link.AdminCriteria, said)
}

// categoryForm is the words of a category, as typed. Key is empty for a new one.
type categoryForm struct {
	Key string
	criterion.CategoryWords
	Problems ui.Problems
}

func (f categoryForm) action() string {
	if f.Key == "" {
		return link.AdminCriteria + "/add"
	}
	return categoryAt(f.Key, "")
}

// categoryAt is the address of a category, or of an act on it.
func categoryAt(key, act string) string {
	if act != "" {
		act = "/" + act
	}
	return link.AdminCriteria + "/categories/" + key + act
}

func (h handlers) addCategoryPage(w http.ResponseWriter, r *http.Request) error {
	return respond.OK(w, r, categoryForm{}.page())
}

func (h handlers) categoryPage(w http.ResponseWriter, r *http.Request) error {
	key := chi.URLParam(r, "category")
	all, err := h.Criteria.KeptCategories(r.Context(), visit.Of(r.Context()).Account)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Key == key {
			return respond.OK(w, r, categoryForm{Key: key, CategoryWords: c.CategoryWords}.page())
		}
	}
	return fmt.Errorf("category %.40q: %w", key, fault.NotFound)
}

func (h handlers) addCategory(w http.ResponseWriter, r *http.Request) error {
	return h.writeCategory(w, r, "", "admin.notice.category-added")
}

func (h handlers) renameCategory(w http.ResponseWriter, r *http.Request) error {
	return h.writeCategory(w, r, chi.URLParam(r, "category"), "admin.notice.saved")
}

func (h handlers) writeCategory(w http.ResponseWriter, r *http.Request, key, said string) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := categoryForm{Key: key, CategoryWords: criterion.CategoryWords{Names: map[locale.Lang]string{}, Hints: map[locale.Lang]string{}}}
	for _, l := range locale.All {
		f.Names[l], f.Hints[l] = in.Text("name-"+string(l)), in.Text("hint-"+string(l))
	}
	by := visit.Of(r.Context()).Account
	if err = in.Err(); err == nil && key == "" {
		err = h.Criteria.AddCategory(r.Context(), by, f.CategoryWords)
	} else if err == nil {
		err = h.Criteria.RenameCategory(r.Context(), by, key, f.CategoryWords)
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.AdminCriteria, said)
}

func (h handlers) moveCategory(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Criteria.MoveCategory(r.Context(), visit.Of(r.Context()).Account, chi.URLParam(r, "category"), in.Chosen("to", "up")); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.AdminCriteria+"#categories")
}

func (h handlers) retireCategory(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Criteria.RetireCategory(r.Context(), visit.Of(r.Context()).Account, chi.URLParam(r, "category"), in.Chosen("retired", "yes")); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.AdminCriteria+"#categories")
}
