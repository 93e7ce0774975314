package repertoire_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// shelf is the demonstration with entries in Basel: E-4 that everybody reads, and in Heraklion and London one each.
func shelf(t *testing.T) (*webtest.Site, map[string]string) {
	t.Helper()
	s := webtest.New(t)
	at := map[string]string{}
	for _, e := range []struct{ city, who, form, title, audience string }{
		{"basel", "regula-ammann", "method", "Vines on wires", "1"}, {"basel", "regula-ammann", "problem", "Maps disagree", "0"}, {"basel", "regula-ammann", "method", "Only for Basel", "2"},
		{"heraklion", "eleni-markaki", "case", "Shade over the market street", "1"},
	} {
		var number int
		err := s.DB.QueryRow(t.Context(), `with c as (select id from community where slug = $1), a as (select id from account where handle = $2),
			n as (insert into counter (community_id, series, n) select id, 'entry', 1 from c on conflict (community_id, series) do update set n = counter.n + 1 returning n),
			made as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) select c.id, 'entry', n.n, $4, 'en', a.id, $5::text::int, now(), now(), now() from c, a, n returning *),
			texted as (insert into item_text (item_id, body, html, renderer) select id, '', '<p>How it is done.</p>', 1 from made),
			found as (insert into item_search (item_id, community_id, audience, kind, lang, at, search) select id, community_id, audience, kind, lang, created_at, setweight(to_tsvector('public.k_en', title), 'A') from made),
			e as (insert into entry (item_id, community_id, form, fields, shared_at) select id, community_id, $3, case $3 when 'method' then '{"use": "Where a tree has no room.", "steps": "Stretch the wires."}' else '{}' end::jsonb, now() from made)
			select number from made`, e.city, e.who, e.form, e.title, e.audience).Scan(&number)
		if err != nil {
			t.Fatal(err)
		}
		at[e.title] = fmt.Sprintf("/c/%s/repertoire/%d", e.city, number)
	}
	return s, at
}

func idOf(t *testing.T, s *webtest.Site, slug string) string {
	t.Helper()
	var id int64
	if err := s.DB.QueryRow(context.Background(), `select id from community where slug = $1`, slug).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return strconv.FormatInt(id, 10)
}

