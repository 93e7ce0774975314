package repertoire

import (
	"context"
	"strconv"
	"strings"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// sumOfUses tells how an entry was used, in one sentence.
func sumOfUses(ctx context.Context, e practice.Evidence) string {
	all := e.Total()
	var answers []string
	for _, a := range []struct {
		again practice.Again
		n     int
	}{{practice.UseAgain, all.Yes}, {practice.UseChanged, all.Changed}, {practice.UseNotAgain, all.Not}} {
		if a.n > 0 {
			answers = append(answers, locale.N(ctx, "entry.use.would."+string(a.again), a.n))
		}
	}
	return locale.T(ctx, "entry.use.sum", "times", locale.N(ctx, "entry.use.times", all.Uses), "cities", locale.N(ctx, "entry.use.cities", len(e.ByCity)), "answers", strings.Join(answers, ", "))
}

// nameOfCity is a community's name, or what stands for one that the reader may not know of.
func nameOfCity(ctx context.Context, city string) string {
	if city == "" {
		return locale.T(ctx, "entry.use.another")
	}
	return city
}

// cityFilter is the value by which a list of reports shows those of a community.
func cityFilter(c practice.CityUse) string {
	if c.Slug == "" {
		return practice.OtherCities
	}
	return c.Slug
}

func mostUses(all []practice.CityUse) int {
	most := 1
	for _, c := range all {
		most = max(most, c.Uses)
	}
	return most
}

// usePiece is a stretch of a bar.
type usePiece struct {
	Again      practice.Again
	From, Wide int
}

// useBars are the stretches of a bar 240 wide, when the longest one stands for most.
func useBars(c practice.CityUse, most int) []usePiece {
	var all []usePiece
	sum := 0
	for _, a := range []struct {
		again practice.Again
		n     int
	}{{practice.UseAgain, c.Yes}, {practice.UseChanged, c.Changed}, {practice.UseNotAgain, c.Not}} {
		from := sum * 240 / most
		sum += a.n
		if a.n > 0 {
			all = append(all, usePiece{Again: a.again, From: from, Wide: max(sum*240/most-from, 1)})
		}
	}
	return all
}

func agains(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, a := range practice.Agains {
		all = append(all, ui.Option{Value: string(a), Label: locale.T(ctx, "entry.use.again."+string(a))})
	}
	return all
}

// where something was used, and when.
func (u useReport) where(ctx context.Context) string {
	where := nameOfCity(ctx, u.City)
	if u.Place != "" {
		where = u.Place + ", " + where
	}
	if u.UsedOn != nil {
		where += ", " + locale.Day(ctx, *u.UsedOn)
	}
	return where
}

func (u useReport) voiceLink() string {
	if u.Member == 0 {
		return ""
	}
	return link.Member(u.Use.Slug, u.Member)
}

func (u useReport) act(act string) string {
	return link.EntryAct(u.Slug, u.Number, "uses/"+strconv.Itoa(u.N)+"/"+act)
}

func mayModerate(ctx context.Context) bool { return visit.Of(ctx).Seat.Can(community.Moderate) }

func (u usage) heading(ctx context.Context) string {
	if u.N == 0 {
		return locale.T(ctx, "entry.use.report")
	}
	return locale.T(ctx, "entry.use.edit")
}

// useCrumbs lead from a page about an entry back to it.
func useCrumbs(ctx context.Context, slug string, e practice.UsedEntry) []ui.Crumb {
	return append(crumbs(slug, locale.T(ctx, "ui.section.repertoire")), ui.Crumb{Text: "E-" + strconv.Itoa(e.Number), Href: link.Entry(slug, e.Number, e.Title)})
}

func (t usesPage) pager() ui.Pager {
	var p ui.Pager
	if t.Newer > 0 {
		p.Newer = t.at(t.City, "after", t.Newer)
	}
	if t.Older > 0 {
		p.Older = t.at(t.City, "before", t.Older)
	}
	return p
}
