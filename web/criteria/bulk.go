package criteria

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// bulkForm is one act on the rows that were ticked, as typed.
type bulkForm struct {
	Request, Act, Category, Product, On, Meeting, Reason string
	Chosen                                               map[int]bool
}

// choice is what a ticked row sends: the criterion as it stood on the page.
func choice(r criterion.RegisterRow) string {
	return strconv.Itoa(r.Number) + "." + strconv.Itoa(r.Revision) + "." + string(r.State)
}

func readChoices(sent []string) []criterion.Chosen {
	var all []criterion.Chosen
	for _, text := range sent {
		parts := strings.Split(text, ".")
		if len(parts) != 3 {
			continue
		}
		number, err := strconv.ParseInt(parts[0], 10, 32)
		revision, err2 := strconv.ParseInt(parts[1], 10, 32)
		if err == nil && err2 == nil {
			all = append(all, criterion.Chosen{Number: int(number), Revision: int(revision), State: criterion.State(parts[2])})
		}
	}
	return all
}

func (h handlers) changeTogether(w http.ResponseWriter, r *http.Request) error {
	seat := here(r).Seat
	if !seat.Can(community.Judge) {
		if err := seat.Must(community.Word); err != nil {
			return err
		}
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := bulkForm{Request: in.Request().String(), Act: in.Text("act"), Category: in.Text("to_category"), Product: in.Text("to_product"), On: in.Text("on"), Meeting: in.Text("in_meeting"), Reason: in.Text("reason"), Chosen: map[int]bool{}}
	chosen := readChoices(in.Values["chosen"])
	for _, c := range chosen {
		f.Chosen[c.Number] = true
	}
	x, err := h.registerList(r, readRegister(r))
	if err != nil {
		return err
	}
	if err = in.Err(); err == nil {
		_, err = h.Criteria.ChangeTogether(r.Context(), seat, f.together(x, chosen))
	}
	if len(fault.Problems(err)) > 0 {
		x.Bulk, x.Problems = f, ui.ProblemsOf(r.Context(), err).Rename("category", "to_category").Rename("product", "to_product").Rename("meeting", "in_meeting")
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, backTo(link.Criteria(seat.Slug), r.URL.Query()), "criteria.notice.together")
}

func backTo(address string, query url.Values) string {
	if q := query.Encode(); q != "" {
		return address + "?" + q
	}
	return address
}

// together is what was typed; a day or a meeting that is none is refused by the store at its own field.
func (f bulkForm) together(x registerList, chosen []criterion.Chosen) criterion.Together {
	t := criterion.Together{Act: criterion.Act(f.Act), Chosen: chosen, Category: f.Category, Step: criterion.Step{Reason: f.Reason}, Request: uuid.MustParse(f.Request)}
	if f.Category == criterion.NoCategory {
		t.Category = ""
	}
	for _, p := range x.Products {
		if p.Slug == f.Product {
			t.Product = p.ID
		}
	}
	if t.Act == criterion.AgreeOn {
		if on, err := time.Parse(time.DateOnly, f.On); err == nil && on.Year() >= 1970 && on.Year() <= 2200 {
			t.Step.On = on
		}
		if f.Meeting != "" {
			t.Step.Meeting = -1 // no meeting has it
			if n := upTo(strings.TrimPrefix(strings.ToUpper(f.Meeting), "M-"), 1_000_000); n > 0 {
				t.Step.Meeting = n
			}
		}
	}
	return t
}