func TestAMemberOfAnotherCityUsedItAndItsAuthorSeesIt(t *testing.T) {
	t.Parallel()
	s, at := shelf(t)
	vines, heraklion := at["Vines on wires"], idOf(t, s, "heraklion")
	eleni, regula, beat, urs := s.As(t, "eleni-markaki"), s.As(t, "regula-ammann"), s.As(t, "beat-hollenstein"), s.As(t, "urs-dettwiler")
	page := eleni.Get(vines+"-vines-on-wires").Sees(t, 200, "Used it here", "Adapt to my city", `<option value="`+heraklion+`" selected>Heraklion</option>`)
	request := regexp.MustCompile(`name="request" value="([^"]+)"`).FindStringSubmatch(page.Body)[1]
	eleni.Post(vines+"/use", "used-in", heraklion, "used-outcome", "It <b>held</b> through August.", "used-on", "2199-01-01", "used-again", "yes", "used-lang", "en").Sees(t, 422, "This day has not come yet.", "It &lt;b&gt;held&lt;/b&gt; through August.")
	eleni.Post(vines+"/use", "used-in", heraklion, "used-outcome", "", "used-on", "Monday", "used-again", "perhaps", "used-lang", "en").Sees(t, 422)
	fields := []string{"request", request, "used-in", heraklion, "used-place", "Market street", "used-on", "2026-06-12", "used-outcome", "It **held** through August. [x](javascript:alert)", "used-again", "changed", "used-lang", "en"}
	for range 2 {
		if to := eleni.Post(vines+"/use", fields...).Sees(t, 303).To(); to != vines+"-vines-on-wires#uses" {
			t.Errorf("led to %s", to)
		}
	}
	regula.Get(vines+"-vines-on-wires").Sees(t, 200, "Used once in one city: 1 with changes.", "<strong>held</strong>", "Market street, Heraklion, 12 June 2026", "Eleni Markaki").Misses(t, "javascript:alert", "Change the report")
	regula.Get(vines+"/uses?city=heraklion").Sees(t, 200, `id="use-1"`)
	regula.Get(vines+"/uses?city=london").Sees(t, 200, "There is no report from there.").Misses(t, `id="use-1"`)
	eleni.Get(vines+"/uses/1/edit").Sees(t, 200, "It **held** through August.")
	edit := []string{"revision", "1", "used-in", heraklion, "used-outcome", "It held through October.", "used-again", "yes", "used-lang", "en"}
	eleni.Post(vines+"/uses/1/edit", edit...).Sees(t, 303)
	eleni.Post(vines+"/uses/1/edit", append(edit, "x", "y")...).Sees(t, 409, "It held through October.", `name="revision" value="2"`)
	urs.Get(vines+"/uses/1/edit").Sees(t, 403)
	urs.Post(vines+"/uses/1/remove", "reason", "no").Sees(t, 403)
	eleni.Get(at["Maps disagree"]+"/uses/1/edit").Sees(t, 404)
	eleni.Post(vines+"/uses/1/remove").Sees(t, 303)
	eleni.Get(vines+"/uses").Sees(t, 200, "You removed this report.", "Put it back")
	urs.Get(vines+"/uses").Sees(t, 200).Misses(t, "October", "Put it back")
	eleni.Post(vines+"/uses/1/restore").Sees(t, 303)
	beat.Get(vines+"/uses/1/remove").Sees(t, 200, "Eleni Markaki", "It held through October.")
	beat.Post(vines+"/uses/1/remove", "reason", " ").Sees(t, 422)
	beat.Post(vines+"/uses/1/remove", "reason", "An advertisement.").Sees(t, 303)
	eleni.Get(vines+"/uses").Sees(t, 200, "Removed by a coordinator: An advertisement.").Misses(t, "Put it back")
	eleni.Post(vines+"/uses/1/restore").Sees(t, 303)
	eleni.Get(vines+"/uses").Sees(t, 200, "Removed by a coordinator")
	eleni.Post(at["Only for Basel"]+"/use", fields...).Sees(t, 404)
	regula.Get(at["Only for Basel"]+"-only-for-basel").Sees(t, 200, "Used it here")
}

