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
	mia := d.Member("Mia", d.Basel, "member", community.Stakeholder)
	d.Do(`update membership set charter_version = 1`)
	const asks = "is this still true?"
	if strings.Contains(d.Get(mia, "/c/basel").Body.String(), asks) {
		t.Error("a fresh commitment is asked after")
	}
	d.Do(`update membership set since = $1, renewed_at = $1`, d.Now.AddDate(0, -11, 0))
	d.Want(d.Get(mia, "/c/basel"), http.StatusOK, asks, "shade", "Still true", "/c/basel/join")
	for range 2 {
		d.Want(d.Post(mia, "/c/basel/renew", url.Values{}), http.StatusSeeOther)
	}
	if strings.Contains(d.Get(mia, "/c/basel").Body.String(), asks) {
		t.Error("a renewed commitment is asked after")
	}
	d.Do(`update membership set renewed_at = $1`, d.Now.AddDate(-1, 0, 0))
	d.Want(d.Post(mia, "/c/basel/join", commitment("bring", "other maps")), http.StatusSeeOther)
	if strings.Contains(d.Get(mia, "/c/basel").Body.String(), asks) {
		t.Error("an edited commitment is asked after")
	}
}

func TestAChangedCharterIsShownAndAgreedToAgain(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora, mia := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder), d.Member("Mia", d.Basel, "member", community.Stakeholder)
	d.Do(`update membership set charter_version = 1`)
	w := words("1")
	w.Set("charter", "We listen closely.")
	w.Set("charter-note", "How closely we listen.")
	d.Want(d.Post(cora, "/c/basel/about/edit", w), http.StatusSeeOther)
	d.Want(d.Post(cora, "/c/basel/about/edit", w), http.StatusSeeOther) // the same form sent twice
	d.Want(d.Get(mia, "/c/basel"), http.StatusOK, "The charter has changed", "<ins>", "closely", "I agree")
	d.Want(d.Get(person{}, "/c/basel/about/charter"), http.StatusOK, "Version 2", "How closely we listen.", "Version 1", "<ins>")
	d.Want(d.Get(person{}, "/c/basel/about/charter?version=1"), http.StatusOK, "We listen.")
	for _, version := range []string{"0", "3", "x", "99999999999999999999"} {
		d.Want(d.Get(person{}, "/c/basel/about/charter?version="+version), http.StatusNotFound)
	}
	if strings.Contains(d.Get(person{}, "/c/basel/about/charter").Body.String(), "Cora") {
		t.Error("a stranger reads who wrote it, although the profile is for members")
	}
	d.Want(d.Post(mia, "/c/basel/about/charter/agree", url.Values{"version": {"1"}}), http.StatusConflict, "changed again while you were reading")
	d.Want(d.Get(cora, "/c/basel/about/charter"), http.StatusOK, "0 of 2 members")
	for range 2 {
		d.Want(d.Post(mia, "/c/basel/about/charter/agree", url.Values{"version": {"2"}}), http.StatusSeeOther)
	}
	if strings.Contains(d.Get(mia, "/c/basel").Body.String(), "The charter has changed") {
		t.Error("still asked after agreeing")
	}
	d.Want(d.Get(cora, "/c/basel/about/charter"), http.StatusOK, "1 of 2 members has agreed")
	d.Want(d.Get(mia, "/c/basel/about/charter"), http.StatusOK, "You have agreed to version 2")
}
