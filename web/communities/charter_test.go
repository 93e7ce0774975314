package communities_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
)

func TestAYearLaterTheHomeAsksWhetherACommitmentIsStillTrue(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	mia := d.member("Mia", d.basel, "member", community.Stakeholder)
	d.do(`update membership set charter_version = 1`)
	const asks = "is this still true?"
	if strings.Contains(d.get(mia, "/c/basel").Body.String(), asks) {
		t.Error("a fresh commitment is asked after")
	}
	d.do(`update membership set since = $1, renewed_at = $1`, d.now.AddDate(0, -11, 0))
	d.want(d.get(mia, "/c/basel"), http.StatusOK, asks, "shade", "Still true", "/c/basel/join")
	for range 2 {
		d.want(d.post(mia, "/c/basel/renew", url.Values{}), http.StatusSeeOther)
	}
	if strings.Contains(d.get(mia, "/c/basel").Body.String(), asks) {
		t.Error("a renewed commitment is asked after")
	}
	d.do(`update membership set renewed_at = $1`, d.now.AddDate(-1, 0, 0))
	d.want(d.post(mia, "/c/basel/join", commitment("bring", "other maps")), http.StatusSeeOther)
	if strings.Contains(d.get(mia, "/c/basel").Body.String(), asks) {
		t.Error("an edited commitment is asked after")
	}
}

func TestAChangedCharterIsShownAndAgreedToAgain(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora, mia := d.member("Cora", d.basel, "coordinator", community.Stakeholder), d.member("Mia", d.basel, "member", community.Stakeholder)
	d.do(`update membership set charter_version = 1`)
	w := words("1")
	w.Set("charter", "We listen closely.")
	w.Set("charter-note", "How closely we listen.")
	d.want(d.post(cora, "/c/basel/about/edit", w), http.StatusSeeOther)
	d.want(d.post(cora, "/c/basel/about/edit", w), http.StatusSeeOther) // the same form sent twice
	d.want(d.get(mia, "/c/basel"), http.StatusOK, "The charter has changed", "<ins>", "closely", "I agree")
	d.want(d.get(person{}, "/c/basel/about/charter"), http.StatusOK, "Version 2", "How closely we listen.", "Version 1", "<ins>")
	d.want(d.get(person{}, "/c/basel/about/charter?version=1"), http.StatusOK, "We listen.")
	for _, version := range []string{"0", "3", "x", "99999999999999999999"} {
		d.want(d.get(person{}, "/c/basel/about/charter?version="+version), http.StatusNotFound)
	}
	if strings.Contains(d.get(person{}, "/c/basel/about/charter").Body.String(), "Cora") {
		t.Error("a stranger reads who wrote it, although the profile is for members")
	}
	d.want(d.post(mia, "/c/basel/about/charter/agree", url.Values{"version": {"1"}}), http.StatusConflict, "changed again while you were reading")
	d.want(d.get(cora, "/c/basel/about/charter"), http.StatusOK, "0 of 2 members")
	for range 2 {
		d.want(d.post(mia, "/c/basel/about/charter/agree", url.Values{"version": {"2"}}), http.StatusSeeOther)
	}
	if strings.Contains(d.get(mia, "/c/basel").Body.String(), "The charter has changed") {
		t.Error("still asked after agreeing")
	}
	d.want(d.get(cora, "/c/basel/about/charter"), http.StatusOK, "1 of 2 members has agreed")
	d.want(d.get(mia, "/c/basel/about/charter"), http.StatusOK, "You have agreed to version 2")
}