func TestAProblemIsRelatedBySearchAndByNumber(t *testing.T) {
	t.Parallel()
	s, at := shelf(t)
	problem := at["Maps disagree"]
	regula, eleni := s.As(t, "regula-ammann"), s.As(t, "eleni-markaki")
	n := strings.TrimPrefix(at["Shade over the market street"], "/c/heraklion/repertoire/")
	regula.Get(problem+"-maps-disagree").Sees(t, 200, "Ways of addressing it", "No way of addressing it is named yet.")
	found := regula.Post(problem+"/relate", "act", "seek", "tie-way", "addressed-by", "tie-other", "vines").Sees(t, 200, "Vines on wires", `value="`+at["Vines on wires"]+`"`)
	found.Misses(t, "Only for Basel")
	regula.Post(problem+"/relate", "tie-way", "addressed-by", "tie-other", "vines").Sees(t, 422, "Please say which entry", "Vines on wires")
	regula.Post(problem+"/relate", "tie-way", "addressed-by", "tie-other", "vines", "tie-pick", at["Vines on wires"], "tie-note", "Where <i>trees</i> fail.").Sees(t, 303)
	for typed, status := range map[string]int{"Heraklion E-" + n: 303, "héraklion e-" + n: 303, "Ηράκλειο E-" + n: 303, "Heraklion E-99": 422} {
		regula.Post(problem+"/relate", "tie-way", "addressed-by", "tie-other", typed).Sees(t, status)
	}
	page := regula.Get(problem+"-maps-disagree").Sees(t, 200, "<h3>Methods</h3>", "<h3>Cases</h3>", "Heraklion E-"+n, "Where &lt;i&gt;trees&lt;/i&gt; fail.", "Part from Heraklion E-"+n)
	eleni.Get(at["Shade over the market street"]+"-shade-over-the-market-street").Sees(t, 200, "Problems that it addresses", "Basel E-"+strings.TrimPrefix(problem, "/c/basel/repertoire/"))
	// What is hidden is refused like what is not there, and shown to nobody.
	hidden := eleni.Post(at["Shade over the market street"]+"/relate", "tie-way", "related", "tie-other", at["Only for Basel"]).Sees(t, 422, "There is no such entry that you can open.")
	nothing := eleni.Post(at["Shade over the market street"]+"/relate", "tie-way", "related", "tie-other", "/c/basel/repertoire/9999").Sees(t, 422)
	if strings.ReplaceAll(hidden.Body, at["Only for Basel"], "X") != strings.ReplaceAll(nothing.Body, "/c/basel/repertoire/9999", "X") {
		t.Error("the answers tell what is hidden")
	}
	regula.Post(problem+"/relate", "tie-way", "related", "tie-other", at["Only for Basel"]).Sees(t, 303)
	eleni.Get(problem+"-maps-disagree").Sees(t, 200).Misses(t, "Only for Basel")
	part := regexp.MustCompile(`action="([^"]+/relations/[0-9]+/remove)"`).FindStringSubmatch(page.Body)[1]
	s.As(t, "urs-dettwiler").Post(part).Sees(t, 403)
	regula.Post(part).Sees(t, 303)
	regula.Post(part).Sees(t, 404)
}

func TestAMethodIsAdaptedToAnotherCityWithCredit(t *testing.T) {
	t.Parallel()
	s, at := shelf(t)
	vines, heraklion := at["Vines on wires"], idOf(t, s, "heraklion")
	eleni, regula := s.As(t, "eleni-markaki"), s.As(t, "regula-ammann")
	page := eleni.Get(vines+"/adapt").Sees(t, 200, "What differs here", "Where a tree has no room.", "Stretch the wires.", "Basel E-")
	request := regexp.MustCompile(`name="request" value="([^"]+)"`).FindStringSubmatch(page.Body)[1]
	fields := []string{"request", request, "adapt-in", heraklion, "title", "Vines in salt wind", "use", "Where a tree has no room.", "steps", "Deeper troughs."}
	eleni.Post(vines+"/adapt", fields...).Sees(t, 422, "Deeper troughs.", "Vines in salt wind")
	fields = append(fields, "differs", "Salt wind.")
	to := eleni.Post(vines+"/adapt", fields...).Sees(t, 303).To()
	if again := eleni.Post(vines+"/adapt", fields...).Sees(t, 303).To(); again != to || !strings.HasPrefix(to, "/c/heraklion/repertoire/") {
		t.Errorf("a double click led to %s and %s", to, again)
	}
	eleni.Get(to).Sees(t, 200, "Adapted from", "Regula Ammann", vines, "Deeper troughs.", "Salt wind.")
	regula.Get(to).Sees(t, 404)
	regula.Get(vines+"-vines-on-wires").Sees(t, 200).Misses(t, "Vines in salt wind")
	if _, err := s.DB.Exec(t.Context(), `update item set audience = 1 where title = 'Vines in salt wind'`); err != nil {
		t.Fatal(err)
	}
	regula.Get(vines+"-vines-on-wires").Sees(t, 200, "Adapted elsewhere", "Vines in salt wind", "Salt wind.")
	eleni.Get(at["Only for Basel"]+"/adapt").Sees(t, 404)
	s.As(t, "beat-hollenstein").Get(at["Only for Basel"]+"/adapt").Sees(t, 403) // who could carry it to the umbrella
}
