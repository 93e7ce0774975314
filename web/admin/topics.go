package admin

import (
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

func (h handlers) mountTopics(r chi.Router) {
	r.Get(link.AdminTopics, respond.Handle(h.topics))
	r.Get(link.AdminTopics+"/add", respond.Handle(h.addTopicPage))
	r.Post(link.AdminTopics+"/add", respond.Handle(h.addTopic))
	r.Get(link.AdminTopics+"/{topic}/names", respond.Handle(h.topicPage))
	r.Post(link.AdminTopics+"/{topic}/names", respond.Handle(h.renameTopic))
	r.Post(link.AdminTopics+"/{topic}/move", respond.Handle(h.moveTopic))
	r.Post(link.AdminTopics+"/{topic}/retire", respond.Handle(h.retireTopic))
}

// topics are the page of what entries are about.
type topics []practice.KeptTopic

// shown are those that one may choose, or the others, in their order.
func (all topics) shown(retired bool) (some []practice.KeptTopic) {
	for _, t := range all {
		if t.Retired == retired {
			some = append(some, t)
		}
	}
	return some
}

func (h handlers) topics(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Entries.KeptTopics(r.Context(), visit.Of(r.Context()).Account)
	if err != nil {
		return err
	}
	return respond.OK(w, r, topics(all).page())
}

// topicForm is the names of a topic, as typed. Key is empty for a new one.
type topicForm struct {
	Key        string
	Names, Was practice.TopicNames
	Theirs     practice.TopicNames // what stands now, when somebody was faster
	Problems   ui.Problems
}

func (f topicForm) action() string {
	if f.Key == "" {
		return link.AdminTopics + "/add"
	}
	return topicAt(f.Key, "names")
}

// topicAt is the address of an act on a topic.
func topicAt(key, act string) string { return link.AdminTopics + "/" + key + "/" + act }

func (h handlers) addTopicPage(w http.ResponseWriter, r *http.Request) error {
	return respond.OK(w, r, topicForm{}.page())
}

// namesOf a topic as they stand.
func (h handlers) namesOf(r *http.Request, key string) (practice.TopicNames, error) {
	all, err := h.Entries.KeptTopics(r.Context(), visit.Of(r.Context()).Account)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if t.Key == key {
			return t.Names, nil
		}
	}
	return nil, fmt.Errorf("topic %.40q: %w", key, fault.NotFound)
}

func (h handlers) topicPage(w http.ResponseWriter, r *http.Request) error {
	key := chi.URLParam(r, "topic")
	names, err := h.namesOf(r, key)
	if err != nil {
		return err
	}
	return respond.OK(w, r, topicForm{Key: key, Names: names, Was: names}.page())
}

func (h handlers) addTopic(w http.ResponseWriter, r *http.Request) error {
	return h.writeTopic(w, r, "", "admin.notice.topic-added")
}

func (h handlers) renameTopic(w http.ResponseWriter, r *http.Request) error {
	return h.writeTopic(w, r, chi.URLParam(r, "topic"), "admin.notice.saved")
}

func (h handlers) writeTopic(w http.ResponseWriter, r *http.Request, key, said string) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := topicForm{Key: key, Names: practice.TopicNames{}, Was: practice.TopicNames{}}
	for _, l := range locale.All {
		f.Names[l], f.Was[l] = in.Text("name-"+string(l)), in.Text("was-"+string(l))
	}
	by := visit.Of(r.Context()).Account
	if err = in.Err(); err == nil && key == "" {
		err = h.Entries.AddTopic(r.Context(), by, f.Names)
	} else if err == nil {
		err = h.Entries.RenameTopic(r.Context(), by, key, f.Was, f.Names)
	}
	if _, stale := fault.Stale(err); stale {
		if f.Theirs, err = h.namesOf(r, key); err != nil {
			return err
		}
		f.Was = f.Theirs
		return respond.Page(w, r, http.StatusConflict, f.page())
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.AdminTopics, said)
}

func (h handlers) moveTopic(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Entries.MoveTopic(r.Context(), visit.Of(r.Context()).Account, chi.URLParam(r, "topic"), in.Chosen("to", "up")); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.AdminTopics)
}

func (h handlers) retireTopic(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Entries.RetireTopic(r.Context(), visit.Of(r.Context()).Account, chi.URLParam(r, "topic"), in.Chosen("retired", "yes")); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.AdminTopics)
}
